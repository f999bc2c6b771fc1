#include "ipc/base/url.h"

#include <QTest>

using namespace keybearer::base;

class tst_Url : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void partsAreFound() {
        const auto url = parseUrl("HTTPS://As.Example:8443/a/b?q=1#f");
        QVERIFY(url.has_value());
        QVERIFY(url->https);
        QCOMPARE(url->host, "as.example");
        QCOMPARE(url->port, std::uint16_t{8443});
        QCOMPARE(url->origin, "HTTPS://As.Example:8443");
        QCOMPARE(url->path, "/a/b");
        QVERIFY(url->hasQuery);
        QVERIFY(url->hasFragment);
    }

    void absentPartsAreEmpty() {
        const auto url = parseUrl("http://[2001:db8::1]");
        QVERIFY(url.has_value());
        QVERIFY(!url->https);
        QCOMPARE(url->host, "[2001:db8::1]");
        QCOMPARE(url->port, std::uint16_t{0});
        QCOMPARE(url->path, "");
        QVERIFY(!url->hasQuery);
        QVERIFY(!url->hasFragment);
    }

    void emptyQueryAndFragmentAreSeen() {
        QVERIFY(parseUrl("https://as.example/?")->hasQuery);
        QVERIFY(parseUrl("https://as.example/#")->hasFragment);
        QVERIFY(!parseUrl("https://as.example/#?")->hasQuery);
    }

    void everythingElseIsRefused_data() {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char* name, const QByteArray& text) { QTest::newRow(name) << text; };
        row("empty", "");
        row("relative", "/a");
        row("no scheme", "as.example/a");
        row("scheme only", "https://");
        row("one slash", "https:/as.example");
        row("file", "file:///etc/passwd");
        row("ftp", "ftp://as.example/");
        row("javascript", "javascript://as.example/");
        row("user", "https://user@as.example/");
        row("user and password", "https://user:pw@as.example/");
        row("empty user", "https://@as.example/");
        row("back-slash", "https://as.example\\@evil.example/");
        row("space", "https://as.example/a b");
        row("leading space", " https://as.example/");
        row("line break", "https://as.example/\r\nX: y");
        row("NUL", QByteArray("https://as.example/\0a", 21));
        row("not ASCII", "https://\xC3\xA4s.example/");
        row("quote", "https://as.example/\"");
        row("angle bracket", "https://as.example/<");
        row("bare percent", "https://as.example/%");
        row("short percent", "https://as.example/%2");
        row("wrong percent", "https://as.example/%zz");
        row("percent in host", "https://as%2eexample/");
        row("empty port", "https://as.example:/");
        row("port zero", "https://as.example:0/");
        row("port too large", "https://as.example:65536/");
        row("port with sign", "https://as.example:+80/");
        row("port with letters", "https://as.example:80a/");
        row("empty label", "https://as..example/");
        row("leading dot", "https://.example/");
        row("long host", "https://" + QByteArray(254, 'a') + "/");
        row("open bracket", "https://[::1/");
        row("text after bracket", "https://[::1]a/");
        row("name in brackets", "https://[localhost]/");
        row("zone", "https://[fe80::1%25eth0]/");
        row("too long", "https://as.example/" + QByteArray(2048, 'a'));
    }

    void everythingElseIsRefused() {
        QFETCH(QByteArray, text);
        QVERIFY(!parseUrl(text.toStdString()).has_value());
    }

    void loopbackIsRecognisedLiterally_data() {
        QTest::addColumn<QByteArray>("host");
        QTest::addColumn<bool>("loopback");
        const auto row = [](const char* host, bool loopback) { QTest::newRow(host) << QByteArray(host) << loopback; };
        row("127.0.0.1", true);
        row("127.255.255.254", true);
        row("[::1]", true);
        row("localhost", true);
        row("LOCALHOST", true);
        row("localhost.", false);
        row("localhost.example", false);
        row("127.0.0.1.example", false);
        row("127.0.0.256", false);
        row("127.0.0.01", false);
        row("127.0.0.1.", false);
        row("127.0.0.1.1", false);
        row("127.0.1", false);
        row("127.1", false);
        row("2130706433", false);
        row("0x7f000001", false);
        row("128.0.0.1", false);
        row("0.0.0.0", false);
        row("10.0.0.1", false);
        row("[::]", false);
        row("[::2]", false);
        row("[::ffff:127.0.0.1]", false);
        row("as.example", false);
    }

    void loopbackIsRecognisedLiterally() {
        QFETCH(QByteArray, host);
        QFETCH(bool, loopback);
        const auto url = parseUrl("http://" + host.toStdString() + ":1/");
        QVERIFY(url.has_value());
        QCOMPARE(isLoopback(*url), loopback);
    }

    void aServerLeadsNobodyNearerThanItself_data() {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        QTest::addColumn<bool>("may");
        const auto row = [](const char* from, const char* to, bool may) {
            QTest::addRow("%s -> %s", from, to) << QByteArray(from) << QByteArray(to) << may;
        };
        row("https://as.example", "https://other.example:8443/x", true);
        row("https://as.example", "https://8.8.8.8/x", true);
        row("https://as.example", "https://[2001:4860::8888]/x", true);
        row("https://as.example", "http://as.example/x", false);
        row("https://as.example", "https://127.0.0.1/x", false);
        row("https://as.example", "https://localhost/x", false);
        row("https://as.example", "https://LOCALHOST./x", false);
        row("https://as.example", "https://a.localhost/x", false);
        row("https://as.example", "https://[::1]/x", false);
        row("https://as.example", "https://[::]/x", false);
        row("https://as.example", "https://[::ffff:127.0.0.1]/x", false);
        row("https://as.example", "https://[::ffff:10.0.0.1]/x", false);
        row("https://as.example", "https://0.0.0.0/x", false);
        row("https://as.example", "https://10.1.2.3/x", false);
        row("https://as.example", "https://172.16.0.1/x", false);
        row("https://as.example", "https://172.31.255.255/x", false);
        row("https://as.example", "https://172.32.0.1/x", true);
        row("https://as.example", "https://192.168.1.1/x", false);
        row("https://as.example", "https://100.64.0.1/x", false);
        row("https://as.example", "https://169.254.169.254/latest/meta-data", false);
        row("https://as.example", "https://224.0.0.1/x", false);
        row("https://as.example", "https://255.255.255.255/x", false);
        row("https://as.example", "https://[fd00::1]/x", false);
        row("https://as.example", "https://[fe80::1]/x", false);
        row("https://as.example", "https://[ff02::1]/x", false);
        row("https://as.example", "https://2130706433/x", false);
        row("https://as.example", "https://127.1/x", false);
        row("https://as.example", "https://0x7f000001/x", false);
        row("https://as.example", "https://127.0x0.0.1/x", false);
        row("https://as.example", "https://169.254.169.0xfe/x", false);
        row("https://as.example", "https://169.254.169.0376./x", false);
        row("https://as.example", "https://1.as.example/x", true);
        row("https://as.example", "https://[::7f00:1]/x", false);
        row("https://as.example", "https://[::808:808]/x", true);
        row("https://as.example", "https://[64:ff9b::a00:1]/x", false);
        row("https://as.example", "https://[64:ff9b::808:808]/x", true);
        row("https://as.example", "https://[64:ff9b:1::808:808]/x", false);
        row("https://as.example", "https://[2002:7f00:1::]/x", false);
        row("https://as.example", "https://[2002:c0a8:101::1]/x", false);
        row("https://as.example", "https://[2002:808:808::1]/x", true);
        row("https://as.example", "https://[fec0::1]/x", false);
        row("https://as.example", "https://[::fff:1:2:3:zz]/x", false);
        row("https://192.168.1.1", "https://192.168.1.2/x", true);
        row("https://192.168.1.1", "https://10.0.0.1/x", true);
        row("https://192.168.1.1", "https://127.0.0.1/x", false);
        row("https://192.168.1.1", "https://as.example/x", true);
        row("http://127.0.0.1:1", "http://127.0.0.1:2/x", true);
        row("http://127.0.0.1:1", "http://[::1]:2/x", true);
        row("http://127.0.0.1:1", "https://as.example/x", true);
        row("https://localhost:1", "https://127.0.0.1:2/x", true);
        row("https://localhost:1", "http://127.0.0.1:2/x", false);
    }
    void aServerLeadsNobodyNearerThanItself() {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        QFETCH(bool, may);
        const auto source = parseUrl(from.toStdString());
        const auto target = parseUrl(to.toStdString());
        QVERIFY(source.has_value());
        QCOMPARE(target.has_value() && mayLeadTo(*source, *target), may);
    }
};

QTEST_APPLESS_MAIN(tst_Url)
#include "tst_url.moc"
