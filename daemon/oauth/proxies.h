#pragma once
/// \file
/// By way of which proxies a server is asked, as this machine's settings have it.

#include <QElapsedTimer>
#include <QList>
#include <QNetworkProxy>
#include <QUrl>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::oauth {

/// Which proxies the settings name for "https://host:port/", the first one first: "direct:", or "http:" or "socks5:"
/// with
/// "//[user[:password]@]host:port". May wait for a script that the settings name. Main thread.
using ProxyFinder = std::function<std::vector<std::string>(const std::string& url)>;

/// By this process itself: environment, desktop, or what else Qt knows of.
[[nodiscard]] std::vector<std::string> systemProxies(const std::string& url);

/// Those that a ProxyFinder gives; what is none of the above is left out. Pure, fuzzed.
[[nodiscard]] QList<QNetworkProxy> parseProxies(const std::vector<std::string>& addresses);

/// Main thread. Asks the settings once in a while for each server, and never for this machine itself.
class Proxies {
public:
    explicit Proxies(ProxyFinder find) : m_find(std::move(find)) {}

    /// Never empty: no proxy stands in the list as such.
    [[nodiscard]] QList<QNetworkProxy> of(const QUrl& url);
    /// HOST:PORT of the first; empty: none.
    [[nodiscard]] std::string firstAddress(const QUrl& url);

private:
    struct Known {
        QElapsedTimer age;
        QList<QNetworkProxy> proxies;
    };

    ProxyFinder m_find;
    std::map<std::string, Known> m_known; ///< by scheme, host and port
};

/// A new one, for a QNetworkAccessManager, which owns it.
[[nodiscard]] QNetworkProxyFactory* makeProxyRule(std::shared_ptr<Proxies> proxies);

} // namespace keybearer::oauth
