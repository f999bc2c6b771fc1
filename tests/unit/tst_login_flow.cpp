// A sign-in from the window's side.
#include "app/model/login_flow.h"
#include "tests/unit/fake_broker.h"

#include <QSignalSpy>
#include <QTest>

using namespace keybearer;
using model::BrokerLink;
using model::LoginFlow;
using nlohmann::json;
using Stage = LoginFlow::Stage;
using test::FakeBroker;

namespace {

constexpr int kSoon = 5000;
const char* const kUrl = "https://login.example.com/authorize?state=x";

json begunLogin() {
    return {{"login_id", "l1"},           {"joined", false},
            {"screen_locked", false},     {"account", "work"},
            {"provider", "lab"},          {"issuer", "https://login.example.com"},
            {"scopes", {"a", "b"}},       {"authorization_url", kUrl},
            {"user_code", nullptr},       {"verification_uri", nullptr},
            {"expires_at", 1'800'000'000}};
}

struct Fixture {
    FakeBroker broker;
    BrokerLink link{broker.connector()};
    LoginFlow flow{link};
    QSignalSpy browser{&flow, &LoginFlow::browserWanted};

    Fixture() {
        broker.answer("account.login", begunLogin());
        broker.answer("account.login_cancel", {{"state", "cancelled"}});
        link.open();
    }
    void begin(model::LoginRequest request = {.provider = "lab", .account = {}, .clientId = {}}) {
        QTRY_COMPARE_WITH_TIMEOUT(link.state(), BrokerLink::State::Open, kSoon);
        flow.start(std::move(request));
        QTRY_VERIFY_WITH_TIMEOUT(flow.stage() != Stage::Starting, kSoon);
    }
    void tell(const json& status) {
        QTRY_COMPARE_WITH_TIMEOUT(broker.waiting("account.login_status"), 1, kSoon);
        broker.release("account.login_status", status);
    }
};

} // namespace

class TestLoginFlow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fromTheBrowserToTheEnd() {
        Fixture f;
        f.begin();
        QCOMPARE(f.flow.stage(), Stage::Waiting);
        QCOMPARE(f.browser.count(), 1);
        QCOMPARE(f.browser[0][0].toUrl(), QUrl(QString::fromLatin1(kUrl)));
        QCOMPARE(f.flow.scopes(), (QStringList{QStringLiteral("a"), QStringLiteral("b")}));
        f.tell({{"state", "exchanging"}, {"account", "work"}});
        QTRY_COMPARE_WITH_TIMEOUT(f.flow.stage(), Stage::Exchanging, kSoon);
        f.tell({{"state", "done"}, {"account", "work"}, {"label", "alice@example.com"}});
        QTRY_COMPARE_WITH_TIMEOUT(f.flow.stage(), Stage::Done, kSoon);
        QCOMPARE(f.flow.label(), QStringLiteral("alice@example.com"));
        QCOMPARE(f.browser.count(), 1);
    }

    void anAddressThatOpensOnceIsAskedForAnew() {
        Fixture f;
        json begun = begunLogin();
        begun["url_expires_at"] = 1'700'000'060;
        f.broker.answer("account.login", begun);
        const QString fresh = QStringLiteral("https://login.example.com/authorize?request_uri=two");
        f.broker.answer("account.login_url", {{"authorization_url", fresh.toStdString()}, {"url_expires_at", 1}});
        f.begin();
        QObject asker;
        QList<QUrl> got;
        f.flow.withUrl(&asker, [&](const QUrl& url) { got << url; });
        QTRY_COMPARE_WITH_TIMEOUT(got, QList<QUrl>{QUrl(fresh)}, kSoon);
        QVERIFY(f.broker.calls("account.login_url").front() == (json{{"login_id", "l1"}}));
        f.broker.refuse("account.login_url", "provider_unreachable", "not now");
        f.flow.withUrl(&asker, [&](const QUrl& url) { got << url; });
        QTRY_COMPARE_WITH_TIMEOUT(got.size(), 2, kSoon);
        QCOMPARE(got.back(), QUrl(fresh)); // it may still open
    }

    void anAddressThatStaysGoodIsNotAskedFor() {
        Fixture f;
        f.begin();
        QUrl got;
        f.flow.withUrl(&f.flow, [&](const QUrl& url) { got = url; });
        QCOMPARE(got, QUrl(QString::fromLatin1(kUrl)));
        QVERIFY(f.broker.calls("account.login_url").empty());
    }

    void aPersonAsksForIt() {
        Fixture f;
        f.begin({.provider = "lab", .account = "work", .clientId = "c1", .device = true, .fresh = true});
        const json expected{{"provider", "lab"}, {"account", "work"}, {"client_id", "c1"},
                            {"flow", "device"},  {"fresh", true},     {"attended", true}};
        QVERIFY(f.broker.calls("account.login").front() == expected);
    }

    void nothingOpens_data() {
        QTest::addColumn<QByteArray>("change");
        QTest::addColumn<bool>("device");
        QTest::newRow("a window is open for it") << QByteArray(R"({"joined":true})") << false;
        QTest::newRow("the screen is locked") << QByteArray(R"({"screen_locked":true})") << false;
        QTest::newRow("a code for another screen") << QByteArray(R"({"user_code":"ABCD"})") << true;
        QTest::newRow("no web address") << QByteArray("{\"authorization_url\":\"file:///etc/passwd\"}") << false;
    }
    void nothingOpens() {
        QFETCH(const QByteArray, change);
        QFETCH(const bool, device);
        Fixture f;
        json begun = begunLogin();
        begun.merge_patch(json::parse(change.toStdString()));
        f.broker.answer("account.login", begun);
        f.begin({.provider = "lab", .account = {}, .clientId = {}, .device = device});
        QCOMPARE(f.flow.stage(), Stage::Waiting);
        QCOMPARE(f.browser.count(), 0);
    }

    void aRefusalIsTold() {
        Fixture f;
        f.broker.refuse("account.login", "client_id_required", "register first");
        f.begin();
        QCOMPARE(f.flow.stage(), Stage::Failed);
        QCOMPARE(f.flow.error().kind, std::string("client_id_required"));
        QVERIFY(!f.flow.isUnderWay());
    }

    void aFailureHasItsReason() {
        Fixture f;
        f.begin();
        f.tell({{"state", "failed"}, {"error", {{"kind", "provider_error"}, {"message", "access_denied"}}}});
        QTRY_COMPARE_WITH_TIMEOUT(f.flow.stage(), Stage::Failed, kSoon);
        QCOMPARE(f.flow.error().kind, std::string("provider_error"));
        QCOMPARE(f.flow.error().message, std::string("access_denied"));
    }

    void cancellingTellsTheBroker() {
        Fixture f;
        f.begin();
        f.flow.cancel();
        QCOMPARE(f.flow.stage(), Stage::Cancelled);
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("account.login_cancel").size(), 1U, kSoon);
        QVERIFY(f.broker.calls("account.login_cancel").front()["login_id"] == "l1");
        f.tell({{"state", "done"}, {"account", "work"}}); // too late
        f.broker.answer("system.hello", json::object());
        bool isRead = false;
        f.link.call("system.hello", json::object(), this, [&](const auto&) { isRead = true; });
        QTRY_VERIFY_WITH_TIMEOUT(isRead, kSoon);
        QCOMPARE(f.flow.stage(), Stage::Cancelled);
    }

    void whatIsCancelledBeforeItHasBegunIsCancelledThen() {
        Fixture f;
        QTRY_COMPARE_WITH_TIMEOUT(f.link.state(), BrokerLink::State::Open, kSoon);
        f.broker.hold("account.login");
        f.flow.start({.provider = "lab", .account = {}, .clientId = {}});
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("account.login").size(), 1U, kSoon);
        f.flow.cancel();
        QVERIFY(f.broker.calls("account.login_cancel").empty());
        f.broker.release("account.login", begunLogin());
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("account.login_cancel").size(), 1U, kSoon);
        QCOMPARE(f.browser.count(), 0);
    }

    void anotherStartEndsTheOneBefore() {
        Fixture f;
        f.begin();
        f.flow.start({.provider = "other", .account = {}, .clientId = {}});
        QTRY_COMPARE_WITH_TIMEOUT(f.browser.count(), 2, kSoon);
        QCOMPARE(f.broker.calls("account.login_cancel").size(), 1U);
        QCOMPARE(f.flow.stage(), Stage::Waiting);
    }

    void aLostConnectionIsAFailure() {
        Fixture f;
        f.begin();
        QTRY_COMPARE_WITH_TIMEOUT(f.broker.calls("account.login_status").size(), 1U, kSoon);
        f.broker.hangUp();
        QTRY_COMPARE_WITH_TIMEOUT(f.flow.stage(), Stage::Failed, kSoon);
        QCOMPARE(f.flow.error().kind, std::string("connection_lost"));
    }

    void aClientSecretGoesAlong() {
        Fixture f;
        QTRY_COMPARE_WITH_TIMEOUT(f.link.state(), BrokerLink::State::Open, kSoon);
        f.flow.start({.provider = "lab", .account = {}, .clientId = {}}, base::Secret("s3cret"));
        QTRY_COMPARE_WITH_TIMEOUT(f.flow.stage(), Stage::Waiting, kSoon);
        QVERIFY(f.broker.calls("account.login").front()["client_secret"] == "s3cret");
    }
};

QTEST_GUILESS_MAIN(TestLoginFlow)
#include "tst_login_flow.moc"
