#include "daemon/oauth/authorization_request.h"

#include <QTest>
#include <QUrlQuery>

using namespace keybearer::oauth;

class tst_AuthorizationRequest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void carriesEveryParameterOnce();
    void keepsTheEndpointsOwnQuery();
    void repeatsTheResource();
    void leavesOutWhatIsEmpty();
    void asksForConsentWhenAskingForOfflineAccess();
    void scopes_data();
    void scopes();
};

namespace {

AuthorizationRequest request() {
    return {"https://as.example/authorize",
            "my client",
            "http://127.0.0.1:4000/cb?x&y",
            {"openid", "a:b"},
            "st",
            "no",
            "ch",
            "jkt",
            {}};
}

} // namespace

void tst_AuthorizationRequest::carriesEveryParameterOnce() {
    // Read back by Qt's parser, which is not ours.
    const QUrl url(QString::fromStdString(authorizationUrl(request())), QUrl::StrictMode);
    QVERIFY(url.isValid());
    const QUrlQuery query(url);
    const QMap<QString, QString> expected{
        {QStringLiteral("response_type"), QStringLiteral("code")},
        {QStringLiteral("client_id"), QStringLiteral("my client")},
        {QStringLiteral("redirect_uri"), QStringLiteral("http://127.0.0.1:4000/cb?x&y")},
        {QStringLiteral("scope"), QStringLiteral("openid a:b")},
        {QStringLiteral("state"), QStringLiteral("st")},
        {QStringLiteral("nonce"), QStringLiteral("no")},
        {QStringLiteral("code_challenge"), QStringLiteral("ch")},
        {QStringLiteral("code_challenge_method"), QStringLiteral("S256")},
        {QStringLiteral("dpop_jkt"), QStringLiteral("jkt")},
    };
    QCOMPARE(query.queryItems().size(), expected.size());
    for (auto it = expected.begin(); it != expected.end(); ++it) {
        QCOMPARE(query.queryItemValue(it.key(), QUrl::FullyDecoded), it.value());
    }
}

void tst_AuthorizationRequest::keepsTheEndpointsOwnQuery() {
    AuthorizationRequest with = request();
    with.endpoint = "https://as.example/authorize?tenant=7";
    QVERIFY(authorizationUrl(with).starts_with("https://as.example/authorize?tenant=7&response_type=code&"));
}

void tst_AuthorizationRequest::repeatsTheResource() {
    AuthorizationRequest with = request();
    with.resources = {"https://api.example/a", "urn:b"};
    const QUrlQuery query(QUrl(QString::fromStdString(authorizationUrl(with))));
    QCOMPARE(query.allQueryItemValues(QStringLiteral("resource"), QUrl::FullyDecoded),
             (QStringList{QStringLiteral("https://api.example/a"), QStringLiteral("urn:b")}));
}

void tst_AuthorizationRequest::leavesOutWhatIsEmpty() {
    AuthorizationRequest plain = request();
    plain.nonce.clear();
    plain.scopes.clear();
    QVERIFY(authorizationUrl(plain).find("nonce") == std::string::npos);
    QVERIFY(authorizationUrl(plain).find("scope") == std::string::npos);
}

void tst_AuthorizationRequest::asksForConsentWhenAskingForOfflineAccess() {
    QVERIFY(authorizationUrl(request()).find("prompt") == std::string::npos);
    AuthorizationRequest offline = request();
    offline.scopes.emplace_back("offline_access");
    QVERIFY(authorizationUrl(offline).find("&prompt=consent&") != std::string::npos); // OpenID Connect Core section 11
}

void tst_AuthorizationRequest::scopes_data() {
    QTest::addColumn<QByteArray>("scope");
    QTest::addColumn<bool>("valid");
    QTest::newRow("word") << QByteArray("openid") << true;
    QTest::newRow("url") << QByteArray("https://www.googleapis.com/auth/drive") << true;
    QTest::newRow("empty") << QByteArray("") << false;
    QTest::newRow("space") << QByteArray("a b") << false;
    QTest::newRow("quote") << QByteArray("a\"b") << false;
    QTest::newRow("backslash") << QByteArray("a\\b") << false;
    QTest::newRow("control") << QByteArray("a\nb") << false;
    QTest::newRow("not ASCII") << QByteArray("\xC3\xA9") << false;
    QTest::newRow("256") << QByteArray(256, 'a') << false;
}

void tst_AuthorizationRequest::scopes() {
    QFETCH(QByteArray, scope);
    QTEST(areScopeTokens({"openid", scope.toStdString()}), "valid");
}

QTEST_GUILESS_MAIN(tst_AuthorizationRequest)
#include "tst_authorization_request.moc"
