#include "app/tray/marks.h"

#include "app/tray/icons.h"

#include <QGuiApplication>
#include <QPainterPath>

#include <array>

namespace keybearer::tray {
namespace {

constexpr double kTile = 64;
constexpr int kShapes = 4;
constexpr std::array kHues{210, 25, 285, 150, 340}; // as many as have no divisor in common with the shapes

QColor markColour(int credential, const QPalette& palette) {
    if (credential < 0) {
        return palette.color(QPalette::Text);
    }
    const bool isDark = palette.color(QPalette::Base).lightness() < 128;
    const int hue = kHues[static_cast<std::size_t>(credential) % kHues.size()];
    return QColor::fromHsl(hue, isDark ? 190 : 200, isDark ? 165 : 88); // 3 to 1 and more on either (WCAG 2.1, 1.4.11)
}

QPainterPath markShape(int credential, const QRectF& box) {
    QPainterPath path;
    if (credential < 0) { // two bars: more than one
        const double bar = box.width() * 0.38;
        path.addRect(QRectF(box.topLeft(), QSizeF(bar, box.height())));
        path.addRect(QRectF(box.right() - bar, box.top(), bar, box.height()));
        return path;
    }
    const QPointF middle = box.center();
    switch (credential % kShapes) {
    case 0: path.addEllipse(box); break;
    case 1:
        path.addRect(box.adjusted(box.width() * 0.06, box.height() * 0.06, -box.width() * 0.06, -box.height() * 0.06));
        break;
    case 2:
        path.addPolygon(QPolygonF({{middle.x(), box.top()},
                                   {box.right(), middle.y()},
                                   {middle.x(), box.bottom()},
                                   {box.left(), middle.y()}}));
        break;
    default: path.addPolygon(QPolygonF({{middle.x(), box.top()}, box.bottomRight(), box.bottomLeft()})); break;
    }
    path.closeSubpath();
    return path;
}

void drawLanes(QPainter& painter) {
    for (const int y : {16, 32, 48}) {
        painter.drawLine(QPointF(8, y), QPointF(56, y));
    }
    painter.setBrush(painter.pen().brush());
    for (const QPointF& dot : {QPointF(20, 16), QPointF(44, 16), QPointF(32, 32), QPointF(16, 48), QPointF(48, 48)}) {
        painter.drawEllipse(dot, 4, 4);
    }
}

void drawCalendar(QPainter& painter) {
    painter.drawRoundedRect(QRectF(9, 14, 46, 42), 5, 5);
    painter.drawLine(QPointF(9, 26), QPointF(55, 26));
    painter.drawLine(QPointF(21, 8), QPointF(21, 18));
    painter.drawLine(QPointF(43, 8), QPointF(43, 18));
    painter.setBrush(painter.pen().brush());
    painter.drawRect(QRectF(36, 38, 8, 8));
}

} // namespace

void paintMark(QPainter& painter, const QRectF& square, const Mark& mark, const QPalette& palette) {
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor colour = markColour(mark.credential, palette);
    const double side = square.width();
    const QRectF box = square.adjusted(side * 0.18, side * 0.18, -side * 0.18, -side * 0.18);
    const QPen pen(colour, side * 0.1, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    if (mark.isRefused) { // hollow, and crossed out
        painter.setPen(pen);
        painter.drawPath(markShape(mark.credential, box));
        painter.setPen(QPen(palette.color(QPalette::Text), side * 0.12, Qt::SolidLine, Qt::RoundCap));
        painter.drawLine(box.topLeft(), box.bottomRight());
        painter.drawLine(box.topRight(), box.bottomLeft());
    } else {
        painter.setPen(Qt::NoPen);
        painter.setBrush(colour);
        painter.drawPath(markShape(mark.credential, box));
    }
    if (mark.isUnusual) {
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(palette.color(QPalette::Text), side * 0.08));
        painter.drawEllipse(square.adjusted(side * 0.04, side * 0.04, -side * 0.04, -side * 0.04));
    }
    painter.restore();
}

QIcon markIcon(const Mark& mark) {
    return drawnIcon([mark](QPainter& painter) {
        paintMark(painter, QRectF(0, 0, kTile, kTile), mark, QGuiApplication::palette());
    });
}

QIcon activityIcon() {
    return pageIcon(drawLanes);
}

QIcon forecastIcon() {
    return pageIcon(drawCalendar);
}

} // namespace keybearer::tray
