// The pictures: crisp, told apart without colours, and legible on any panel.
#include "app/tray/icons.h"
#include "tests/unit/contrast.h"

#include <QImage>
#include <QPixmap>
#include <QTest>

using namespace keybearer;
using model::Mood;
using test::contrast;

namespace {

const QList<Mood> kMoods{Mood::Gone, Mood::Locked, Mood::Question, Mood::SignIn, Mood::Paused, Mood::Well};
const QList<int> kSides{16, 22, 24, 32, 48, 64};

QImage pictureOf(const QIcon& icon, int side) {
    return icon.pixmap(side).toImage().convertToFormat(QImage::Format_ARGB32);
}

/// What a person sees who sees no colours: white, or not, on a panel of middle grey.
QImage inBlackAndWhite(const QImage& picture) {
    QImage out(picture.size(), QImage::Format_Grayscale8);
    for (int y = 0; y < picture.height(); ++y) {
        for (int x = 0; x < picture.width(); ++x) {
            const QRgb pixel = picture.pixel(x, y);
            const bool isWhite = qAlpha(pixel) > 128 && qGray(pixel) > 170;
            const bool isTile = qAlpha(pixel) > 128 && !isWhite;
            out.setPixel(x, y, isWhite ? qRgb(255, 255, 255) : isTile ? qRgb(0, 0, 0) : qRgb(128, 128, 128));
        }
    }
    return out;
}

int differentPixels(const QImage& one, const QImage& other) {
    int different = 0;
    for (int y = 0; y < one.height(); ++y) {
        for (int x = 0; x < one.width(); ++x) {
            different += one.pixel(x, y) != other.pixel(x, y) ? 1 : 0;
        }
    }
    return different;
}

} // namespace

class TestIcons : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void eachMoodHasAShapeOfItsOwn_data() {
        QTest::addColumn<int>("side");
        for (const int side : kSides) {
            QTest::addRow("%d pixels", side) << side;
        }
    }
    void eachMoodHasAShapeOfItsOwn() {
        QFETCH(const int, side);
        for (const Mood one : kMoods) {
            const QImage picture = inBlackAndWhite(pictureOf(tray::moodIcon(one), side));
            QCOMPARE(picture.size(), QSize(side, side));
            for (const Mood other : kMoods) {
                if (one != other) {
                    // A twentieth of the picture: a glance is enough.
                    QVERIFY(20 * differentPixels(picture, inBlackAndWhite(pictureOf(tray::moodIcon(other), side))) >
                            side * side);
                }
            }
        }
    }

    void theWholeSquareIsUsed() {
        for (const int side : kSides) {
            const QImage picture = pictureOf(tray::moodIcon(Mood::Well), side);
            QVERIFY(qAlpha(picture.pixel(side / 2, side / 12)) > 200);
            QVERIFY(qAlpha(picture.pixel(side / 2, side - 1 - side / 12)) > 200);
            QCOMPARE(qAlpha(picture.pixel(0, 0)), 0);
        }
    }

    void signsAreLegibleOnTheirTiles() { // WCAG 2.1, 1.4.11: 3 to 1 for pictures
        for (const Mood mood : kMoods) {
            const QImage picture = pictureOf(tray::moodIcon(mood), 64);
            const QColor tile(picture.pixelColor(5, 32));
            if (mood != Mood::Gone) {
                QVERIFY2(contrast(tile, Qt::white) >= 3, qPrintable(tile.name()));
            }
        }
    }

    /// Where there is no tile, the lines show on a light panel and on a dark one.
    void theOutlineShowsOnAnyPanel() {
        const QColor line(pictureOf(tray::moodIcon(Mood::Gone), 64).pixelColor(6, 32));
        QVERIFY(contrast(line, QColor(0xf0, 0xf0, 0xf0)) >= 3);
        QVERIFY(contrast(line, QColor(0x20, 0x20, 0x20)) >= 3);
    }

    void panelsAreToldTheSizes() {
        const QList<QSize> sizes = tray::moodIcon(Mood::Well).availableSizes();
        for (const int side : kSides) {
            QVERIFY(sizes.contains(QSize(side, side)));
        }
    }

    void lettersAreLegible() { // WCAG 2.1, 1.4.3: 4.5 to 1 for text
        for (int i = 0; i < 400; ++i) {
            const QImage picture = pictureOf(tray::letterIcon(QStringLiteral("A%1").arg(i)), 64);
            const QColor tile = picture.pixelColor(5, 32);
            QVERIFY2(contrast(tile, Qt::white) >= 4.5, qPrintable(tile.name()));
        }
    }

    void aNameAlwaysHasTheSameColour() {
        QCOMPARE(pictureOf(tray::letterIcon(QStringLiteral("GitHub")), 32),
                 pictureOf(tray::letterIcon(QStringLiteral("GitHub")), 32));
    }

    void eachMoodHasWords() {
        QSet<QString> words;
        for (const Mood mood : kMoods) {
            words.insert(tray::moodText(mood));
        }
        QCOMPARE(words.size(), kMoods.size());
    }
};

QTEST_MAIN(TestIcons)
#include "tst_icons.moc"
