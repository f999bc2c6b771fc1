#include "daemon/access/grant_store.h"
#include "tests/unit/access_values.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <functional>

using namespace keybearer;
using namespace keybearer::access;
using namespace keybearer::test;

Q_DECLARE_METATYPE(keybearer::access::Fit)

namespace {

constexpr std::int64_t kNow = 1'700'000'000;

class WallClock final : public base::Clock {
public:
    std::int64_t now = kNow;

    [[nodiscard]] std::int64_t utcSeconds() const override { return now; }
    [[nodiscard]] std::chrono::milliseconds steady() const override { return {}; }
};

using Change = std::function<void(Grant& grant, Client& client, Wanted& wanted)>;

} // namespace

Q_DECLARE_METATYPE(Change)

class tst_Grant : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    WallClock m_clock;

    [[nodiscard]] std::string folder() const { return m_folder.path().toStdString(); }
    [[nodiscard]] GrantStore opened(std::vector<Grant> configured = {}) const {
        auto store = GrantStore::open(folder(), m_clock, std::move(configured));
        if (!store) {
            qFatal("%s", store.error().c_str());
        }
        return std::move(*store);
    }

private Q_SLOTS:
    void init() { QFile::remove(m_folder.filePath(QStringLiteral("grants.json"))); }

    void fit_data() {
        QTest::addColumn<bool>("rootOwned");
        QTest::addColumn<Change>("change");
        QTest::addColumn<Fit>("fit");
        const auto row = [](const char* name, bool rootOwned, Fit fit, Change change) {
            QTest::newRow(name) << rootOwned << change << fit;
        };
        row("as granted", false, Fit::Covers, [](Grant&, Client&, Wanted&) {});
        row("root's, as granted", true, Fit::Covers, [](Grant&, Client&, Wanted&) {});
        row("another program", false, Fit::OtherClient,
            [](Grant&, Client& c, Wanted&) { c.path = "/opt/own/deploy2"; });
        row("a script of that name", false, Fit::OtherClient,
            [](Grant&, Client& c, Wanted&) { c.kind = ClientKind::Script; });
        row("a program that was changed", false, Fit::Changed,
            [](Grant&, Client& c, Wanted&) { c.digest = kOtherDigest; });
        row("root's program after an update", true, Fit::Covers,
            [](Grant&, Client& c, Wanted&) { c.digest = kOtherDigest; });
        row("root's program that is root's no more", true, Fit::Changed,
            [](Grant&, Client& c, Wanted&) { c.isRootOwned = false; });
        row("another account", false, Fit::OtherCredential,
            [](Grant&, Client&, Wanted& w) { w.credential = "account:home"; });
        row("an account whose name goes on", false, Fit::OtherCredential,
            [](Grant&, Client&, Wanted& w) { w.credential = "account:work2"; });
        row("narrower than granted", false, Fit::Covers, [](Grant&, Client&, Wanted& w) { w.scopes = {"read"}; });
        row("the scopes that were granted", false, Fit::Covers, [](Grant& g, Client&, Wanted& w) {
            g.scopes = {"read", "write"};
            w.scopes = {"write", "read"};
        });
        row("a scope more", false, Fit::Wider, [](Grant& g, Client&, Wanted& w) {
            g.scopes = {"read"};
            w.scopes = {"read", "write"};
        });
        row("all scopes where some were granted", false, Fit::Wider,
            [](Grant& g, Client&, Wanted&) { g.scopes = {"read"}; });
        row("the audience", false, Fit::Covers,
            [](Grant& g, Client&, Wanted& w) { g.audience = w.audience = "reports"; });
        row("no audience where one was granted", false, Fit::Wider,
            [](Grant& g, Client&, Wanted&) { g.audience = "reports"; });
        row("a field more", false, Fit::Wider, [](Grant& g, Client&, Wanted& w) {
            g.fields = {"base_url"};
            w.fields = {"base_url", "api_key"};
        });
        row("until now", false, Fit::Ended, [](Grant& g, Client&, Wanted&) { g.until = kNow; });
        row("a second before its end", false, Fit::Covers, [](Grant& g, Client&, Wanted&) { g.until = kNow + 1; });
        row("used up", false, Fit::UsedUp, [](Grant& g, Client&, Wanted&) { g.usesLeft = 0; });
        row("this session", false, Fit::Covers, [](Grant& g, Client&, Wanted&) { g.span = Span::Session; });
        row("another run of the program", false, Fit::OtherClient, [](Grant& g, Client& c, Wanted&) {
            g.span = Span::Session;
            c.session = "4242:1001";
        });
        row("an interpreter, for this session", false, Fit::Covers, [](Grant& g, Client& c, Wanted&) {
            g.span = Span::Session;
            g.kind = c.kind = ClientKind::Interpreter;
        });
        row("an interpreter, for good", false, Fit::OtherClient,
            [](Grant& g, Client& c, Wanted&) { g.kind = c.kind = ClientKind::Interpreter; });
        row("something in a container, for good", false, Fit::OtherClient,
            [](Grant& g, Client& c, Wanted&) { g.kind = c.kind = ClientKind::Container; });
        row("nobody", false, Fit::OtherClient,
            [](Grant& g, Client& c, Wanted&) { g.kind = c.kind = ClientKind::Unknown; });
    }
    void fit() {
        QFETCH(const bool, rootOwned);
        QFETCH(const Change, change);
        QFETCH(const Fit, fit);
        Client client = rootOwned ? rootsProgram() : ownProgram();
        Grant grant = grantFor(client);
        Wanted wanted = aToken();
        change(grant, client, wanted);
        QCOMPARE(fitOf(grant, client, wanted, kNow), fit);
    }

    void whatIsLeftOpenIsNarrowedToAGrant() {
        const Client client = ownProgram();
        Grant grant = grantFor(client);
        grant.scopes = {"openid", "read"};
        const Grant other = [&] {
            Grant one = grant;
            one.credential = "account:other";
            return one;
        }();
        const std::array<const Grant*, 2> grants{&other, &grant};
        Wanted wanted = aToken();
        wanted.scopes.clear();
        const auto less = narrowed(wanted, grants, client, kNow);
        QVERIFY(less.has_value());
        QCOMPARE(less->scopes, grant.scopes);
        QCOMPARE(less->credential, wanted.credential);
        // What is named stands as it is; so does what nothing narrows.
        wanted.scopes = {"write"};
        QVERIFY(!narrowed(wanted, grants, client, kNow));
        wanted.scopes.clear();
        grant.scopes.clear();
        QVERIFY(!narrowed(wanted, grants, client, kNow));
        grant.audience = "reports";
        QCOMPARE(narrowed(wanted, grants, client, kNow)->audience, std::string("reports"));
        wanted.audience = "elsewhere";
        QVERIFY(!narrowed(wanted, grants, client, kNow));
        wanted.audience.clear();
        grant.until = kNow;
        QVERIFY(!narrowed(wanted, grants, client, kNow));
    }

    void patterns_data() {
        QTest::addColumn<std::string>("pattern");
        QTest::addColumn<bool>("good");
        const auto row = [](const char* pattern, bool good) { QTest::newRow(pattern) << std::string(pattern) << good; };
        row("*", true);
        row("account:work", true);
        row("account:*", true);
        row("key:default/openai/default", true);
        row("key:default/openai/*", true);
        row("key:default/*", true);
        row("", false);
        row("work", false);
        row("account:", false);
        row("account:wo*k", false);
        row("account:wo/rk", false);
        row("key:*", false);
        row("key:default", false);
        row("key:default/openai", false);
        row("key:default/openai/", false);
        row("key:default/openai/a/b", false);
        row("key:/openai/default", false);
        row("key:default/op*/default", false);
        row("**", false);
        row("account:a b", false);
    }
    void patterns() {
        QFETCH(const std::string, pattern);
        QFETCH(const bool, good);
        QCOMPARE(isCredentialPattern(pattern), good);
    }

    void aPatternStandsForWhatBeginsSo() {
        QVERIFY(coversCredential("key:default/openai/*", "key:default/openai/work"));
        QVERIFY(!coversCredential("key:default/openai/*", "key:default/openai2/work"));
        QVERIFY(!coversCredential("key:default/openai/*", "key:shared/openai/work"));
        QVERIFY(coversCredential("*", "account:work"));
        QVERIFY(!coversCredential("account:*", "key:default/openai/work"));
    }

    void aFileIsReadAsItWasWritten() {
        Grant grant = grantFor(ownProgram());
        grant.scopes = {"read"};
        grant.audience = "reports";
        grant.fields = {"api_key"};
        grant.until = kNow + 60;
        grant.span = Span::Until;
        grant.perMinute = 5;
        grant.reason = "nightly";
        grant.uses = 3;
        grant.lastUsedAt = kNow;
        grant.isAnnounced = false;
        const auto read = parseGrants(formatGrants({grant}));
        QVERIFY(read.has_value());
        QCOMPARE(formatGrants(*read), formatGrants({grant}));
        QVERIFY(read->front().span == Span::Until);
    }

    void badFiles_data() {
        QTest::addColumn<QByteArray>("find");
        QTest::addColumn<QByteArray>("replace");
        const auto row = [](const char* name, const char* find, const char* replace) {
            QTest::newRow(name) << QByteArray(find) << QByteArray(replace);
        };
        row("another version", "\"version\": 1", "\"version\": 2");
        row("no kind", "\"kind\": \"program\"", "\"kind\": \"anything\"");
        row("no path", "\"path\": \"/opt/own/deploy\"", "\"path\": \"\"");
        row("a credential that is none", "\"credential\": \"account:work\"", "\"credential\": \"work\"");
        row("a digest that is none", "\"sha256\": \"aaaa", "\"sha256\": \"AAAA");
        row("a negative time", "\"until\": 0", "\"until\": -5");
        row("a missing member", "\"uses\": 0", "\"used\": 0");
        row("scopes that are a text", "\"scopes\": []", "\"scopes\": \"read\"");
        row("announced by a number", "\"announced\": true", "\"announced\": 1");
        row("no list", "\"grants\": [", "\"grants\": 1, \"rest\": [");
    }
    void badFiles() {
        QFETCH(const QByteArray, find);
        QFETCH(const QByteArray, replace);
        QByteArray text = QByteArray::fromStdString(formatGrants({grantFor(ownProgram())}));
        QVERIFY(text.contains(find));
        text.replace(find, replace);
        QVERIFY(!parseGrants(text.toStdString()).has_value());
    }

    void twoOfOneIdAreNoFile() {
        QVERIFY(!parseGrants(formatGrants({grantFor(ownProgram()), grantFor(rootsProgram())})).has_value());
    }

    void whatIsForGoodOutlivesTheBroker() {
        std::string kept;
        {
            GrantStore store = opened();
            Grant grant = grantFor(ownProgram());
            const auto made = store.add(grant);
            QVERIFY(made.has_value());
            kept = (*made)->id;
            QCOMPARE((*made)->createdAt, kNow);
            grant.span = Span::Session;
            QVERIFY(store.add(grant).has_value());
            QCOMPARE(store.all().size(), std::size_t{2});
        }
        GrantStore again = opened();
        QCOMPARE(again.all().size(), std::size_t{1});
        QCOMPARE(again.all().front()->id, kept);
        QCOMPARE(again.of(ownProgram()).size(), std::size_t{1});
        QVERIFY(again.of(rootsProgram()).empty());
        const std::uint64_t before = again.generation();
        QVERIFY(again.remove(kept).value_or(false));
        QVERIFY(again.generation() != before);
        QCOMPARE(again.remove(kept).value_or(true), false);
        QVERIFY(opened().all().empty());
    }

    void aGrantForOneCallIsUsedUp() {
        GrantStore store = opened();
        Grant grant = grantFor(ownProgram());
        grant.span = Span::Once;
        grant.usesLeft = 2;
        const std::string id = (*store.add(grant))->id;
        store.used(id);
        QCOMPARE(store.all().front()->usesLeft, std::int64_t{1});
        const std::uint64_t before = store.generation();
        store.used(id);
        QVERIFY(store.all().empty());
        QVERIFY(store.generation() != before);
    }

    void usesAreCountedAndWrittenNowAndThen() {
        std::string id;
        {
            GrantStore store = opened();
            id = (*store.add(grantFor(ownProgram())))->id;
            m_clock.now += 3600;
            store.used(id);
            store.used(id);
            QCOMPARE(store.all().front()->usesInMinute, std::int64_t{2});
            m_clock.now += 60;
            store.used(id);
            QCOMPARE(store.all().front()->usesInMinute, std::int64_t{1});
        }
        // The third was at least a minute after the first, which was written at once.
        QCOMPARE(opened().all().front()->uses, std::int64_t{3});
        m_clock.now = kNow;
    }

    void whatConfigTomlGrantsIsTakenBackThere() {
        Grant grant = grantFor(ownProgram());
        grant.createdBy = "config.toml:3:1";
        GrantStore store = opened({grant});
        QVERIFY(!store.remove("g_1").has_value());
        QVERIFY(store.flush().has_value());
        QVERIFY(opened().all().empty());
    }

    void whatEndedMakesRoom() {
        GrantStore store = opened();
        Grant grant = grantFor(ownProgram());
        grant.span = Span::Until;
        grant.until = kNow + 10;
        QVERIFY(store.add(grant).has_value());
        m_clock.now = kNow + 10;
        grant.until = kNow + 20;
        QVERIFY(store.add(grant).has_value());
        QCOMPARE(store.all().size(), std::size_t{1});
        m_clock.now = kNow;
    }

    void newOnesAreToldOnce() {
        GrantStore store = opened();
        Grant grant = grantFor(ownProgram());
        grant.isAnnounced = false;
        QVERIFY(store.add(grant).has_value());
        QCOMPARE(store.takeUnannounced().size(), std::size_t{1});
        QVERIFY(store.takeUnannounced().empty());
    }

    void aDamagedFileIsLeftAsItIs() {
        QFile file(m_folder.filePath(QStringLiteral("grants.json")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        file.write("{");
        file.close();
        QVERIFY(!GrantStore::open(folder(), m_clock, {}).has_value());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("{"));
    }
};

QTEST_GUILESS_MAIN(tst_Grant)
#include "tst_grant.moc"
