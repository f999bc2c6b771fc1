#include "app/tray/color_scheme.h"
#include "tests/unit/contrast.h"

#include <QApplication>
#include <QTest>

using namespace keybearer;
using test::contrast;

namespace {

void say(tray::ColorScheme& scheme, const QVariant& value, const char* key = "color-scheme") {
    QMetaObject::invokeMethod(&scheme, "settingChanged", Q_ARG(QString, QStringLiteral("org.freedesktop.appearance")),
                              Q_ARG(QString, QLatin1String(key)), Q_ARG(QDBusVariant, QDBusVariant(value)));
}

bool isDarkNow() {
    return QApplication::palette().color(QPalette::Window).lightness() < 128;
}

} // namespace

class TestColorScheme : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theDarkColoursAreLegible_data() {
        QTest::addColumn<int>("ground");
        QTest::addColumn<int>("text");
        QTest::newRow("window") << int(QPalette::Window) << int(QPalette::WindowText);
        QTest::newRow("input") << int(QPalette::Base) << int(QPalette::Text);
        QTest::newRow("list") << int(QPalette::AlternateBase) << int(QPalette::Text);
        QTest::newRow("button") << int(QPalette::Button) << int(QPalette::ButtonText);
        QTest::newRow("tool tip") << int(QPalette::ToolTipBase) << int(QPalette::ToolTipText);
        QTest::newRow("selection") << int(QPalette::Highlight) << int(QPalette::HighlightedText);
        QTest::newRow("link") << int(QPalette::Base) << int(QPalette::Link);
        QTest::newRow("placeholder") << int(QPalette::Base) << int(QPalette::PlaceholderText);
    }
    void theDarkColoursAreLegible() {
        QFETCH(const int, ground);
        QFETCH(const int, text);
        const QPalette dark = tray::darkPalette();
        QVERIFY(contrast(dark.color(QPalette::ColorRole(ground)), dark.color(QPalette::ColorRole(text))) >= 4.5);
        QVERIFY(contrast(dark.color(QPalette::ColorRole(ground)),
                         dark.color(QPalette::Disabled, QPalette::ColorRole(text))) >= 3);
    }

    void theDesktopsWishIsFollowed() {
        tray::ColorScheme scheme;
        QVERIFY(!isDarkNow());
        say(scheme, 1U, "accent-color");
        QVERIFY(!isDarkNow());
        say(scheme, 1U);
        QVERIFY(isDarkNow());
        say(scheme, 0U);
        QVERIFY(!isDarkNow());
        say(scheme, QVariant::fromValue(QDBusVariant(1U))); // as Read() wraps it
        QVERIFY(isDarkNow());
        say(scheme, 2U);
        QVERIFY(!isDarkNow());
    }

    void whatIsDarkAlreadyStaysAsItIs() {
        QPalette own;
        own.setColor(QPalette::Window, Qt::black);
        QApplication::setPalette(own);
        tray::ColorScheme scheme;
        say(scheme, 1U);
        QCOMPARE(QApplication::palette().color(QPalette::Window), QColor(Qt::black));
        say(scheme, 0U);
        QCOMPARE(QApplication::palette().color(QPalette::Window), QColor(Qt::black));
        QApplication::setPalette({});
    }
};

QTEST_MAIN(TestColorScheme)
#include "tst_color_scheme.moc"
