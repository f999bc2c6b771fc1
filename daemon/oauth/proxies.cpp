#include "daemon/oauth/proxies.h"

#include "ipc/base/text.h"

#include <QHostAddress>
#include <QNetworkProxyQuery>

#include <array>
#include <utility>

namespace keybearer::oauth {
namespace {

/// A laptop that changes its network is asked again after so long; a login asks many times within.
constexpr qint64 kFreshMs = 30'000;
/// No machine signs in at more servers within that time.
constexpr std::size_t kMostServers = 256;

constexpr std::array kProxySchemes{std::pair("http", QNetworkProxy::HttpProxy),
                                   std::pair("socks5", QNetworkProxy::Socks5Proxy)};

class ProxyRule final : public QNetworkProxyFactory {
public:
    explicit ProxyRule(std::shared_ptr<Proxies> proxies) : m_proxies(std::move(proxies)) {}
    QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery& query) override { return m_proxies->of(query.url()); }

private:
    std::shared_ptr<Proxies> m_proxies;
};

QNetworkProxy direct() {
    return QNetworkProxy(QNetworkProxy::NoProxy);
}

bool isThisMachine(const QString& host) {
    return host == QLatin1String("localhost") || QHostAddress(host).isLoopback();
}

} // namespace

std::vector<std::string> systemProxies(const std::string& url) {
    std::vector<std::string> addresses;
    const QList<QNetworkProxy> found =
        QNetworkProxyFactory::systemProxyForQuery(QNetworkProxyQuery(QUrl(QString::fromStdString(url))));
    for (const QNetworkProxy& proxy : found) {
        QUrl address;
        address.setScheme(QStringLiteral("direct"));
        for (const auto& [scheme, type] : kProxySchemes) {
            if (proxy.type() == type) {
                address.setScheme(QLatin1String(scheme));
                address.setHost(proxy.hostName());
                address.setPort(proxy.port());
                address.setUserName(proxy.user(), QUrl::DecodedMode);
                address.setPassword(proxy.password(), QUrl::DecodedMode);
            }
        }
        addresses.push_back(address.toString(QUrl::FullyEncoded).toStdString());
    }
    return addresses;
}

QList<QNetworkProxy> parseProxies(const std::vector<std::string>& addresses) {
    QList<QNetworkProxy> proxies;
    for (const std::string& text : addresses) {
        const QUrl url(QString::fromStdString(text), QUrl::StrictMode);
        if (text == "direct:") {
            proxies << direct();
        }
        for (const auto& [scheme, type] : kProxySchemes) {
            if (url.isValid() && url.scheme() == QLatin1String(scheme) && !url.host().isEmpty() && url.port() > 0) {
                proxies << QNetworkProxy(type, url.host(), static_cast<quint16>(url.port()),
                                         url.userName(QUrl::FullyDecoded), url.password(QUrl::FullyDecoded));
            }
        }
    }
    return proxies;
}

QList<QNetworkProxy> Proxies::of(const QUrl& url) {
    if (isThisMachine(url.host())) {
        return {direct()};
    }
    QUrl server;
    server.setScheme(url.scheme());
    server.setHost(url.host());
    server.setPort(url.port());
    server.setPath(QStringLiteral("/"));
    const std::string key = server.toString(QUrl::FullyEncoded).toStdString();
    if (m_known.size() >= kMostServers) {
        m_known.clear();
    }
    Known& known = m_known[key];
    if (!known.age.isValid() || known.age.elapsed() > kFreshMs) {
        known.proxies = parseProxies(m_find(key));
        if (known.proxies.isEmpty()) {
            known.proxies << direct();
        }
        known.age.start();
    }
    return known.proxies;
}

std::string Proxies::firstAddress(const QUrl& url) {
    const QNetworkProxy first = of(url).front();
    if (first.type() == QNetworkProxy::NoProxy) {
        return {};
    }
    return base::printable(first.hostName().toStdString()) + ":" + std::to_string(first.port());
}

QNetworkProxyFactory* makeProxyRule(std::shared_ptr<Proxies> proxies) {
    return new ProxyRule(std::move(proxies));
}

} // namespace keybearer::oauth
