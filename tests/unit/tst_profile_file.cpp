#include "daemon/providers/profile_file.h"

#include <QTest>

using namespace keybearer::providers;

namespace {

/// Two good lines, so that what is under test stands in line 3.
const std::string kGood = "id = \"example\"\nissuer = \"https://as.example\"\n";

} // namespace

class TestProfileFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsExtendedMustBeReadable() {
        const auto profile = parseProfile("id = 'x'\nextends = 'y'\n", "p.toml", {"= ="});
        QVERIFY(!profile);
        QCOMPARE(profile.error(), std::string("p.toml:1:1: the profile that it extends cannot be read"));
        QVERIFY(!parseProfile("id = 'x'\nextends = 'y'\nissuer = 'https://a.example'\n", "p.toml"));
    }

    void everyKeyIsRead() {
        const auto profile = parseProfile(R"(# comment
id = "my-as2"
display_name = "Étude"
issuer = "https://login.example.com:8443/tenant"
client_id = "abc-123.apps"
client_secret = true
scopes = ["openid", "https://as.example/scope"]
redirect = "http://localhost/cb"
redirect_ports = [8400, 8401]
ca_file = "/etc/ssl/company.pem"
register_url = "https://login.example.com/apps?tab=own"
assume_pkce = true
refresh_lifetime_days = 180
)",
                                          "providers.d/my.toml");
        QVERIFY2(profile.has_value(), profile ? "" : profile.error().c_str());
        QCOMPARE(profile->id, std::string("my-as2"));
        QCOMPARE(profile->displayName, std::string("Étude"));
        QCOMPARE(profile->issuer, std::string("https://login.example.com:8443/tenant"));
        QCOMPARE(profile->clientId, std::string("abc-123.apps"));
        QVERIFY(profile->clientSecret);
        QCOMPARE(profile->scopes, (std::vector<std::string>{"openid", "https://as.example/scope"}));
        QCOMPARE(profile->redirect.host, std::string("localhost"));
        QCOMPARE(profile->redirect.ports, (std::vector<std::uint16_t>{8400, 8401}));
        QCOMPARE(profile->redirect.path, std::string("/cb"));
        QCOMPARE(profile->caFile, std::string("/etc/ssl/company.pem"));
        QCOMPARE(profile->registerUrl, std::string("https://login.example.com/apps?tab=own"));
        QVERIFY(profile->assumePkce);
        QVERIFY(profile->refreshLifetime == std::chrono::hours(180 * 24));
        QCOMPARE(profile->source, std::string("providers.d/my.toml"));
    }

    void nameAndIssuerAreEnough() {
        const auto profile = parseProfile(kGood, "p.toml");
        QVERIFY(profile.has_value());
        QCOMPARE(profile->displayName, std::string("example"));
        QVERIFY(profile->clientId.empty());
        QVERIFY(!profile->clientSecret);
        QVERIFY(!profile->assumePkce);
        QVERIFY(!profile->refreshLifetime);
        QVERIFY(profile->scopes.empty());
        QVERIFY(profile->redirect.host.empty());
        QCOMPARE(profile->redirect.path, std::string("/*"));
    }

    void anIssuerOfThisMachineMayBeHttp_data() {
        QTest::addColumn<QByteArray>("issuer");
        for (const char* issuer : {"http://127.0.0.1:9400", "http://127.1.2.255/a", "http://localhost:9400",
                                   "http://[::1]:9400", "http://localhost"}) {
            QTest::newRow(issuer) << QByteArray(issuer);
        }
    }
    void anIssuerOfThisMachineMayBeHttp() {
        QFETCH(const QByteArray, issuer);
        const auto profile = parseProfile("id = \"a\"\nissuer = \"" + issuer.toStdString() + "\"\n", "p.toml");
        QVERIFY2(profile.has_value(), profile ? "" : profile.error().c_str());
    }

    void wrongIssuersAreRefused_data() {
        QTest::addColumn<QByteArray>("issuer");
        for (const char* issuer : {"",
                                   "http://as.example",
                                   "http://127.0.0.1.evil.example",
                                   "http://127.evil.example",
                                   "http://127.0.0",
                                   "http://127.0.0.256",
                                   "http://127.0.0.1.1",
                                   "http://127.0.0.",
                                   "http://localhost.evil.example",
                                   "http://[::2]",
                                   "http://0.0.0.0",
                                   "http://10.0.0.1",
                                   "ftp://as.example",
                                   "as.example",
                                   "//as.example",
                                   "https://",
                                   "https:///path",
                                   "https://as.example?a",
                                   "https://as.example/#f",
                                   "https://user@as.example",
                                   "https://as.example:",
                                   "https://as.example:84a",
                                   "https://as.example:1234567",
                                   "https://as example",
                                   "https://as.example/\\u00e9",
                                   "https://[::1",
                                   "https://[]",
                                   "https://[::1]x",
                                   "HTTPS://as.example",
                                   "https://as.example\\u0000"}) {
            QTest::newRow(issuer) << QByteArray(issuer);
        }
    }
    void wrongIssuersAreRefused() {
        QFETCH(const QByteArray, issuer);
        const auto profile = parseProfile("id = \"a\"\nissuer = \"" + issuer.toStdString() + "\"\n", "p.toml");
        QVERIFY(!profile);
        QVERIFY2(profile.error().starts_with("p.toml:2:10: `issuer` "), profile.error().c_str());
    }

    void keysAreDescribed() {
        const auto profile = parseProfile(R"(id = "example-ai"
aliases = ["ex", "ExAI"]
dashboard_url = "https://example.com/keys"
needs = [["api_key"], ["mail", "pem"]]
[fields.pem]
type = "pem"
secret = true
path_env = ["EX_PEM_FILE"]
[fields.mail]
type = "text"
[fields.api_key]
type = "token"
secret = true
env = ["EX_KEY", "EX_TOKEN"]
prefixes = ["ex-"]
[fields.base_url]
type = "url"
endpoint = true
default = "https://api.example.com/v1"
)",
                                          "p.toml");
        QVERIFY2(profile.has_value(), profile ? "" : profile.error().c_str());
        QVERIFY(profile->issuer.empty());
        QCOMPARE(profile->aliases, (std::vector<std::string>{"ex", "ExAI"}));
        QCOMPARE(profile->dashboardUrl, std::string("https://example.com/keys"));
        QCOMPARE(profile->needs, (std::vector<std::vector<std::string>>{{"api_key"}, {"mail", "pem"}}));
        QCOMPARE(profile->mainField, std::string("api_key"));
        QCOMPARE(profile->fields.size(), std::size_t(4));
        const Field* key = profile->field("apiKey");
        QVERIFY(key != nullptr && key->secret && !key->endpoint && key->type == FieldType::Token);
        QCOMPARE(key->variables, (std::vector<std::string>{"EX_KEY", "EX_TOKEN"}));
        QCOMPARE(key->prefixes, std::vector<std::string>{"ex-"});
        QCOMPARE(profile->field("pem")->pathVariables, std::vector<std::string>{"EX_PEM_FILE"});
        QVERIFY(profile->field("base-url")->endpoint);
        QCOMPARE(profile->field("base_url")->defaultValue, std::string("https://api.example.com/v1"));
        QVERIFY(profile->field("other") == nullptr);
    }

    void mistakesInTheDescriptionOfKeysAreNamed_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* name, const char* text, const char* says) {
            QTest::newRow(name) << QByteArray("id = \"a\"\n") + text << QByteArray(says);
        };
        constexpr const char* kField = "needs = []\n[fields.key]\n";
        const auto field = [](const char* name, const std::string& text, const char* says) {
            QTest::newRow(name) << QByteArray("id = \"a\"\n") + kField + QByteArray::fromStdString(text)
                                << QByteArray(says);
        };
        row("no needs", "[fields.key]\ntype = \"token\"\n", "`needs` is missing");
        row("needs of words", "needs = [\"key\"]\n[fields.key]\ntype = \"token\"\n", "list of lists");
        row("needs a field that is not there", "needs = [[\"kee\"]]\n[fields.key]\ntype = \"token\"\n", "not the name");
        row("needs nothing in a set", "needs = [[]]\n[fields.key]\ntype = \"token\"\n", "list of lists");
        row("main is no field", "main = \"x\"\nneeds = []\n[fields.key]\ntype = \"token\"\n", "`main` is not");
        row("fields is a word", "fields = \"key\"\n", "write [fields.api_key]");
        row("field is a word", "needs = []\n[fields]\nkey = \"token\"\n", "write [fields.key]");
        row("field's name in capitals", "needs = []\n[fields.Key]\ntype = \"token\"\n", "a-z");
        row("two fields of nearly one name",
            "needs = []\n[fields.a_b]\ntype = \"token\"\n[fields.ab]\ntype = \"text\"\n", "nearly the same");
        row("alias with a space", "aliases = [\"a b\"]\nneeds = []\n[fields.key]\ntype = \"token\"\n", "an alias");
        row("dashboard without TLS", "dashboard_url = \"http://a.b\"\nneeds = []\n[fields.key]\ntype = \"token\"\n",
            "`dashboard_url`");
        field("no type", "", "`type` is one of");
        field("unknown type", "type = \"password\"\n", "`type` is one of");
        field("typo", "type = \"token\"\nsecrt = true\n", "did you mean `secret`?");
        field("secret with a default", "type = \"token\"\nsecret = true\ndefault = \"canary\"\n",
              "leave `default` out");
        field("secret endpoint", "type = \"token\"\nsecret = true\nendpoint = true\n", "not both");
        field("default of another type", "type = \"url\"\ndefault = \"canary\"\n", "`default` must be a URL");
        field("variable with =", "type = \"token\"\nenv = [\"A=b\"]\n", "environment variable");
        field("variable twice", "type = \"token\"\nenv = [\"A\", \"A\"]\n", "already in the list");
        field("prefix with a space", "type = \"token\"\nprefixes = [\"a b\"]\n", "a prefix");
    }
    void mistakesInTheDescriptionOfKeysAreNamed() {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, says);
        const auto profile = parseProfile(text.toStdString(), "p.toml");
        QVERIFY(!profile);
        QVERIFY2(profile.error().find(says.toStdString()) != std::string::npos, profile.error().c_str());
        QVERIFY(profile.error().starts_with("p.toml:"));
        QVERIFY(profile.error().find("canary") == std::string::npos);
    }

    void mistakesAreNamedWithTheirPlace_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("begins");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* name, const std::string& text, const char* begins, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(text) << QByteArray("d/p.toml:") + begins + ": "
                                << QByteArray(says);
        };
        const auto third = [&](const char* name, const std::string& line, const char* begins, const char* says) {
            row(name, kGood + line + "\n", begins, says);
        };
        row("empty file", "", "1:1", "`id` is missing");
        row("no issuer", "id = \"a\"\n", "1:1", "`issuer` is missing");
        row("id with upper case", "id = \"A\"\nissuer = \"https://a.b\"\n", "1:6", "a-z");
        row("id with a slash", "id = \"a/b\"\nissuer = \"https://a.b\"\n", "1:6", "a-z");
        row("id begins with -", "id = \"-a\"\nissuer = \"https://a.b\"\n", "1:6", "beginning");
        row("long id", "id = \"" + std::string(65, 'a') + "\"\nissuer = \"https://a.b\"\n", "1:6", "64");
        row("id is a number", "id = 7\n", "1:6", "write id = \"example\"");
        third("typo", "  scope = []", "3:3", "did you mean `scopes`?");
        third("typo in two letters", "cleint_id = \"a\"", "3:1", "did you mean `client_id`?");
        third("dash instead of underscore", "ca-file = \"/a\"", "3:1", "did you mean `ca_file`?");
        third("unknown key", "something = 1", "3:1", "known are id display_name issuer");
        third("section", "[client]", "3:2", "there is no key `client`");
        third("client secret", "client_secret = \"GOCSPX-canary\"", "3:17", "does not belong in a file");
        third("client secret as a list", "client_secret = [\"canary\"]", "3:17", "does not belong in a file");
        third("client secret without quotes", "client_secret = canary", "3:17", "not valid TOML");
        third("client secret without end", "client_secret = \"canary", "3:", "not valid TOML");
        third("client id is a number", "client_id = 12", "3:13", "wrong type; write client_id = \"");
        third("client id with a space", "client_id = \"a b\"", "3:13", "copy it again");
        third("client id is empty", "client_id = \"\"", "3:13", "leave the key out");
        third("scopes in one string", "scopes = \"openid email\"", "3:10", "write scopes = [\"openid\", \"email\"]");
        third("scope with a space", "scopes = [\"openid\", \"a b\"]", "3:21", "each one by itself");
        third("scope with a quote", "scopes = ['a\"b']", "3:11", "each one by itself");
        third("empty scope", "scopes = [\"\"]", "3:11", "each one by itself");
        third("scope is a number", "scopes = [\"a\", 1]", "3:16", "wrong type");
        third("resource is a path", "resources = [\"/api\"]", "3:14", "an absolute URI");
        third("resource with a fragment", "resources = [\"https://api.example/#x\"]", "3:14", "an absolute URI");
        third("resource with a line break", "resources = [\"https://api.example/\\n\"]", "3:14", "an absolute URI");
        third("resource twice", "resources = [\"a:b\", \"a:b\"]", "3:21", "already in the list");
        third("scope twice", "scopes = [\"a\", \"a\"]", "3:16", "already in the list");
        third("redirect is https", "redirect = \"https://127.0.0.1/\"", "3:12", "begins with http://");
        third("redirect to another host", "redirect = \"http://example.com/\"", "3:12", "127.0.0.1");
        third("redirect is a list", "redirect = []", "3:12", "write redirect = \"http://127.0.0.1/callback\"");
        third("port in two places", "redirect = \"http://127.0.0.1:8400/\"\nredirect_ports = [8400]", "4:18",
              "one place");
        third("port too low", "redirect_ports = [80]", "3:19", "1024");
        third("port too high", "redirect_ports = [8400, 65536]", "3:25", "65535");
        third("negative port", "redirect_ports = [-1]", "3:19", "1024");
        third("port twice", "redirect_ports = [8400, 8400]", "3:25", "already in the list");
        third("port as text", "redirect_ports = [\"8400\"]", "3:19", "write redirect_ports = [8400, 8401]");
        third("port without list", "redirect_ports = 8400", "3:18", "write redirect_ports = [8400, 8401]");
        for (const char* days : {"0", "-1", "3651"}) {
            third((QByteArray("refresh tokens that last ") + days).constData(),
                  (QByteArray("refresh_lifetime_days = ") + days).constData(), "3:25", "from 1 to 3650");
        }
        third("a lifetime in words", "refresh_lifetime_days = \"180\"", "3:25", "write refresh_lifetime_days = 180");
        third("relative ca_file", "ca_file = \"ca.pem\"", "3:11", "absolute path");
        third("register_url without https", "register_url = \"http://as.example\"", "3:16", "https://login");
        third("register_url runs a script", "register_url = \"javascript:alert(1)\"", "3:16", "https://login");
        third("endpoints as a text", "endpoints = \"https://as.example\"", "3:13", "write [endpoints]");
        third("endpoints without a token endpoint", "endpoints = {authorization = \"https://as.example/a\"}", "1:1",
              "`token` is an https:// address");
        third("an endpoint without https",
              "endpoints = {authorization = \"http://as.example/a\", token = \"https://as.example/t\"}", "3:30",
              "`authorization` is an https:// address");
        third(
            "an empty endpoint",
            "endpoints = {authorization = \"https://as.example/a\", token = \"https://as.example/t\", userinfo = \"\"}",
            "3:", "");
        third("an unknown endpoint", "endpoints = {jwks = \"https://as.example/k\"}", "3:14", "no key `jwks`");
        third("a key that no field takes",
              "provision = {authorize_url = \"https://as.example/a\", exchange_url = \"https://as.example/k\"}", "1:1",
              "`field` names the secret");
        third("a key beside an issuer",
              "needs = [[\"k\"]]\nprovision = {authorize_url = \"https://as.example/a\", exchange_url = "
              "\"https://as.example/k\"}\n[fields.k]\ntype = \"token\"\nsecret = true",
              "4:", "not to both");
        third("assume_pkce as text", "assume_pkce = \"yes\"", "3:15", "write assume_pkce = true");
        third("control character in the name", "display_name = \"a\\u001b[31m\"", "3:16", "control");
        third("C1 control character in the name", "display_name = \"a\\u009b\"", "3:16", "control");
        third("long name", "display_name = \"" + std::string(201, 'a') + "\"", "3:16", "200");
        third("key twice", "id = \"b\"", "3:", "redefine");
        third("no value", "scopes =", "3:", "");
        third("no syntax at all", "what is this", "3:", "");
        row("broken UTF-8", "id = \"\xFF\"\n", "1:", "");
        row("NUL", std::string("id = \"a\0\"\n", 10), "1:", "");
    }
    void mistakesAreNamedWithTheirPlace() {
        QFETCH(const QByteArray, text);
        QFETCH(QByteArray, begins);
        QFETCH(const QByteArray, says);
        const auto profile = parseProfile(text.toStdString(), "d/p.toml");
        QVERIFY(!profile);
        const QByteArray error = QByteArray::fromStdString(profile.error());
        if (begins.endsWith(":: ")) {
            begins.chop(2); // the column of a syntax error is toml++'s own business
        }
        QVERIFY2(error.startsWith(begins), error.constData());
        QVERIFY2(error.contains(says), error.constData());
        QVERIFY2(!error.contains("canary"), error.constData());
        QVERIFY2(!error.contains('\x1b') && !error.contains('\n'), error.constData());
    }
};

QTEST_APPLESS_MAIN(TestProfileFile)
#include "tst_profile_file.moc"
