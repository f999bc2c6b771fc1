#include "daemon/broker/options.h"

#include <QTest>

using keybearer::broker::parseOptions;

class tst_BrokerOptions : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void reads();
    void refuses_data();
    void refuses();
};

void tst_BrokerOptions::reads() {
    const auto options = parseOptions({"--ready-fd", "3", "--log-file", "/x/y"});
    QVERIFY(options);
    QCOMPARE(options->readyFd, 3);
    QCOMPARE(options->logFile, std::string("/x/y"));
    QVERIFY(parseOptions({"--help"})->showHelp && parseOptions({"--version"})->showVersion);
    QCOMPARE(parseOptions({})->readyFd, -1);
}

void tst_BrokerOptions::refuses_data() {
    QTest::addColumn<QStringList>("arguments");
    QTest::newRow("unknown") << QStringList{QStringLiteral("--foreground")};
    QTest::newRow("positional") << QStringList{QStringLiteral("start")};
    QTest::newRow("no value") << QStringList{QStringLiteral("--log-file")};
    QTest::newRow("not a number") << QStringList{QStringLiteral("--ready-fd"), QStringLiteral("x")};
    QTest::newRow("trailing text") << QStringList{QStringLiteral("--ready-fd"), QStringLiteral("3x")};
    QTest::newRow("standard output") << QStringList{QStringLiteral("--ready-fd"), QStringLiteral("1")};
}

void tst_BrokerOptions::refuses() {
    QFETCH(QStringList, arguments);
    std::vector<std::string> words;
    for (const QString& word : arguments) {
        words.push_back(word.toStdString());
    }
    QVERIFY(!parseOptions(words));
}

QTEST_GUILESS_MAIN(tst_BrokerOptions)
#include "tst_broker_options.moc"
