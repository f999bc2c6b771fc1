#include "daemon/oauth/proxies.h"

#include <QNetworkProxyQuery>
#include <QTest>

using namespace keybearer::oauth;

class tst_Proxies : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void addresses_data();
    void addresses();
    void whatTheSystemNamesIsReadAgain();
    void aServerIsAskedForOnce();
    void thisMachineHasNone_data();
    void thisMachineHasNone();
    void theRuleOfAManager();
};

namespace {

QString shown(const QList<QNetworkProxy>& proxies) {
    QStringList out;
    for (const QNetworkProxy& proxy : proxies) {
        out << QStringLiteral("%1 %2 %3 %4 %5")
                   .arg(proxy.type())
                   .arg(proxy.hostName())
                   .arg(proxy.port())
                   .arg(proxy.user(), proxy.password())
                   .simplified();
    }
    return out.join(QStringLiteral(", "));
}

} // namespace

void tst_Proxies::addresses_data() {
    QTest::addColumn<QByteArrayList>("addresses");
    QTest::addColumn<QString>("proxies");
    const auto row = [](const char* name, const QByteArrayList& addresses, const char* proxies) {
        QTest::newRow(name) << addresses << QString::fromLatin1(proxies);
    };
    // QNetworkProxy::ProxyType: 1 SOCKS 5, 2 none, 3 HTTP
    row("none", {"direct:"}, "2 0");
    row("http", {"http://proxy.example:3128"}, "3 proxy.example 3128");
    row("socks", {"socks5://10.0.0.1:1080"}, "1 10.0.0.1 1080");
    row("a password", {"http://me:p%40ss@proxy.example:8080"}, "3 proxy.example 8080 me p@ss");
    row("IPv6", {"http://[::1]:3128"}, "3 ::1 3128");
    row("two", {"http://a.example:1", "direct:"}, "3 a.example 1, 2 0");
    row("no port", {"http://proxy.example"}, "");
    row("port 0", {"http://proxy.example:0"}, "");
    row("a port that is none", {"http://proxy.example:65536"}, "");
    row("no host", {"http://:3128"}, "");
    row("another scheme", {"ftp://proxy.example:21"}, "");
    row("nothing", {""}, "");
    row("words", {"use the proxy"}, "");
    row("a space", {"http://proxy example:3128"}, "");
}

void tst_Proxies::addresses() {
    QFETCH(QByteArrayList, addresses);
    QFETCH(QString, proxies);
    std::vector<std::string> given;
    for (const QByteArray& address : addresses) {
        given.push_back(address.toStdString());
    }
    QCOMPARE(shown(parseProxies(given)), proxies);
}

void tst_Proxies::whatTheSystemNamesIsReadAgain() {
    qputenv("https_proxy", "http://me:p%40ss@proxy.example:3128");
    qputenv("no_proxy", "near.example");
    // Some builds of Qt name no proxy as the second choice.
    const QString far = shown(parseProxies(systemProxies("https://far.example/")));
    QVERIFY2(far.startsWith(QStringLiteral("3 proxy.example 3128 me p@ss")), qPrintable(far));
    QCOMPARE(shown(parseProxies(systemProxies("https://near.example/"))), QStringLiteral("2 0"));
    qunsetenv("https_proxy");
    qunsetenv("no_proxy");
}

void tst_Proxies::aServerIsAskedForOnce() {
    std::vector<std::string> asked;
    Proxies proxies([&](const std::string& url) {
        asked.push_back(url);
        return asked.size() == 1 ? std::vector<std::string>{"http://proxy.example:3128"} : std::vector<std::string>{};
    });
    QCOMPARE(proxies.firstAddress(QUrl(QStringLiteral("https://me:secret@id.example/token?code=canary"))),
             "proxy.example:3128");
    QCOMPARE(proxies.firstAddress(QUrl(QStringLiteral("https://id.example/jwks"))), "proxy.example:3128");
    QCOMPARE(proxies.firstAddress(QUrl(QStringLiteral("https://id.example:8443/"))), "");
    QVERIFY((asked == std::vector<std::string>{"https://id.example/", "https://id.example:8443/"}));
}

void tst_Proxies::thisMachineHasNone_data() {
    QTest::addColumn<QString>("url");
    for (const char* url :
         {"http://localhost:8080/", "http://127.0.0.1/", "http://127.1.2.3:9/", "http://[::1]:9400/"}) {
        QTest::newRow(url) << QString::fromLatin1(url);
    }
}

void tst_Proxies::thisMachineHasNone() {
    QFETCH(QString, url);
    bool isAsked = false;
    Proxies proxies([&](const std::string&) {
        isAsked = true;
        return std::vector<std::string>{"http://proxy.example:3128"};
    });
    QCOMPARE(shown(proxies.of(QUrl(url))), QStringLiteral("2 0"));
    QVERIFY(!isAsked);
}

void tst_Proxies::theRuleOfAManager() {
    const auto proxies = std::make_shared<Proxies>(
        [](const std::string&) { return std::vector<std::string>{"http://proxy.example:3128"}; });
    const std::unique_ptr<QNetworkProxyFactory> rule(makeProxyRule(proxies));
    QCOMPARE(shown(rule->queryProxy(QNetworkProxyQuery(QUrl(QStringLiteral("https://id.example/token"))))),
             QStringLiteral("3 proxy.example 3128"));
    QCOMPARE(shown(rule->queryProxy(QNetworkProxyQuery(QUrl(QStringLiteral("http://127.0.0.1:9400/token"))))),
             QStringLiteral("2 0"));
}

QTEST_GUILESS_MAIN(tst_Proxies)
#include "tst_proxies.moc"
