#include "daemon/accounts/stored_grant.h"

#include <QTest>

using namespace keybearer;
using namespace keybearer::accounts;

class tst_StoredGrant : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void roundTrip();
    void readsVersionOneForEver();
    void refuses_data();
    void refuses();
};

void tst_StoredGrant::roundTrip() {
    StoredGrant grant;
    grant.generation = 41;
    grant.issuer = "https://as.example";
    grant.clientId = "client";
    grant.refreshToken = base::RefreshToken{base::Secret("r\"t")};
    const auto read = parseGrant(formatGrant(grant));
    QVERIFY(read);
    QCOMPARE(read->generation, std::uint64_t{41});
    QCOMPARE(read->issuer, grant.issuer);
    QCOMPARE(read->refreshToken->reveal(), std::string_view("r\"t"));
    QVERIFY(!read->accessToken);
}

void tst_StoredGrant::readsVersionOneForEver() {
    const auto read = parseGrant(base::Secret(
        R"({"version":1,"generation":3,"issuer":"https://as.example","client_id":"c","expires_at":1764500000,"access_token":"at"})"));
    QVERIFY(read);
    QCOMPARE(read->accessToken->reveal(), std::string_view("at"));
    QCOMPARE(read->expiresAt, std::int64_t{1764500000});
}

void tst_StoredGrant::refuses_data() {
    QTest::addColumn<QByteArray>("item");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("bare token") << QByteArray("s3cret-token");
    QTest::newRow("newer version") << QByteArray(
        R"({"version":2,"generation":1,"issuer":"i","client_id":"c","expires_at":0,"refresh_token":"s3cret"})");
    QTest::newRow("no token") << QByteArray(
        R"({"version":1,"generation":1,"issuer":"i","client_id":"c","expires_at":0})");
    QTest::newRow("empty token") << QByteArray(
        R"({"version":1,"generation":1,"issuer":"i","client_id":"c","expires_at":0,"refresh_token":""})");
    QTest::newRow("no issuer") << QByteArray(
        R"({"version":1,"generation":1,"client_id":"c","expires_at":0,"refresh_token":"s3cret"})");
    QTest::newRow("negative generation") << QByteArray(
        R"({"version":1,"generation":-1,"issuer":"i","client_id":"c","expires_at":0,"refresh_token":"s3cret"})");
    QTest::newRow("twice") << QByteArray(
        R"({"version":1,"generation":1,"issuer":"i","issuer":"j","client_id":"c","expires_at":0,"refresh_token":"s3cret"})");
}

void tst_StoredGrant::refuses() {
    QFETCH(QByteArray, item);
    const auto read = parseGrant(base::Secret(item.toStdString()));
    QVERIFY(!read);
    QVERIFY(read.error().find("s3cret") == std::string::npos);
}

QTEST_GUILESS_MAIN(tst_StoredGrant)
#include "tst_stored_grant.moc"
