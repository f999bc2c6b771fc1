#include "daemon/accounts/refresh_journal.h"
#include "ipc/base/private_file.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace keybearer;
using namespace keybearer::accounts;

class tst_RefreshJournal : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anAttemptIsOnDiskBeforeItIsMade();
    void attemptsOfOneGenerationAddUp();
    void anotherGenerationBeginsAnew();
    void settledIsForgotten();
    void aFolderThatCannotBeWrittenIsReported();
    void readsVersionOneForEver();
    void damagedIsEmptyAndSaysSo_data();
    void damagedIsEmptyAndSaysSo();

private:
    [[nodiscard]] static std::string pathOf(const QTemporaryDir& folder) { return folder.path().toStdString(); }
};

void tst_RefreshJournal::anAttemptIsOnDiskBeforeItIsMade() {
    const QTemporaryDir folder;
    auto journal = RefreshJournal::open(pathOf(folder));
    QVERIFY(journal.problem().empty());
    QVERIFY(journal.begin("a", 7, 1'764'000'000));
    const auto after = RefreshJournal::open(pathOf(folder)); // what a broker finds after a SIGKILL
    QCOMPARE(after.openAttempts("a", 7), 1);
    QCOMPARE(after.openAttempts("b", 7), 0);
    struct stat info {};
    QCOMPARE(::stat((pathOf(folder) + "/refresh-journal.json").c_str(), &info), 0);
    QCOMPARE(info.st_mode & 0777U, 0600U);
}

void tst_RefreshJournal::attemptsOfOneGenerationAddUp() {
    const QTemporaryDir folder;
    auto journal = RefreshJournal::open(pathOf(folder));
    QVERIFY(journal.begin("a", 7, 100));
    QVERIFY(journal.begin("a", 7, 200));
    QCOMPARE(journal.openAttempts("a", 7), 2);
    const QByteArray text = [&] {
        QFile file(folder.filePath(QStringLiteral("refresh-journal.json")));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }();
    QVERIFY2(text.contains("\"sent_at\": 100"), text.constData()); // of the first one
}

void tst_RefreshJournal::anotherGenerationBeginsAnew() {
    const QTemporaryDir folder;
    auto journal = RefreshJournal::open(pathOf(folder));
    QVERIFY(journal.begin("a", 7, 100));
    QVERIFY(journal.begin("a", 8, 200));
    QCOMPARE(journal.openAttempts("a", 7), 0);
    QCOMPARE(journal.openAttempts("a", 8), 1);
}

void tst_RefreshJournal::settledIsForgotten() {
    const QTemporaryDir folder;
    auto journal = RefreshJournal::open(pathOf(folder));
    QVERIFY(journal.begin("a", 7, 100));
    QVERIFY(journal.begin("b", 1, 100));
    journal.settle("a");
    QCOMPARE(journal.openAttempts("a", 7), 0);
    const auto after = RefreshJournal::open(pathOf(folder));
    QCOMPARE(after.openAttempts("a", 7), 0);
    QCOMPARE(after.openAttempts("b", 1), 1);
}

void tst_RefreshJournal::aFolderThatCannotBeWrittenIsReported() {
    auto journal = RefreshJournal::open("/nonexistent");
    QVERIFY(!journal.begin("a", 7, 100));
}

void tst_RefreshJournal::readsVersionOneForEver() {
    const auto entries =
        parseJournal(R"({"version":1,"sent":{"id":{"generation":3,"sent_at":1764500000,"attempts":2}}})");
    QVERIFY(entries);
    QCOMPARE(entries->at("id").generation, std::uint64_t{3});
    QCOMPARE(entries->at("id").sentAt, std::int64_t{1'764'500'000});
    QCOMPARE(entries->at("id").attempts, 2);
}

void tst_RefreshJournal::damagedIsEmptyAndSaysSo_data() {
    QTest::addColumn<QByteArray>("text");
    const QByteArray entry = R"({"version":1,"sent":{"id":%1}})";
    QTest::newRow("empty file") << QByteArray();
    QTest::newRow("not JSON") << QByteArray("{");
    QTest::newRow("an array") << QByteArray("[]");
    QTest::newRow("another version") << QByteArray(R"({"version":2,"sent":{}})");
    QTest::newRow("nothing sent") << QByteArray(R"({"version":1})");
    QTest::newRow("a list") << QByteArray(R"({"version":1,"sent":[]})");
    QTest::newRow("no id") << QByteArray(R"({"version":1,"sent":{"":{"generation":3,"sent_at":1,"attempts":1}}})");
    QTest::newRow("a long id") << "{\"version\":1,\"sent\":{\"" + QByteArray(129, 'i') +
                                      R"(":{"generation":3,"sent_at":1,"attempts":1}}})";
    const auto row = [&](const char* name, const char* item) {
        QTest::newRow(name) << QByteArray(entry).replace("%1", item);
    };
    row("not an object", "3");
    row("no generation", R"({"sent_at":1,"attempts":1})");
    row("a negative generation", R"({"generation":-3,"sent_at":1,"attempts":1})");
    row("no time", R"({"generation":3,"attempts":1})");
    row("a fraction of a second", R"({"generation":3,"sent_at":1.5,"attempts":1})");
    row("no attempts", R"({"generation":3,"sent_at":1})");
    row("zero attempts", R"({"generation":3,"sent_at":1,"attempts":0})");
    row("too many attempts", R"({"generation":3,"sent_at":1,"attempts":1000001})");
}

void tst_RefreshJournal::damagedIsEmptyAndSaysSo() {
    QFETCH(QByteArray, text);
    const QTemporaryDir folder;
    QVERIFY(base::writePrivateFile(pathOf(folder) + "/refresh-journal.json", text.toStdString()));
    auto journal = RefreshJournal::open(pathOf(folder));
    QVERIFY(!journal.problem().empty());
    QVERIFY(journal.begin("a", 1, 1)); // and is mended by the next refresh
    QVERIFY(RefreshJournal::open(pathOf(folder)).problem().empty());
}

QTEST_APPLESS_MAIN(tst_RefreshJournal)
#include "tst_refresh_journal.moc"
