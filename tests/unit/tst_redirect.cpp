#include "daemon/providers/redirect.h"

#include <QTest>

using namespace keybearer::providers;

class TestRedirect : public QObject {
    Q_OBJECT

private Q_SLOTS:
    // RFC 8252 sections 7.3 and 8.3
    void redirectsAreRead_data() {
        QTest::addColumn<QByteArray>("uri");
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<int>("port");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("registration");
        const auto row = [](const char* uri, const char* host, int port, const char* path, const char* registration) {
            QTest::newRow(uri) << QByteArray(uri) << QByteArray(host) << port << QByteArray(path)
                               << QByteArray(registration);
        };
        row("http://127.0.0.1/callback", "127.0.0.1", 0, "/callback", "http://127.0.0.1/callback");
        row("http://127.0.0.1/*", "127.0.0.1", 0, "/*", "http://127.0.0.1");
        row("http://127.0.0.1/callback/*", "127.0.0.1", 0, "/callback/*", "http://127.0.0.1/callback");
        row("http://[::1]:8400/cb", "[::1]", 8400, "/cb", "http://[::1]:8400/cb");
        row("http://localhost/cb", "localhost", 0, "/cb", "http://localhost/cb");
        row("http://localhost:65535/", "localhost", 65535, "/", "http://localhost:65535/");
        row("http://127.0.0.1:1024/a-b._~/C9/", "127.0.0.1", 1024, "/a-b._~/C9/", "http://127.0.0.1:1024/a-b._~/C9/");
        row("http://127.0.0.1:8400/*", "127.0.0.1", 8400, "/*", "http://127.0.0.1:8400");
    }
    void redirectsAreRead() {
        QFETCH(const QByteArray, uri);
        QFETCH(const QByteArray, host);
        QFETCH(const int, port);
        QFETCH(const QByteArray, path);
        QFETCH(const QByteArray, registration);
        const auto redirect = parseRedirect(uri.toStdString());
        QVERIFY2(redirect.has_value(), redirect ? "" : redirect.error().c_str());
        QCOMPARE(redirect->host, host.toStdString());
        QCOMPARE(redirect->ports.empty() ? 0 : int{redirect->ports.front()}, port);
        QCOMPARE(redirect->path, path.toStdString());
        QCOMPARE(registrationUri(*redirect), registration.toStdString());
    }

    void theFirstOfSeveralPortsIsRegistered() {
        Redirect redirect;
        redirect.ports = {8400, 8401};
        redirect.path = "/cb";
        QCOMPARE(registrationUri(redirect), std::string("http://127.0.0.1:8400/cb"));
    }

    void otherRedirectsAreRefused_data() {
        QTest::addColumn<QByteArray>("uri");
        QTest::addColumn<QByteArray>("says");
        const auto row = [](const char* name, const std::string& uri, const char* says) {
            QTest::newRow(name) << QByteArray::fromStdString(uri) << QByteArray(says);
        };
        row("empty", "", "http://");
        row("https", "https://127.0.0.1/cb", "http://");
        row("own scheme", "com.example.app:/cb", "http://");
        row("upper-case scheme", "HTTP://127.0.0.1/cb", "http://");
        row("another host", "http://example.com/cb", "host");
        row("another address", "http://127.0.0.2/cb", "host");
        row("all interfaces", "http://0.0.0.0/cb", "host");
        row("host continues", "http://127.0.0.1.evil.example/cb", "host");
        row("host continues after localhost", "http://localhost.evil.example/cb", "host");
        row("user information", "http://127.0.0.1@evil.example/cb", "host");
        row("user name", "http://user@127.0.0.1/cb", "host");
        row("upper-case host", "http://LOCALHOST/cb", "host");
        row("IPv6 without brackets", "http://::1/cb", "host");
        row("no host", "http:///cb", "host");
        row("port 0", "http://127.0.0.1:0/cb", "port");
        row("low port", "http://127.0.0.1:80/cb", "port");
        row("last low port", "http://127.0.0.1:1023/cb", "port");
        row("port too high", "http://127.0.0.1:65536/cb", "port");
        row("port much too high", "http://127.0.0.1:99999999999999999999/cb", "port");
        row("port with zeroes", "http://127.0.0.1:08400/cb", "port");
        row("no digits", "http://127.0.0.1:/cb", "port");
        row("letters", "http://127.0.0.1:84a/cb", "port");
        row("sign", "http://127.0.0.1:+8400/cb", "port");
        row("any port", "http://127.0.0.1:*/cb", "port");
        row("no path", "http://127.0.0.1", "path");
        row("no path after the port", "http://127.0.0.1:8400", "path");
        row("query", "http://127.0.0.1/cb?a=b", "?");
        row("fragment", "http://127.0.0.1/cb#a", "#");
        row("query at once", "http://127.0.0.1?a=b", "host");
        row("star inside", "http://127.0.0.1/*/cb", "*");
        row("star in a segment", "http://127.0.0.1/cb*", "*");
        row("two stars", "http://127.0.0.1/**", "*");
        row("escape", "http://127.0.0.1/c%62", "letters");
        row("space", "http://127.0.0.1/c b", "letters");
        row("control character", "http://127.0.0.1/c\x1b[31m", "letters");
        row("letter outside ASCII", "http://127.0.0.1/\xC3\xA9", "letters");
        row("empty segment", "http://127.0.0.1//cb", "//");
        row("empty segment before the star", "http://127.0.0.1/cb//*", "//");
        row("dot", "http://127.0.0.1/./cb", ".");
        row("dots", "http://127.0.0.1/cb/..", "..");
        row("dots before the star", "http://127.0.0.1/../*", "..");
        row("long path", "http://127.0.0.1/" + std::string(256, 'a'), "long");
    }
    void otherRedirectsAreRefused() {
        QFETCH(const QByteArray, uri);
        QFETCH(const QByteArray, says);
        const auto redirect = parseRedirect(uri.toStdString());
        QVERIFY(!redirect);
        QVERIFY2(QByteArray::fromStdString(redirect.error()).contains(says), redirect.error().c_str());
        QVERIFY(redirect.error().find('\x1b') == std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestRedirect)
#include "tst_redirect.moc"
