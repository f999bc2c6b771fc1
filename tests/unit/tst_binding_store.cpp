#include "daemon/accounts/binding_store.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace keybearer::accounts;

namespace {

std::string foundFor(const BindingStore& store, const char* directory) {
    const Binding* binding = store.find(directory);
    return binding == nullptr ? "-" : binding->accountId;
}

} // namespace

class TestBindingStore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theNearestFolderDecides() {
        const QTemporaryDir folder;
        auto store = BindingStore::open(folder.path().toStdString());
        QVERIFY(store.has_value());
        QCOMPARE(foundFor(*store, "/srv"), std::string("-"));
        QVERIFY(store->put({"/srv/team", "one"}).has_value());
        QVERIFY(store->put({"/srv/team/customer", "two"}).has_value());
        QCOMPARE(foundFor(*store, "/srv/team"), std::string("one"));
        QCOMPARE(foundFor(*store, "/srv/team/a/b/c"), std::string("one"));
        QCOMPARE(foundFor(*store, "/srv/team/customer/x"), std::string("two"));
        QCOMPARE(foundFor(*store, "/srv/teams"), std::string("-"));
        QCOMPARE(foundFor(*store, "/srv"), std::string("-"));
        QCOMPARE(foundFor(*store, "/"), std::string("-"));
        QCOMPARE(foundFor(*store, ""), std::string("-"));
        QVERIFY(store->put({"/", "all"}).has_value());
        QCOMPARE(foundFor(*store, "/srv"), std::string("all"));
        QCOMPARE(foundFor(*store, "/opt"), std::string("all"));
        QCOMPARE(foundFor(*store, "/"), std::string("all"));
    }

    void changesAreOnTheDisk() {
        const QTemporaryDir folder;
        const std::string path = folder.path().toStdString();
        auto store = BindingStore::open(path);
        QVERIFY(store->put({"/b", "one"}).has_value() && store->put({"/a", "two"}).has_value());
        QVERIFY(store->put({"/b", "three"}).has_value());
        auto again = BindingStore::open(path);
        QVERIFY(again.has_value());
        QCOMPARE(again->all().size(), std::size_t{2});
        QCOMPARE(foundFor(*again, "/b"), std::string("three"));
        QCOMPARE(again->remove("/b").value_or(false), true);
        QCOMPARE(again->remove("/b").value_or(true), false);
        QCOMPARE(foundFor(*BindingStore::open(path), "/b"), std::string("-"));
    }

    void paths_data() {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<bool>("good");
        for (const char* good : {"/", "/a", "/a/b c/d.e", "/a/..b", "/a/...", "/\xC3\xA9"}) {
            QTest::newRow(good) << QByteArray(good) << true;
        }
        for (const char* bad :
             {"", "a", "a/b", "./a", "/a/", "//a", "/a//b", "/a/.", "/a/..", "/../a", "/a\nb", "//"}) {
            QTest::addRow("not %s", bad) << QByteArray(bad) << false;
        }
        QTest::newRow("too long") << "/" + QByteArray(4096, 'x') << false;
    }
    void paths() {
        QFETCH(const QByteArray, path);
        QFETCH(const bool, good);
        QCOMPARE(isDirectoryPath(path.toStdString()), good);
    }

    void damagedFilesAreRefusedAndKept_data() {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char* name, const char* text) { QTest::newRow(name) << QByteArray(text); };
        row("empty", "");
        row("a list", "[]");
        row("another version", R"({"version":2,"bindings":[]})");
        row("no list", R"({"version":1})");
        row("no object", R"({"version":1,"bindings":["/a"]})");
        row("no account", R"({"version":1,"bindings":[{"directory":"/a"}]})");
        row("no directory", R"({"version":1,"bindings":[{"account_id":"x"}]})");
        row("a relative path", R"({"version":1,"bindings":[{"directory":"a","account_id":"x"}]})");
        row("twice",
            R"({"version":1,"bindings":[{"directory":"/a","account_id":"x"},{"directory":"/a","account_id":"y"}]})");
    }
    void damagedFilesAreRefusedAndKept() {
        QFETCH(const QByteArray, text);
        const QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("bindings.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
        file.close();
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        QVERIFY(!BindingStore::open(folder.path().toStdString()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), text);
    }
};

QTEST_APPLESS_MAIN(TestBindingStore)
#include "tst_binding_store.moc"
