#include "daemon/oauth/userinfo.h"

#include <QTest>

using namespace keybearer::oauth;

class tst_Userinfo : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsTheNames();
    void refuses_data();
    void refuses();
};

void tst_Userinfo::readsTheNames() {
    // OpenID Connect Core section 5.3.2, the example, with a name that tries to paint the terminal.
    const auto claims = parseUserinfo(R"({"sub":"248289761001","name":"Jane\u001b[31m Doe","given_name":"Jane",
        "preferred_username":"j.doe","email":"janedoe@example.com","picture":null})",
                                      "248289761001");
    QVERIFY(claims);
    QCOMPARE(claims->email, std::string("janedoe@example.com"));
    QCOMPARE(claims->preferredUsername, std::string("j.doe"));
    QCOMPARE(claims->name, std::string("Jane?[31m Doe"));
}

void tst_Userinfo::refuses_data() {
    QTest::addColumn<QByteArray>("body");
    QTest::addColumn<bool>("rejected");
    QTest::newRow("another subject") << QByteArray(R"({"sub":"mallory","email":"a@b"})") << true;
    QTest::newRow("no subject") << QByteArray(R"({"email":"a@b"})") << true;
    QTest::newRow("subject is a number") << QByteArray(R"({"sub":1})") << true;
    QTest::newRow("subject twice") << QByteArray(R"({"sub":"alice","sub":"mallory"})") << false;
    QTest::newRow("not JSON") << QByteArray("<html>") << false;
    QTest::newRow("a signed answer, which was not asked for") << QByteArray("eyJhbGciOiJub25lIn0.e30.") << false;
}

void tst_Userinfo::refuses() {
    QFETCH(QByteArray, body);
    QFETCH(bool, rejected);
    const auto claims = parseUserinfo(body.toStdString(), "alice");
    QVERIFY(!claims);
    QCOMPARE(claims.error().kind == ErrorKind::Rejected, rejected);
}

QTEST_GUILESS_MAIN(tst_Userinfo)
#include "tst_userinfo.moc"
