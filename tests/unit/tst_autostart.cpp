#include "app/tray/autostart.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace keybearer;
using tray::Autostart;

class TestAutostart : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itIsAFileInTheFolder() {
        const QTemporaryDir home;
        const Autostart autostart(home.filePath(QStringLiteral("config/autostart")), QStringLiteral("/opt/k b\\/tray"));
        QVERIFY(!autostart.isOn());
        QVERIFY(autostart.set(true));
        QVERIFY(autostart.isOn());
        QFile file(home.filePath(QStringLiteral("config/autostart/keybearer-tray.desktop")));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray entry = file.readAll();
        QVERIFY(entry.contains("\nExec=\"/opt/k b\\\\\\\\/tray\" --background\n"));
        QVERIFY(entry.contains("\nTryExec=/opt/k b\\\\/tray\n")); // a string, not words: no quotes
        QVERIFY(autostart.set(false));
        QVERIFY(!autostart.isOn());
        QVERIFY(autostart.set(false)); // there was none
    }

    void anEntryThatIsHiddenDoesNotStart() { // Desktop Application Autostart Specification 0.5, "Hidden Key"
        const QTemporaryDir home;
        QFile file(home.filePath(QStringLiteral("keybearer-tray.desktop")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("[Desktop Entry]\nExec=keybearer-tray\nHidden=true\n");
        file.close();
        QVERIFY(!Autostart(home.path(), QStringLiteral("x")).isOn());
    }

    void everybodysEntryHoldsUntilThePersonSaysOtherwise() {
        const QTemporaryDir home;
        const QTemporaryDir shared;
        QFile entry(shared.filePath(QStringLiteral("keybearer-tray.desktop")));
        QVERIFY(entry.open(QIODevice::WriteOnly));
        entry.write("[Desktop Entry]\nExec=keybearer-tray --background\n");
        entry.close();
        const QString own = home.filePath(QStringLiteral("keybearer-tray.desktop"));
        const Autostart autostart(home.path(), QStringLiteral("x"), {QStringLiteral("/nowhere"), shared.path()});
        QVERIFY(autostart.isOn());
        QVERIFY(autostart.set(false));
        QVERIFY(!autostart.isOn());
        QFile file(own);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(file.readAll().contains("\nHidden=true\n"));
        QVERIFY(autostart.set(true));
        QVERIFY(autostart.isOn());
        QVERIFY(!QFile::exists(own)); // everybody's says it already
        QVERIFY(entry.remove());
        QVERIFY(!autostart.isOn());
    }

    void whatCannotBeWrittenIsSaid() {
        QVERIFY(!Autostart(QStringLiteral("/proc/nowhere"), QStringLiteral("x")).set(true));
    }

    void wordsAreQuoted_data() { // Desktop Entry Specification 1.5, "The Exec key"
        QTest::addColumn<QString>("word");
        QTest::addColumn<QString>("quoted");
        QTest::newRow("plain") << QStringLiteral("/usr/bin/x") << QStringLiteral("\"/usr/bin/x\"");
        QTest::newRow("a field code") << QStringLiteral("/a%u") << QStringLiteral("\"/a%%u\"");
        QTest::newRow("a dollar") << QStringLiteral("/a$b") << QStringLiteral("\"/a\\\\$b\"");
        QTest::newRow("a quote") << QStringLiteral("/a\"b") << QStringLiteral("\"/a\\\\\"b\"");
        QTest::newRow("a backslash") << QStringLiteral("/a\\b") << QStringLiteral("\"/a\\\\\\\\b\"");
    }
    void wordsAreQuoted() {
        QFETCH(const QString, word);
        QFETCH(const QString, quoted);
        QCOMPARE(tray::execWord(word), quoted);
    }
};

QTEST_GUILESS_MAIN(TestAutostart)
#include "tst_autostart.moc"
