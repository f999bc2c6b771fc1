#include "app/tray/explain_view.h"

#include <QDialogButtonBox>
#include <QFontMetrics>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QStyle>
#include <QVBoxLayout>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr int kUsualWidth = 34;       // ems
constexpr QSize kExplainSize{34, 26}; // heights of a line of text
constexpr int kTextFlags = Qt::TextWordWrap | Qt::AlignTop;

} // namespace

ExplainView::ExplainView(QWidget* parent) : QWidget(parent) {
    setObjectName(u"explainChain"_s);
    setAccessibleName(tr("Where it comes from"));
    setFocusPolicy(Qt::StrongFocus); // so that a screen reader gets to it
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void ExplainView::setChain(const model::Chain& chain) {
    m_chain = chain;
    setAccessibleDescription(model::chainText(chain));
    updateGeometry();
    update();
}

QFont ExplainView::fontOf(Mark mark) const {
    QFont used = font();
    used.setBold(mark == Mark::Layer || mark == Mark::Taken);
    used.setStrikeOut(mark == Mark::Hidden);
    return used;
}

QList<ExplainView::Line> ExplainView::linesFor(int width) const {
    const int em = fontMetrics().height();
    QList<Line> lines;
    int y = em / 2;
    const auto add = [&](Mark mark, const QString& text, int indent) {
        const int left = indent + em + em / 2;
        const QRect room(left, y, qMax(em, width - left - em / 2), INT_MAX / 2);
        const QRect box = QFontMetrics(fontOf(mark)).boundingRect(room, kTextFlags, text);
        lines << Line{mark, text, QRect(room.left(), y, room.width(), box.height()), QRect(indent, y, em, em)};
        y += box.height() + em / 4;
    };
    for (const model::ChainLayer& layer : m_chain.layers) {
        add(layer.isTakenFrom() ? Mark::Layer : Mark::EmptyLayer,
            layer.note.isEmpty() ? layer.name : tr("%1: %2").arg(layer.name, layer.note), em / 2);
        for (const model::ChainEntry& entry : layer.entries) {
            const Mark mark = entry.fate == model::ChainEntry::Fate::Taken    ? Mark::Taken
                              : entry.fate == model::ChainEntry::Fate::Hidden ? Mark::Hidden
                                                                              : Mark::PassedOver;
            add(mark, tr("%1 %2").arg(entry.field, entry.text), 2 * em + em / 2);
        }
        y += em / 4;
    }
    return lines;
}

int ExplainView::heightForWidth(int width) const {
    const QList<Line> lines = linesFor(width);
    return (lines.isEmpty() ? 0 : lines.back().box.bottom()) + fontMetrics().height();
}

QSize ExplainView::sizeHint() const {
    const int width = kUsualWidth * fontMetrics().horizontalAdvance(u'm');
    return {width, heightForWidth(width)};
}

void ExplainView::paintMark(QPainter& painter, Mark mark, const QRect& box) const {
    const double thickness = qMax(1.5, box.width() / 10.0);
    const QRectF dot =
        QRectF(box).adjusted(box.width() * 0.2, box.height() * 0.2, -box.width() * 0.2, -box.height() * 0.2);
    painter.setPen(QPen(palette().color(QPalette::WindowText), thickness, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(palette().color(QPalette::Window));
    switch (mark) {
    case Mark::EmptyLayer: painter.drawEllipse(dot); break;
    case Mark::Layer:
        painter.setBrush(palette().color(QPalette::WindowText));
        painter.drawEllipse(dot);
        break;
    case Mark::Taken:
        painter.setPen(
            QPen(palette().color(QPalette::WindowText), thickness * 1.4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter.drawPolyline(QPolygonF{{QPointF(dot.left(), dot.center().y()),
                                        QPointF(dot.center().x() - dot.width() * 0.1, dot.bottom()), dot.topRight()}});
        break;
    case Mark::Hidden:
        painter.drawLine(QPointF(dot.left(), dot.center().y()), QPointF(dot.right(), dot.center().y()));
        break;
    case Mark::PassedOver:
        painter.drawLine(dot.topLeft(), dot.bottomRight());
        painter.drawLine(dot.bottomLeft(), dot.topRight());
        break;
    }
}

void ExplainView::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QList<Line> lines = linesFor(width());
    const auto placed = [this](const QRect& box) { return QStyle::visualRect(layoutDirection(), rect(), box); };
    const auto isLayer = [](const Line& line) { return line.mark == Mark::Layer || line.mark == Mark::EmptyLayer; };
    const Line* above = nullptr;
    for (const Line& line : lines) {
        if (!isLayer(line)) {
            continue;
        }
        if (above != nullptr) {
            painter.setPen(QPen(palette().color(QPalette::Mid), qMax(1.0, line.sign.width() / 12.0)));
            painter.drawLine(QRectF(placed(above->sign)).center(), QRectF(placed(line.sign)).center());
        }
        above = &line;
    }
    const Qt::Alignment leading = QStyle::visualAlignment(layoutDirection(), Qt::AlignLeading);
    for (const Line& line : lines) {
        paintMark(painter, line.mark, placed(line.sign));
        painter.setPen(palette().color(QPalette::WindowText));
        painter.setFont(fontOf(line.mark));
        painter.drawText(placed(line.box), kTextFlags | static_cast<int>(leading), line.text);
    }
}

QDialog* explainDialog(const model::Chain& chain, QWidget* parent) {
    auto* dialog = new QDialog(parent);
    dialog->setObjectName(u"explain"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(ExplainView::tr("Where it comes from: %1").arg(chain.title));
    auto* verdict = new QLabel((QStringList{chain.verdict} + chain.warnings).join(u'\n'));
    verdict->setObjectName(u"explainVerdict"_s);
    verdict->setTextFormat(Qt::PlainText);
    verdict->setWordWrap(true);
    verdict->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto* view = new ExplainView;
    view->setChain(chain);
    auto* area = new QScrollArea;
    area->setWidget(view);
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // lines are wrapped
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    auto* all = new QVBoxLayout(dialog);
    all->addWidget(verdict);
    all->addWidget(area, 1);
    all->addWidget(buttons);
    dialog->resize(kExplainSize * dialog->fontMetrics().height());
    return dialog;
}

} // namespace keybearer::tray
