#pragma once
/// \file
/// The server at the other end: where it is, whom it is believed, and the connections to it.

#include "app/mcp/exchange.h"
#include "app/mcp/message_headers.h"
#include "app/mcp/token.h"
#include "ipc/base/result.h"

#include <QSslConfiguration>
#include <QUrl>

#include <string>
#include <vector>

namespace keybearer::mcp {

/// Ends it now, also from within one of its handlers, none of which is called any more.
struct CancelAndDelete {
    template<class T>
    void operator()(T* object) const {
        object->cancel();
        object->deleteLater();
    }
};
template<class T>
using Cancelled = std::unique_ptr<T, CancelAndDelete>;

/// Main thread. It outlives its exchanges. No cookies, no cache, no redirects, no HTTP/2 and nothing that is sent
/// twice.
class Remote {
public:
    /// The error is a sentence. `caFile`: further roots, PEM; empty: none.
    [[nodiscard]] static base::Result<std::unique_ptr<Remote>, std::string> at(const std::string& url,
                                                                               const std::string& caFile);

    /// `method` is GET, POST or DELETE; only a POST has a body. A token that is bound to a key goes along with its
    /// proof.
    [[nodiscard]] Cancelled<Exchange> send(const std::string& method, const Headers& headers, std::string_view body,
                                           const Token& token, ExchangeHandlers handlers);

    /// Where the requests go, as a proof names it (RFC 9449 section 4.2).
    [[nodiscard]] std::string address() const;
    /// What the server's last answer with one gave for the next proof (RFC 9449 section 9); empty: none did.
    [[nodiscard]] const std::string& dpopNonce() const noexcept { return m_dpopNonce; }

private:
    Remote(QUrl url, const QSslConfiguration& tls) : m_url(std::move(url)), m_tls(tls) {}
    [[nodiscard]] std::unique_ptr<QNetworkAccessManager> takeManager();

    QUrl m_url;
    QSslConfiguration m_tls;
    std::string m_dpopNonce;
    /// With a connection that is open, perhaps. Each has one exchange at a time: Qt opens six connections and no more
    /// for one manager, and a stream that is kept open takes one of them.
    std::vector<std::unique_ptr<QNetworkAccessManager>> m_idle;
};

} // namespace keybearer::mcp
