#include "app/tray/client_icons.h"

#include <QTest>

using namespace keybearer;

class TestClientIcons : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keysOfTheFirstGroupOnly_data() {
        QTest::addColumn<QByteArray>("entry");
        QTest::addColumn<QString>("icon");
        QTest::newRow("plain") << QByteArray("[Desktop Entry]\nName=A\nIcon=git\n") << QStringLiteral("git");
        QTest::newRow("spaces") << QByteArray("[Desktop Entry]\nIcon = git \n") << QStringLiteral("git");
        QTest::newRow("another group") << QByteArray("[Desktop Entry]\n[Desktop Action x]\nIcon=bad\n") << QString();
        QTest::newRow("before any group") << QByteArray("Icon=bad\n[Desktop Entry]\n") << QString();
        QTest::newRow("a language's") << QByteArray("[Desktop Entry]\nIcon[de]=bad\nIcon=git\n")
                                      << QStringLiteral("git");
        QTest::newRow("nothing") << QByteArray() << QString();
    }
    void keysOfTheFirstGroupOnly() {
        QFETCH(const QByteArray, entry);
        QFETCH(const QString, icon);
        QCOMPARE(tray::desktopEntryValue(entry, "Icon"), icon);
    }

    void theProgramOfALine_data() {
        QTest::addColumn<QString>("exec");
        QTest::addColumn<QString>("program");
        QTest::newRow("a name") << QStringLiteral("firefox %u") << QStringLiteral("firefox");
        QTest::newRow("a path") << QStringLiteral("/usr/bin/code --new") << QStringLiteral("/usr/bin/code");
        QTest::newRow("quoted") << QStringLiteral("\"/opt/My App/run\" %F") << QStringLiteral("/opt/My App/run");
        QTest::newRow("a quote in it") << QStringLiteral("\"/opt/a\\\"b\" x") << QStringLiteral("/opt/a\"b");
        QTest::newRow("no end") << QStringLiteral("\"/opt/a") << QStringLiteral("/opt/a");
        QTest::newRow("nothing") << QString() << QString();
    }
    void theProgramOfALine() {
        QFETCH(const QString, exec);
        QFETCH(const QString, program);
        QCOMPARE(tray::programOfExec(exec), program);
    }

    void aProgramWithoutAnIconHasItsLetter() {
        QVERIFY(!tray::clientIcon(QStringLiteral("/nowhere/at/all"), QStringLiteral("ask")).isNull());
        QVERIFY(!tray::clientIcon({}, {}).isNull());
    }
};

QTEST_MAIN(TestClientIcons)
#include "tst_client_icons.moc"
