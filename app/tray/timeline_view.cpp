#include "app/tray/timeline_view.h"

#include "app/tray/marks.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStyleOptionFocusRect>
#include <QToolTip>

#include <algorithm>
#include <cstdlib>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;
using model::AuditRow;
using model::TimelineMark;

constexpr int kTextsInTip = 5;   // rows of a mark that are told one by one
constexpr int kLeastTickGap = 9; // widths of a digit between two labels of the scale
constexpr int kLanesShown = 6;   // without scrolling, as a wish

} // namespace

TimelineView::TimelineView(QWidget* parent) : QAbstractScrollArea(parent) {
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setBackgroundRole(QPalette::Base);
    viewport()->setMouseTracking(true);
    setAccessibleName(tr("Timeline"));
    setAccessibleDescription(tr("Arrow keys go from use to use"));
}

void TimelineView::setRows(std::vector<AuditRow> rows, model::TimeSpan span) {
    const auto before = current();
    const std::int64_t looked = before.empty() ? 0 : before.back()->sequence;
    m_rows = std::move(rows);
    m_span = span;
    m_place.reset();
    layOut();
    if (const auto place = placeOf(looked)) {
        m_place = place;
    } else if (looked != 0) {
        look({});
    }
}

void TimelineView::setCredentials(QStringList credentials) {
    m_credentials = std::move(credentials);
    viewport()->update();
}

std::vector<const AuditRow*> TimelineView::current() const {
    std::vector<const AuditRow*> rows;
    if (m_place) {
        for (const std::size_t row : markAt(*m_place).rows) {
            rows.push_back(&m_rows[row]);
        }
    }
    return rows;
}

void TimelineView::setCurrent(std::int64_t sequence) {
    if (const auto place = placeOf(sequence)) {
        look(place);
    }
}

/// Everything is in the font's measure, so that it is right in large ones.
int TimelineView::markSide() const {
    return fontMetrics().height() * 3 / 4;
}

int TimelineView::laneHeight() const {
    return fontMetrics().height() + markSide();
}

int TimelineView::scaleHeight() const {
    return fontMetrics().height() * 3 / 2;
}

QRect TimelineView::plot() const {
    const int gap = markSide();
    const QRect all(gap, scaleHeight(), viewport()->width() - 2 * gap, viewport()->height() - scaleHeight());
    return isRightToLeft() ? all.adjusted(0, 0, -m_labelWidth, 0) : all.adjusted(m_labelWidth, 0, 0, 0);
}

int TimelineView::screenX(int x) const {
    return isRightToLeft() ? plot().right() - x : plot().left() + x;
}

QRect TimelineView::laneRect(std::size_t lane) const {
    const int top = scaleHeight() + static_cast<int>(lane) * laneHeight() - verticalScrollBar()->value();
    return {0, top, viewport()->width(), laneHeight()};
}

const TimelineMark& TimelineView::markAt(Place place) const {
    return m_timeline.lanes[place.lane].marks[place.mark];
}

/// What was refused stands lower than what was not.
QRect TimelineView::markRect(Place place) const {
    const TimelineMark& mark = markAt(place);
    const QRect lane = laneRect(place.lane);
    const int side = markSide();
    const int y = lane.center().y() + (mark.isRefused ? side / 2 : -side / 2);
    return {screenX(mark.x) - side / 2, y - side / 2, side, side};
}

void TimelineView::layOut() {
    const auto looked = m_place ? std::optional(m_rows[markAt(*m_place).rows.back()].sequence) : std::nullopt;
    m_place.reset();
    // The names are as wide as they need, up to a third; which names there are does not hang on the width.
    m_timeline = model::timelineOf(m_rows, m_span, 1, 1);
    int widest = 0;
    for (const model::TimelineLane& lane : m_timeline.lanes) {
        widest = std::max(widest, fontMetrics().horizontalAdvance(lane.program) + markSide());
    }
    m_labelWidth = std::min(widest, viewport()->width() / 3);
    m_timeline = model::timelineOf(m_rows, m_span, plot().width(), std::max(1, markSide() / 2));
    const int height = scaleHeight() + static_cast<int>(m_timeline.lanes.size()) * laneHeight();
    verticalScrollBar()->setRange(0, std::max(0, height - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(laneHeight());
    if (looked) {
        m_place = placeOf(*looked);
    }
    viewport()->update();
}

void TimelineView::paintEvent(QPaintEvent*) {
    QPainter painter(viewport());
    painter.setFont(font());
    if (m_timeline.lanes.empty()) {
        painter.setPen(palette().color(QPalette::PlaceholderText));
        painter.drawText(viewport()->rect(), Qt::AlignCenter | Qt::TextWordWrap, tr("Nothing was used in this time"));
        return;
    }
    for (std::size_t lane = 0; lane < m_timeline.lanes.size(); ++lane) {
        const QRect rect = laneRect(lane);
        if (rect.bottom() >= scaleHeight() && rect.top() <= viewport()->height()) {
            paintLane(painter, lane);
        }
    }
    paintScale(painter);
}

void TimelineView::paintScale(QPainter& painter) const {
    const QRect strip(0, 0, viewport()->width(), scaleHeight());
    painter.fillRect(strip, palette().color(QPalette::Base));
    const int gap = fontMetrics().horizontalAdvance(u'0') * kLeastTickGap;
    const int most = std::clamp(plot().width() / std::max(1, gap), 1, 100);
    QColor line = palette().color(QPalette::Text);
    line.setAlphaF(0.15F);
    for (const model::TimeTick& tick : model::ticksOf(m_span, most, QTimeZone::systemTimeZone())) {
        const int x = screenX(model::pixelOf(tick.time, m_span, plot().width()));
        painter.setPen(line);
        painter.drawLine(x, strip.bottom() - markSide() / 2, x, viewport()->height());
        const int width = fontMetrics().horizontalAdvance(tick.label);
        const int left = std::clamp(x - width / 2, 0, std::max(0, viewport()->width() - width));
        painter.setPen(palette().color(QPalette::Text));
        painter.drawText(left, fontMetrics().ascent() + 1, tick.label);
    }
}

void TimelineView::paintLane(QPainter& painter, std::size_t lane) const {
    const QRect rect = laneRect(lane);
    if (lane % 2 == 1) {
        painter.fillRect(rect, palette().color(QPalette::AlternateBase));
    }
    const int gap = markSide();
    const QRect label(isRightToLeft() ? rect.width() - m_labelWidth - gap / 2 : gap / 2, rect.top(), m_labelWidth,
                      rect.height());
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(
        label, Qt::AlignVCenter | Qt::AlignLeading,
        fontMetrics().elidedText(m_timeline.lanes[lane].program, Qt::ElideMiddle, label.width() - gap / 2));
    for (std::size_t i = 0; i < m_timeline.lanes[lane].marks.size(); ++i) {
        const TimelineMark& mark = m_timeline.lanes[lane].marks[i];
        const int credential = mark.credential == TimelineMark::kSeveral
                                   ? TimelineMark::kSeveral
                                   : static_cast<int>(m_credentials.indexOf(m_timeline.credentials[mark.credential]));
        paintMark(painter, markRect({lane, i}), {credential, mark.isRefused, mark.isUnusual}, palette());
    }
    if (m_place && m_place->lane == lane) {
        QStyleOptionFocusRect option;
        option.initFrom(this);
        option.rect = markRect(*m_place).adjusted(-2, -2, 2, 2);
        painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(option.rect);
        if (hasFocus()) {
            style()->drawPrimitive(QStyle::PE_FrameFocusRect, &option, &painter, this);
        }
    }
}

void TimelineView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    layOut();
}

void TimelineView::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange ||
        event->type() == QEvent::LayoutDirectionChange) {
        layOut();
    }
}

std::optional<std::size_t> TimelineView::laneAt(QPoint point) const {
    const int y = point.y() - scaleHeight() + verticalScrollBar()->value();
    const auto lane = static_cast<std::size_t>(std::max(0, y) / laneHeight());
    return point.y() >= scaleHeight() && lane < m_timeline.lanes.size() ? std::optional(lane) : std::nullopt;
}

/// The nearest one, within a mark's width.
std::optional<TimelineView::Place> TimelineView::placeAt(QPoint point) const {
    std::optional<Place> best;
    int nearest = markSide();
    const auto lane = laneAt(point);
    for (std::size_t i = 0; lane && i < m_timeline.lanes[*lane].marks.size(); ++i) {
        const int distance = (markRect({*lane, i}).center() - point).manhattanLength();
        if (distance <= nearest) {
            nearest = distance;
            best = Place{*lane, i};
        }
    }
    return best;
}

std::optional<TimelineView::Place> TimelineView::placeOf(std::int64_t sequence) const {
    for (std::size_t lane = 0; lane < m_timeline.lanes.size(); ++lane) {
        for (std::size_t i = 0; i < m_timeline.lanes[lane].marks.size(); ++i) {
            const auto& rows = m_timeline.lanes[lane].marks[i].rows;
            if (std::ranges::any_of(rows, [&](std::size_t row) { return m_rows[row].sequence == sequence; })) {
                return Place{lane, i};
            }
        }
    }
    return {};
}

QString TimelineView::textOf(Place place) const {
    const std::vector<std::size_t>& rows = markAt(place).rows;
    if (rows.size() == 1) {
        return model::detailsOf(m_rows[rows.front()]);
    }
    QStringList lines{tr("%n use(s)", nullptr, static_cast<int>(rows.size()))};
    for (std::size_t i = rows.size(); i > 0 && lines.size() <= kTextsInTip; --i) {
        lines << model::summaryOf(m_rows[rows[i - 1]]);
    }
    return lines.join(u'\n');
}

/// Where a key leads: in a lane from mark to mark, and to the mark of another lane that is nearest in time.
std::optional<TimelineView::Place> TimelineView::next(int key) const {
    if (m_timeline.lanes.empty()) {
        return {};
    }
    if (!m_place) {
        return Place{0, m_timeline.lanes[0].marks.size() - 1};
    }
    Place place = *m_place;
    const std::size_t last = m_timeline.lanes[place.lane].marks.size() - 1;
    const bool isForward = (key == Qt::Key_Right) != isRightToLeft();
    switch (key) {
    case Qt::Key_Left:
    case Qt::Key_Right:
        place.mark = isForward ? std::min(last, place.mark + 1) : place.mark - (place.mark == 0 ? 0 : 1);
        return place;
    case Qt::Key_Home: return Place{place.lane, 0};
    case Qt::Key_End: return Place{place.lane, last};
    default: break;
    }
    const std::size_t lane = key == Qt::Key_Down ? std::min(m_timeline.lanes.size() - 1, place.lane + 1)
                                                 : place.lane - (place.lane == 0 ? 0 : 1);
    if (lane == place.lane) {
        return place;
    }
    const auto& marks = m_timeline.lanes[lane].marks;
    const auto nearest = std::ranges::min_element(
        marks, {}, [x = markAt(place).x](const TimelineMark& mark) { return std::abs(mark.x - x); });
    return Place{lane, static_cast<std::size_t>(nearest - marks.begin())};
}

void TimelineView::look(std::optional<Place> place) {
    m_place = place;
    setAccessibleDescription(place ? textOf(*place) : tr("Arrow keys go from use to use"));
    if (place) {
        const QRect lane = laneRect(place->lane);
        const int above = scaleHeight() - lane.top();
        const int below = lane.bottom() - viewport()->height() + 1;
        verticalScrollBar()->setValue(verticalScrollBar()->value() + (above > 0 ? -above : std::max(0, below)));
    }
    QAccessibleEvent told(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&told);
    viewport()->update();
    Q_EMIT currentChanged();
}

void TimelineView::wantProgram(std::size_t lane) {
    Q_EMIT programWanted(m_timeline.lanes[lane].client, m_timeline.lanes[lane].program);
}

void TimelineView::keyPressEvent(QKeyEvent* event) {
    switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_Home:
    case Qt::Key_End: look(next(event->key())); return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_place) {
            wantProgram(m_place->lane);
            return;
        }
        break;
    default: break;
    }
    QAbstractScrollArea::keyPressEvent(event);
}

void TimelineView::mousePressEvent(QMouseEvent* event) {
    if (const auto place = placeAt(event->pos())) {
        look(place);
    }
}

void TimelineView::mouseDoubleClickEvent(QMouseEvent* event) {
    if (const auto lane = laneAt(event->pos())) {
        wantProgram(*lane);
    }
}

void TimelineView::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void TimelineView::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

bool TimelineView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const auto place = placeAt(help->pos());
        const QString text = place ? textOf(*place).toHtmlEscaped().replace(u'\n', u"<br>"_s) : QString();
        QToolTip::showText(help->globalPos(), text, viewport());
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

QSize TimelineView::sizeHint() const {
    return {fontMetrics().averageCharWidth() * 80, scaleHeight() + kLanesShown * laneHeight()};
}

QSize TimelineView::minimumSizeHint() const {
    return {fontMetrics().averageCharWidth() * 30, scaleHeight() + 2 * laneHeight()};
}

} // namespace keybearer::tray
