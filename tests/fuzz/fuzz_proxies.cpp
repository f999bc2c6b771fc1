/// \file
/// Any lines as the proxies that the helper found. What becomes a proxy has a host and a port, or is none.

#include "daemon/oauth/proxies.h"

#include <cstdint>
#include <cstdlib>
#include <sstream>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::istringstream lines(std::string(reinterpret_cast<const char*>(data), size));
    std::vector<std::string> addresses;
    for (std::string line; std::getline(lines, line);) {
        addresses.push_back(line);
    }
    const QList<QNetworkProxy> proxies = keybearer::oauth::parseProxies(addresses);
    if (static_cast<std::size_t>(proxies.size()) > addresses.size()) {
        std::abort();
    }
    for (const QNetworkProxy& proxy : proxies) {
        const bool isNone = proxy.type() == QNetworkProxy::NoProxy;
        if (isNone != proxy.hostName().isEmpty() || isNone != (proxy.port() == 0)) {
            std::abort();
        }
    }
    return 0;
}
