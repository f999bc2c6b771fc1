#pragma once
/// \file
/// HTTP as the OAuth engine wants it: bounded in time and size, and never following a redirect.

#include "daemon/oauth/error.h"
#include "daemon/oauth/proxies.h"
#include "ipc/base/file_opener.h"
#include "ipc/base/secret.h"

#include <QCoroTask>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

class QNetworkAccessManager;

namespace keybearer::oauth {

/// Largest response body that is read. Bodies are asked for uncompressed and a compressed one is refused, so nothing is
/// ever unpacked.
inline constexpr std::size_t kMaxBodyBytes = 1U << 20;
/// Total time for one exchange, name look-up to last byte. A server that drips bytes does not extend it.
inline constexpr std::chrono::milliseconds kRequestDeadline{15'000};

struct HttpResponse {
    int status = 0;
    std::string contentType;                        ///< lower case, without parameters
    base::Secret body;                              ///< may hold tokens
    std::optional<std::chrono::seconds> retryAfter; ///< Retry-After in seconds or as a date, clamped to 0..300
    std::string wwwAuthenticate;
    std::string dpopNonce;                  ///< DPoP-Nonce (RFC 9449 section 8), when it is one that can be sent back
    std::optional<std::int64_t> serverDate; ///< Date header, UTC seconds; for reporting clock skew
};

/// Form fields in order; values may be secret and are wiped after encoding.
using Form = std::vector<std::pair<std::string, base::Secret>>;

/// How one provider is to be reached.
struct Transport {
    std::string caFile; ///< extra roots, PEM; empty: the system's only
    std::chrono::milliseconds deadline = kRequestDeadline;
};

/// One per broker, main thread. A response with status 300..399 is an error (BadResponse): nothing here is ever
/// followed. http is refused unless the host is a literal loopback address or "localhost". No cookies are kept, no
/// cache is used, proxies are bypassed for loopback hosts.
class HttpClient {
public:
    /// `openFile` opens CA files.
    explicit HttpClient(base::FileOpener openFile = base::openHere(), ProxyFinder findProxies = systemProxies);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// `token`, where not null, must outlive the call's first suspension; it is sent as `Authorization: Bearer`, or as
    /// `DPoP` with a proof (RFC 9449 section 7.1).
    [[nodiscard]] QCoro::Task<Result<HttpResponse>>
    get(std::string url, Transport transport, const base::AccessToken* token = nullptr, std::string dpopProof = {});
    /// POST application/x-www-form-urlencoded. `basic`, where set, becomes HTTP Basic client authentication
    /// (RFC 6749 section 2.3.1: both halves form-encoded first). `dpopProof` goes along as the header DPoP.
    [[nodiscard]] QCoro::Task<Result<HttpResponse>> post(std::string url, Form form, Transport transport,
                                                         std::optional<std::pair<std::string, base::Secret>> basic = {},
                                                         std::string dpopProof = {});
    /// POST application/json, with an answer that may be asked for without a client.
    [[nodiscard]] QCoro::Task<Result<HttpResponse>> postJson(std::string url, base::Secret body, Transport transport);
    /// DELETE; `token` as with get().
    [[nodiscard]] QCoro::Task<Result<HttpResponse>> remove(std::string url, Transport transport,
                                                           const base::AccessToken& token);
    /// HOST:PORT of the proxy by way of which this URL is asked; empty: none. Loopback hosts never have one.
    [[nodiscard]] std::string proxyFor(const std::string& url);
    /// Aborts everything in flight; the awaiting calls end with Cancelled.
    void abortAll();

private:
    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace keybearer::oauth
