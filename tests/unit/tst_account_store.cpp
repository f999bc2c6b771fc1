#include "daemon/accounts/account_store.h"

#include <QTemporaryDir>
#include <QTest>

using namespace keybearer::accounts;

class tst_AccountStore : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void keepsAccountsOverARestart();
    void findsByIdentityOnlyWithASubject();
    void findsByResource();
    void answersToTheAddressesOfItsSignIns();
    void anAddressIsWhatItsServerSaidLast();
    void remembersSoManyAddresses();
    void readsFilesWithoutAddresses();
    void refusesADamagedFileAndLeavesIt_data();
    void refusesADamagedFileAndLeavesIt();
    void failedWriteChangesNothing();
    void names_data();
    void names();
};

namespace {

Account account(const char* id, const char* name) {
    Account out;
    out.id = id;
    out.name = name;
    out.issuer = "https://as.example";
    out.subject = "alice";
    out.clientId = "client";
    out.scope = "openid";
    out.createdAt = 1'764'500'000;
    out.confidential = true;
    return out;
}

} // namespace

void tst_AccountStore::keepsAccountsOverARestart() {
    const QTemporaryDir folder;
    const std::string path = folder.path().toStdString();
    {
        auto store = AccountStore::open(path);
        QVERIFY(store && store->all().empty());
        QVERIFY(store->put(account("1", "work")));
        QVERIFY(store->put(account("2", "home")));
        Account renamed = *store->byId("1");
        renamed.name = "office";
        renamed.refreshExpiresAt = 1'764'600'000;
        QVERIFY(store->put(renamed));
        QVERIFY(store->remove("2"));
    }
    const auto store = AccountStore::open(path);
    QVERIFY(store);
    QCOMPARE(store->all().size(), std::size_t{1});
    const Account* found = store->byName("office");
    QVERIFY(found != nullptr && found->id == "1" && found->confidential && found->createdAt == 1'764'500'000);
    QCOMPARE(found->refreshExpiresAt, std::int64_t{1'764'600'000});
    QVERIFY(store->byName("work") == nullptr);
}

void tst_AccountStore::findsByIdentityOnlyWithASubject() {
    const QTemporaryDir folder;
    auto store = AccountStore::open(folder.path().toStdString());
    QVERIFY(store->put(account("1", "work")));
    Account plain = account("2", "plain");
    plain.subject.clear();
    QVERIFY(store->put(plain));
    const auto like = [](std::string Account::*member, const char* value) {
        Account wanted = account("", "");
        wanted.*member = value;
        return wanted;
    };
    QCOMPARE(store->byIdentity(like(&Account::label, "Alice"))->id, std::string("1"));
    QVERIFY(store->byIdentity(like(&Account::subject, "")) == nullptr);
    QVERIFY(store->byIdentity(like(&Account::issuer, "https://as.example/")) == nullptr);
    QVERIFY(store->byIdentity(like(&Account::clientId, "other")) == nullptr);
    QVERIFY(store->byIdentity(like(&Account::resource, "https://api.example")) == nullptr);
    Account made = account("3", "made");
    made.subject = "bob";
    made.registered = true;
    QVERIFY(store->put(made));
    made.clientId = "another"; // a server that has forgotten a client registers the next one for the same person
    QCOMPARE(store->byIdentity(made)->id, std::string("3"));
    made.registered = false; // but nobody's own client stands for it
    QVERIFY(store->byIdentity(made) == nullptr);
}

void tst_AccountStore::findsByResource() {
    const QTemporaryDir folder;
    auto store = AccountStore::open(folder.path().toStdString());
    QVERIFY(store->put(account("1", "work")));
    QVERIFY(store->byResource("") == nullptr);
    Account bound = account("2", "mcp");
    bound.resource = "https://mcp.example/mcp";
    bound.registered = true;
    bound.authMethod = "client_secret_post";
    QVERIFY(store->put(bound));
    const auto again = AccountStore::open(folder.path().toStdString());
    for (const char* url : {"https://mcp.example/mcp", "https://mcp.example/mcp/"}) {
        const Account* found = again->byResource(url);
        QVERIFY(found != nullptr && found->name == "mcp" && found->registered);
        QCOMPARE(found->authMethod, std::string("client_secret_post"));
    }
    QVERIFY(again->byResource("https://mcp.example") == nullptr);
    QVERIFY(!again->byName("work")->registered);
}

void tst_AccountStore::answersToTheAddressesOfItsSignIns() {
    const QTemporaryDir folder;
    auto store = AccountStore::open(folder.path().toStdString());
    Account whole = account("1", "mcp");
    whole.resource = "https://mcp.example";
    QVERIFY(store->putSignedIn(whole, "https://mcp.example/mcp"));
    QVERIFY(store->putSignedIn(*store->byId("1"), "https://mcp.example/sse"));
    QVERIFY(store->putSignedIn(*store->byId("1"), "https://mcp.example/mcp/"));
    const auto again = AccountStore::open(folder.path().toStdString());
    for (const char* url :
         {"https://mcp.example/mcp", "https://mcp.example/mcp/", "https://mcp.example/sse", "https://mcp.example/"}) {
        const Account* found = again->byResource(url);
        QVERIFY2(found != nullptr && found->id == "1" && isFor(*found, url), url);
    }
    for (const char* url : {"https://mcp.example/other", "https://mcp.example/mcp//", ""}) {
        QVERIFY2(again->byResource(url) == nullptr, url);
    }
    QCOMPARE(addressOf(*again->byId("1")), std::string("https://mcp.example/mcp/"));
    QCOMPARE(again->byId("1")->addresses.size(), std::size_t{2});
}

void tst_AccountStore::anAddressIsWhatItsServerSaidLast() {
    const QTemporaryDir folder;
    const std::string url = "https://mcp.example/mcp";
    auto store = AccountStore::open(folder.path().toStdString());
    const auto signIn = [&](const char* id, const char* resource, const char* issuer) {
        Account one = store->byId(id) == nullptr ? account(id, id) : *store->byId(id);
        one.resource = resource;
        one.issuer = issuer;
        return store->putSignedIn(one, url) && store->byResource(url)->id == id;
    };
    QVERIFY(signIn("path", "https://mcp.example/mcp", "https://as.example"));
    QVERIFY(signIn("whole", "https://mcp.example", "https://as.example"));
    QVERIFY(store->put(*store->byId("path"))); // as a refresh does
    QCOMPARE(store->byResource(url)->id, std::string("whole"));
    QVERIFY(signIn("path", "https://mcp.example/mcp", "https://as.example"));
    QVERIFY(signIn("moved", "https://mcp.example/mcp", "https://as2.example"));
    QVERIFY(store->putSignedIn(account("plain", "plain"), {}));
    QCOMPARE(store->byResource(url)->id, std::string("moved"));
    const auto again = AccountStore::open(folder.path().toStdString());
    QCOMPARE(again->byResource(url)->id, std::string("moved"));
}

void tst_AccountStore::remembersSoManyAddresses() {
    const QTemporaryDir folder;
    auto store = AccountStore::open(folder.path().toStdString());
    QVERIFY(store->put(account("1", "mcp")));
    for (std::size_t i = 0; i <= kMaxAddresses; ++i) {
        Account one = *store->byId("1");
        one.resource = "https://mcp.example";
        QVERIFY(store->putSignedIn(one, "https://mcp.example/" + std::to_string(i)));
    }
    const auto again = AccountStore::open(folder.path().toStdString());
    QCOMPARE(again->byId("1")->addresses.size(), kMaxAddresses);
    QVERIFY(again->byResource("https://mcp.example/0") == nullptr);
    QVERIFY(again->byResource("https://mcp.example/16") != nullptr);
}

void tst_AccountStore::readsFilesWithoutAddresses() {
    Account bound = account("1", "mcp");
    bound.resource = "https://mcp.example/mcp";
    QByteArray text = QByteArray::fromStdString(formatAccounts({bound, account("2", "work")}));
    QCOMPARE(text.count("\"addresses\""), 1);
    const auto accounts = parseAccounts(text.replace("\"addresses\"", "\"elsewhere\"").toStdString());
    QVERIFY(accounts);
    QCOMPARE(accounts->front().addresses, std::vector<std::string>{"https://mcp.example/mcp"});
    QVERIFY(accounts->back().addresses.empty());
}

void tst_AccountStore::refusesADamagedFileAndLeavesIt_data() {
    QTest::addColumn<QByteArray>("text");
    const QByteArray good = QByteArray::fromStdString(formatAccounts({account("1", "work")}));
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("cut off") << good.left(good.size() / 2);
    QTest::newRow("newer version") << QByteArray(good).replace("\"version\": 1", "\"version\": 2");
    QTest::newRow("member missing") << QByteArray(good).replace("\"issuer\"", "\"issue\"");
    QTest::newRow("wrong type") << QByteArray(good).replace("\"confidential\": true", "\"confidential\": 1");
    QTest::newRow("end in words") << QByteArray(good).replace(R"("scope")", R"("refresh_expires_at": "soon", "scope")");
    QTest::newRow("a resource that is a number") << QByteArray(good).replace(R"("scope")", R"("resource": 7, "scope")");
    QTest::newRow("addresses in words") << QByteArray(good).replace(R"("scope")", R"("addresses": "all", "scope")");
    QTest::newRow("an address that is a number")
        << QByteArray(good).replace(R"("scope")", R"("addresses": [7], "scope")");
    QTest::newRow("too many addresses") << QByteArray(good).replace(
        R"("scope")", R"("addresses": [)" + QByteArray(R"("x",)").repeated(16) + R"("x"], "scope")");
    QTest::newRow("registered in words") << QByteArray(good).replace(R"("scope")", R"("registered": "yes", "scope")");
    QTest::newRow("bad name") << QByteArray(good).replace("\"work\"", "\"../work\"");
    QTest::newRow("twice") << QByteArray::fromStdString(formatAccounts({account("1", "a"), account("1", "b")}));
    QTest::newRow("same name") << QByteArray::fromStdString(formatAccounts({account("1", "a"), account("2", "a")}));
}

void tst_AccountStore::refusesADamagedFileAndLeavesIt() {
    QFETCH(QByteArray, text);
    const QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("accounts.json")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    const auto store = AccountStore::open(folder.path().toStdString());
    QVERIFY(!store);
    QVERIFY(store.error().find("accounts.json") != std::string::npos);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), text);
}

void tst_AccountStore::failedWriteChangesNothing() {
    QTemporaryDir folder;
    auto store = AccountStore::open(folder.path().toStdString());
    QVERIFY(store->put(account("1", "work")));
    QVERIFY(folder.remove());
    QVERIFY(!store->put(account("2", "home")));
    QVERIFY(!store->remove("1"));
    QCOMPARE(store->all().size(), std::size_t{1});
}

void tst_AccountStore::names_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("valid");
    QTest::newRow("word") << "work" << true;
    QTest::newRow("all kinds") << "a.B_c@d-9" << true;
    QTest::newRow("64") << QString(64, u'a') << true;
    QTest::newRow("65") << QString(65, u'a') << false;
    QTest::newRow("empty") << "" << false;
    QTest::newRow("option") << "-rf" << false;
    QTest::newRow("hidden") << ".x" << false;
    QTest::newRow("path") << "a/b" << false;
    QTest::newRow("space") << "a b" << false;
    QTest::newRow("line feed") << "a\nb" << false;
    QTest::newRow("not ASCII") << QString::fromUtf8("\xC3\xA9") << false;
}

void tst_AccountStore::names() {
    QFETCH(QString, name);
    QTEST(isValidName(name.toStdString()), "valid");
}

QTEST_GUILESS_MAIN(tst_AccountStore)
#include "tst_account_store.moc"
