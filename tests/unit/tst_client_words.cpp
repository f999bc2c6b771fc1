#include "daemon/access/client_words.h"

#include <QTest>

using namespace keybearer::access;

class tst_ClientWords : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aClientComesOutAsItWentIn();
    void wordsThatAreNoClient_data();
    void wordsThatAreNoClient();
    void aLongLineIsCut();
};

namespace {

using Words = std::vector<std::string>;

const Words kPlain{"client", "program", "git", "/usr/bin/git", "", "1000", "12:34", "", "12"};

Words with(std::size_t at, const std::string& word) {
    Words words = kPlain;
    words.at(at) = word;
    return words;
}

} // namespace

Q_DECLARE_METATYPE(Words)

void tst_ClientWords::aClientComesOutAsItWentIn() {
    Client client;
    client.kind = ClientKind::Script;
    client.pid = 4711;
    client.name = "deploy\n\x1b[31m";
    client.path = "/opt/a b/deploy\xff";
    client.digest = std::string(64, 'a');
    client.isWeak = true;
    client.isFrontEnd = true;
    client.isOtherFrontEnd = true;
    client.session = "tty:pts/3:77";
    client.problem = "none";
    client.ancestors = {{1, "init"}, {2, ""}};
    const auto again = clientFromWords(wordsOf(client));
    QVERIFY(again);
    QVERIFY(wordsOf(*again) == wordsOf(client));
    QVERIFY(again->kind == client.kind && again->pid == 4711 && again->name == client.name &&
            again->path == client.path && again->digest == client.digest && again->session == client.session &&
            again->problem == client.problem);
    QVERIFY(!again->isRootOwned && again->isWeak && again->isFrontEnd && again->isOtherFrontEnd);
    QCOMPARE(again->ancestors.size(), 2U);
    QCOMPARE(again->ancestors[0].name, "init");
    QCOMPARE(again->ancestors[1].pid, 2);
    const auto plain = clientFromWords(kPlain);
    QVERIFY(plain && plain->isRootOwned && !plain->isWeak && !plain->isFrontEnd && !plain->isOtherFrontEnd &&
            wordsOf(*plain) == kPlain);
}

void tst_ClientWords::wordsThatAreNoClient_data() {
    QTest::addColumn<Words>("words");
    Words more = kPlain;
    more.emplace_back("1");
    Words many = kPlain;
    for (int i = 0; i < 65; ++i) {
        many.insert(many.end(), {"1", "init"});
    }
    Words noNumber = kPlain;
    noNumber.insert(noNumber.end(), {"one", "init"});
    QTest::newRow("nothing") << Words{};
    QTest::newRow("too few") << Words(kPlain.begin(), kPlain.end() - 1);
    QTest::newRow("half an ancestor") << more;
    QTest::newRow("too many ancestors") << many;
    QTest::newRow("an ancestor without a number") << noNumber;
    QTest::newRow("something else") << with(0, "file");
    QTest::newRow("no such kind") << with(1, "demon");
    QTest::newRow("a flag too few") << with(5, "100");
    QTest::newRow("a flag too many") << with(5, "10000");
    QTest::newRow("no flag") << with(5, "1x00");
    QTest::newRow("no process id") << with(8, "");
    QTest::newRow("a process id with more") << with(8, "12 ");
    QTest::newRow("a process id too large") << with(8, "2147483648");
    QTest::newRow("zeroes in front") << with(8, "012");
}

void tst_ClientWords::wordsThatAreNoClient() {
    QFETCH(Words, words);
    QVERIFY(!clientFromWords(words));
}

void tst_ClientWords::aLongLineIsCut() {
    Client client;
    client.ancestors.resize(100);
    const auto again = clientFromWords(wordsOf(client));
    QVERIFY(again);
    QCOMPARE(again->ancestors.size(), 64U);
}

QTEST_GUILESS_MAIN(tst_ClientWords)
#include "tst_client_words.moc"
