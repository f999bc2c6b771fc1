#include "app/tray/icons.h"

#include <QCoreApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPixmap>

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

namespace keybearer::tray {
namespace {

using model::Mood;

constexpr double kUnits = 64; // side of the tile that the pictures are drawn in
constexpr QRgb kPageColour = 0xff475569;
constexpr std::array kSizes{16, 22, 24, 32, 48, 64, 128};

/// Paints at any size, from a drawing in kUnits.
class DrawnIcon : public QIconEngine {
public:
    using Draw = std::function<void(QPainter&)>;
    explicit DrawnIcon(Draw draw) : m_draw(std::move(draw)) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const double side = std::min(rect.width(), rect.height());
        painter->translate(rect.center().x() + 0.5 - side / 2 + 0.5, rect.center().y() + 0.5 - side / 2 + 0.5);
        painter->scale(side / kUnits, side / kUnits);
        if (mode == QIcon::Disabled) {
            painter->setOpacity(0.4);
        }
        m_draw(*painter);
        painter->restore();
    }
    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        QPixmap picture(size);
        picture.fill(Qt::transparent);
        QPainter painter(&picture);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        return picture;
    }
    [[nodiscard]] QIconEngine* clone() const override { return new DrawnIcon(m_draw); }
    QList<QSize> availableSizes(QIcon::Mode, QIcon::State) override {
        QList<QSize> sizes;
        for (const int side : kSizes) {
            sizes << QSize(side, side);
        }
        return sizes;
    }
    bool isNull() override { return false; }

private:
    Draw m_draw;
};

QPen whiteLine(double width) {
    return {Qt::white, width, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin};
}

void drawTile(QPainter& painter, const QColor& colour) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour);
    painter.drawRoundedRect(QRectF(2, 2, 60, 60), 14, 14);
    painter.setBrush(Qt::NoBrush);
}

void drawKey(QPainter& painter) {
    painter.setPen(whiteLine(7));
    painter.drawEllipse(QRectF(12, 22, 20, 20));
    painter.drawLine(QPointF(32, 32), QPointF(53, 32));
    painter.drawLine(QPointF(51, 32), QPointF(51, 42));
    painter.drawLine(QPointF(41, 32), QPointF(41, 39));
}

void drawPadlock(QPainter& painter) {
    painter.setPen(whiteLine(7));
    QPainterPath shackle(QPointF(21, 32));
    shackle.lineTo(21, 24);
    shackle.arcTo(QRectF(21, 12, 22, 24), 180, -180);
    shackle.lineTo(43, 32);
    painter.drawPath(shackle);
    painter.setPen(Qt::NoPen);
    painter.setBrush(Qt::white);
    painter.drawRoundedRect(QRectF(15, 30, 34, 22), 5, 5);
}

void drawBars(QPainter& painter) {
    painter.setPen(whiteLine(9));
    painter.drawLine(QPointF(24, 19), QPointF(24, 45));
    painter.drawLine(QPointF(40, 19), QPointF(40, 45));
}

/// "!" or "?", of lines: a font would look different on each machine, and blurred in 16 pixels.
void drawExclamation(QPainter& painter) {
    painter.setPen(whiteLine(9));
    painter.drawLine(QPointF(32, 14), QPointF(32, 35));
    painter.drawPoint(QPointF(32, 49));
}

void drawQuestionMark(QPainter& painter) {
    painter.setPen(whiteLine(8));
    QPainterPath mark(QPointF(21, 23));
    mark.cubicTo(QPointF(21, 9), QPointF(44, 9), QPointF(43, 23));
    mark.cubicTo(QPointF(43, 31), QPointF(32, 30), QPointF(32, 38));
    painter.drawPath(mark);
    painter.drawPoint(QPointF(32, 50));
}

void drawGone(QPainter& painter) {
    // An outline that shows on light and on dark, with nothing inside.
    painter.setPen(QPen(QColor(0x7f, 0x88, 0x92), 6));
    painter.drawRoundedRect(QRectF(6, 6, 52, 52), 12, 12);
    painter.drawLine(QPointF(20, 44), QPointF(44, 20));
}

void drawCheckMark(QPainter& painter) {
    painter.setPen(whiteLine(8));
    painter.drawPolyline(QPolygonF({QPointF(17, 33), QPointF(28, 44), QPointF(47, 21)}));
}

void drawCross(QPainter& painter) {
    painter.setPen(whiteLine(8));
    painter.drawLine(QPointF(20, 20), QPointF(44, 44));
    painter.drawLine(QPointF(44, 20), QPointF(20, 44));
}

void drawSliders(QPainter& painter) {
    painter.setPen(whiteLine(5));
    painter.drawLine(QPointF(14, 22), QPointF(50, 22));
    painter.drawLine(QPointF(14, 42), QPointF(50, 42));
    painter.setPen(Qt::NoPen);
    painter.setBrush(Qt::white);
    painter.drawEllipse(QPointF(40, 22), 8, 8);
    painter.drawEllipse(QPointF(24, 42), 8, 8);
}

QIcon tileIcon(QRgb colour, void (*sign)(QPainter&)) {
    return QIcon(new DrawnIcon([colour, sign](QPainter& painter) {
        drawTile(painter, QColor::fromRgb(colour));
        sign(painter);
    }));
}

struct MoodLook {
    Mood mood;
    QRgb colour;
    void (*sign)(QPainter&);
    const char* text;
};
constexpr std::array kLooks{
    MoodLook{Mood::Gone, 0, drawGone, QT_TRANSLATE_NOOP("Mood", "The broker is not running")},
    MoodLook{Mood::Locked, 0xff475569, drawPadlock, QT_TRANSLATE_NOOP("Mood", "Locked")},
    MoodLook{Mood::Question, 0xff2563eb, drawQuestionMark, QT_TRANSLATE_NOOP("Mood", "A program asks for something")},
    MoodLook{Mood::SignIn, 0xffb45309, drawExclamation, QT_TRANSLATE_NOOP("Mood", "A sign-in is needed")},
    MoodLook{Mood::Paused, 0xff475569, drawBars, QT_TRANSLATE_NOOP("Mood", "Paused: no program gets anything")},
    MoodLook{Mood::Well, 0xff0f766e, drawKey, QT_TRANSLATE_NOOP("Mood", "All is well")},
};

/// Dark enough for white letters: 4.5 to 1 (WCAG 2.1, 1.4.3).
constexpr std::array<QRgb, 12> kLetterTiles{0x9a3412, 0x92400e, 0x4d7c0f, 0x15803d, 0x0f766e, 0x0369a1,
                                            0x1d4ed8, 0x4338ca, 0x6d28d9, 0xa21caf, 0xbe185d, 0xb91c1c};

const MoodLook& lookOf(Mood mood) {
    return *std::ranges::find(kLooks, mood, &MoodLook::mood);
}

} // namespace

QIcon moodIcon(Mood mood) {
    return QIcon(new DrawnIcon([&look = lookOf(mood)](QPainter& painter) {
        if (look.colour != 0) {
            drawTile(painter, QColor::fromRgba(look.colour));
        }
        look.sign(painter);
    }));
}

QString moodText(Mood mood) {
    return QCoreApplication::translate("Mood", lookOf(mood).text);
}

QIcon resultIcon(const QString& result) {
    return result == u"ok"     ? tileIcon(0x15803d, drawCheckMark)
           : result == u"warn" ? tileIcon(0xb45309, drawExclamation)
                               : tileIcon(0xb91c1c, drawCross);
}

QIcon settingsIcon() {
    return tileIcon(kPageColour, drawSliders);
}

QIcon keyIcon() {
    return tileIcon(kPageColour, drawKey);
}

QIcon pageIcon(std::function<void(QPainter&)> draw) {
    return drawnIcon([draw = std::move(draw)](QPainter& painter) {
        drawTile(painter, QColor::fromRgb(kPageColour));
        painter.setPen(whiteLine(4));
        painter.translate(kUnits / 8, kUnits / 8);
        painter.scale(0.75, 0.75);
        draw(painter);
    });
}

QIcon drawnIcon(std::function<void(QPainter&)> draw) {
    return QIcon(new DrawnIcon(std::move(draw)));
}

QIcon letterIcon(const QString& name) {
    const QString letter = name.left(1).toUpper();
    const QRgb colour = kLetterTiles.at(qHash(name, 0) % kLetterTiles.size());
    return QIcon(new DrawnIcon([letter, colour](QPainter& painter) {
        drawTile(painter, QColor::fromRgb(colour));
        QFont font = painter.font();
        font.setPixelSize(36);
        font.setBold(true);
        painter.setFont(font);
        painter.setPen(Qt::white);
        painter.drawText(QRectF(0, 0, kUnits, kUnits), Qt::AlignCenter, letter);
    }));
}

} // namespace keybearer::tray
