#include "ipc/base/challenge.h"

#include <QTest>

using namespace keybearer::base;

using Parameters = std::vector<std::pair<std::string, std::string>>;

class TestChallenge : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theExampleOfRfc9728IsRead() {
        const auto read = findChallenge("Bearer resource_metadata=\n"
                                        "  \"https://resource.example.com/.well-known/oauth-protected-resource\"",
                                        "bearer");
        QVERIFY(!read); // a folded header is none any more
        const auto plain = findChallenge(
            "Bearer resource_metadata=\"https://resource.example.com/.well-known/oauth-protected-resource\"", "bearer");
        QVERIFY(plain.has_value());
        QCOMPARE(*plain->parameter("resource_metadata"),
                 std::string("https://resource.example.com/.well-known/oauth-protected-resource"));
        QVERIFY(plain->parameter("scope") == nullptr);
    }

    void theExampleOfRfc9110IsRead() {
        const auto all =
            parseChallenges("Basic realm=\"simple\", Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\"");
        QVERIFY(all.has_value());
        QCOMPARE(all->size(), std::size_t(2));
        QCOMPARE(all->at(0).scheme, std::string("basic"));
        QVERIFY((all->at(0).parameters == Parameters{{"realm", "simple"}}));
        QVERIFY(
            (all->at(1).parameters == Parameters{{"realm", "apps"}, {"type", "1"}, {"title", "Login to \"apps\""}}));
    }

    void everythingThatAServerMaySend_data() {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("scope");
        const auto row = [](const char* name, const char* header, const char* scope) {
            QTest::newRow(name) << QByteArray(header) << QByteArray(scope);
        };
        row("only", "Bearer scope=\"a b\"", "a b");
        row("another scheme before", "DPoP algs=\"ES256\", Bearer scope=\"a\"", "a");
        row("another scheme behind", "Bearer error=\"insufficient_scope\", scope=\"a\", DPoP algs=\"ES256\"", "a");
        row("a token68 before", "Negotiate YWJj==, Bearer scope=a", "a");
        row("a bare scheme before", "Negotiate, Bearer scope=a", "a");
        row("names in capitals", "BEARER SCOPE=\"a\"", "a");
        row("blanks around", "  Bearer \t scope = \"a\"  ", "a");
        row("empty elements", ", ,Bearer realm=\"x\",, scope=\"a\",", "a");
        row("an address without quotes", "Bearer resource_metadata=https://x.example/a?b=c, scope=a", "a");
        row("an escape", "Bearer scope=\"a\\\"b\"", "a\"b");
        row("an empty text", "Bearer scope=\"\"", "");
    }
    void everythingThatAServerMaySend() {
        QFETCH(const QByteArray, header);
        QFETCH(const QByteArray, scope);
        const auto read = findChallenge(header.toStdString(), "bearer");
        QVERIFY(read.has_value());
        QVERIFY(read->parameter("scope") != nullptr);
        QCOMPARE(*read->parameter("scope"), scope.toStdString());
    }

    void challengesForTokens_data() {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("error"); // "-": none
        QTest::addColumn<bool>("boundOnly");
        const auto row = [](const char* header, const char* error, bool boundOnly) {
            QTest::newRow(header) << QByteArray(header) << QByteArray(error) << boundOnly;
        };
        row("Bearer error=\"a\"", "a", false);
        row("DPoP error=\"a\"", "a", true);
        row("dpop ERROR=a, Basic realm=x", "a", true);
        // RFC 9449 section 7.2: a resource that takes both
        row("Bearer error=\"b\", DPoP algs=\"ES256\"", "b", false);
        row("Bearer error=\"b\", DPoP error=\"a\", algs=\"ES256\"", "a", false);
        row("DPoP algs=\"ES256\", DPoP error=\"a\"", "a", true);
        row("DPoP algs=\"ES256 PS256\"", "-", true);
        row("Bearer, DPoP algs=\"ES256\"", "-", false);
        row("Basic error=\"a\"", "-", false);
        row("DPoP error=\"a", "-", false);
        row("", "-", false);
    }
    void challengesForTokens() {
        QFETCH(const QByteArray, header);
        QFETCH(const QByteArray, error);
        QFETCH(const bool, boundOnly);
        const auto read = findTokenChallenge(header.toStdString(), "error");
        QCOMPARE(read ? *read->parameter("error") : std::string("-"), error.toStdString());
        QCOMPARE(wantsBoundTokens(header.toStdString()), boundOnly);
    }

    void aSchemeAloneHasNoParameters() {
        const auto read = findChallenge("Bearer", "bearer");
        QVERIFY(read && read->parameters.empty());
        QVERIFY(!findChallenge("Basic", "bearer"));
        QVERIFY(parseChallenges("")->empty());
    }

    void whatIsNoChallengeIsNotRead_data() {
        QTest::addColumn<QByteArray>("header");
        const auto row = [](const char* name, const QByteArray& header) { QTest::newRow(name) << header; };
        row("a quote that stays open", "Bearer scope=\"a");
        row("an escape at the end", "Bearer scope=\"a\\");
        row("a parameter twice", "Bearer scope=\"a\", scope=\"b\"");
        row("a parameter twice in another case", "Bearer scope=\"a\", SCOPE=\"b\"");
        row("no value", "Bearer realm=x, scope=");
        row("no comma", "Bearer scope=\"a\" error=\"b\"");
        row("no scheme", "=a");
        row("a scheme that is none", "Be(arer scope=a");
        row("a line break", "Bearer scope=\"a\nb\"");
        row("a NUL", QByteArray("Bearer scope=\"a\0b\"", 18));
        row("another alphabet", "Bearer scope=\"\xC3\xA4\"");
        row("too long", "Bearer scope=\"" + QByteArray(8192, 'a') + "\"");
        row("too many", QByteArray("A, ").repeated(17));
        QByteArray parameters = "Bearer ";
        for (int i = 0; i < 33; ++i) {
            parameters += 'p' + QByteArray::number(i) + "=1, ";
        }
        row("too many parameters", parameters);
    }
    void whatIsNoChallengeIsNotRead() {
        QFETCH(const QByteArray, header);
        QVERIFY(!parseChallenges(header.toStdString()));
    }
};

QTEST_GUILESS_MAIN(TestChallenge)
#include "tst_challenge.moc"
