#include "app/common/package.h"

#include <QTest>

using namespace keybearer;

class TestPackage : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answers_data() {
        QTest::addColumn<std::string>("answer");
        QTest::addColumn<std::string>("package");
        const auto row = [](const char* name, const char* answer, const char* package) {
            QTest::newRow(name) << std::string(answer) << std::string(package);
        };
        row("one", "curl: /usr/bin/curl\n", "curl");
        row("with its architecture", "libc6:amd64: /lib/x86_64-linux-gnu/libc.so.6\n", "libc6");
        row("several packages", "a, b: /usr/share/doc\n", "a");
        row("several lines", "g++-12: /usr/bin/g++-12\nother: /usr/bin/g++-12\n", "g++-12");
        row("diversion", "diversion by dash from: /bin/sh\n", "");
        row("nothing", "", "");
        row("no path", "curl: nowhere\n", "");
        row("control characters", "cu\x1b[31mrl: /usr/bin/curl\n", "");
    }
    void answers() {
        QFETCH(const std::string, answer);
        QFETCH(const std::string, package);
        QCOMPARE(common::packageInAnswer(answer), package);
    }

    void whatNobodyInstalledHasNone() {
        QCOMPARE(common::packageOf("/nonexistent/program"), std::string());
        QCOMPARE(common::packageOf("relative"), std::string());
        QCOMPARE(common::packageOf("/usr/bin/dpk*"), std::string());
    }
};

QTEST_APPLESS_MAIN(TestPackage)
#include "tst_package.moc"
