#include "daemon/oauth/http_client.h"

#include "daemon/oauth/form_encoding.h"
#include "daemon/oauth/http_exchange.h"
#include "daemon/oauth/proxies.h"
#include "daemon/oauth/tls_trust.h"
#include "ipc/base/text.h"
#include "ipc/base/url.h"

#include <QCoroSignal>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QNetworkRequest>
#include <QPointer>
#include <QUrl>

#include <algorithm>
#include <map>

namespace keybearer::oauth {
namespace {

struct DeleteLater {
    void operator()(QObject* object) const { object->deleteLater(); }
};
using OwnedExchange = std::unique_ptr<HttpExchange, DeleteLater>;

QCoro::Task<Result<HttpResponse>> refuse(Error error) {
    error.neverSent = true;
    co_return base::fail(std::move(error));
}

QCoro::Task<Result<HttpResponse>> await(OwnedExchange exchange) {
    co_await qCoro(exchange.get(), &HttpExchange::done);
    co_return exchange->take();
}

/// The URL for Qt, when our own rule and Qt agree about where it leads.
Result<QUrl> checkedUrl(const std::string& text, const base::Url& url) {
    const QUrl out(QString::fromStdString(text), QUrl::StrictMode);
    const std::string host = out.host(QUrl::FullyEncoded).toStdString();
    const bool sameHost = url.host.front() == '[' ? host.find(':') != std::string::npos : host == url.host;
    if (!out.isValid() || !sameHost || out.port(0) != url.port || !out.userInfo().isEmpty()) {
        return misconfigured("the address is not a URL that can be used: " + base::printable(text));
    }
    return out;
}

QNetworkRequest makeRequest(const QUrl& url, const QSslConfiguration& tls) {
    QNetworkRequest request(url);
    request.setSslConfiguration(tls);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CacheSaveControlAttribute, false);
    // HTTP/1.1 only: a few small requests gain nothing from HTTP/2, and its parser is one less that a hostile server
    // can reach. It also keeps one request to one connection at a time, where a lost answer is plain to see.
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setRawHeader("User-Agent", "keybearer/" KEYBEARER_VERSION);
    request.setRawHeader("Accept", "application/json");
    // Qt unpacks gzip only where it asked for it itself.
    request.setRawHeader("Accept-Encoding", "identity");
    return request;
}

QByteArray viewed(std::string_view text) {
    return {text.data(), static_cast<qsizetype>(text.size())};
}

/// A GET, unless it has a body or says something else. What is empty is not sent.
struct Request {
    std::optional<base::Secret> body;
    const char* contentType = "application/x-www-form-urlencoded";
    base::Secret authorization;
    std::string dpopProof;
    bool isDelete = false;
};

/// `SCHEME TOKEN`; nullopt when the token holds characters that no header can carry.
std::optional<base::Secret> tokenHeader(std::string_view scheme, const base::AccessToken& token) {
    const std::string_view bytes = token.reveal();
    if (bytes.empty() || !std::all_of(bytes.begin(), bytes.end(), [](char c) { return c > 0x20 && c < 0x7F; })) {
        return std::nullopt;
    }
    std::string header;
    header.reserve(scheme.size() + 1 + bytes.size() + 1);
    header.append(scheme).append(" ").append(bytes);
    return base::Secret::absorb(std::move(header));
}

} // namespace

struct HttpClient::Private {
    /// Connections are shared by requests that trust the same roots, never by others: Qt reuses a connection without
    /// asking which roots it was verified against.
    struct Route {
        QSslConfiguration tls;
        std::unique_ptr<QNetworkAccessManager> manager;
    };
    /// By caFileVersion(): a changed file is read anew. Old routes stay until the end; requests may still use them.
    std::map<std::string, Route> routes;
    base::FileOpener openFile;
    std::shared_ptr<Proxies> proxies;
    std::vector<QPointer<HttpExchange>> exchanges;

    Result<Route*> route(const std::string& caFile) {
        const std::string key = caFileVersion(caFile);
        const auto found = routes.find(key);
        if (found != routes.end()) {
            return &found->second;
        }
        auto tls = tlsConfiguration(caFile, openFile);
        if (!tls) {
            return base::fail(tls.error());
        }
        Route made{*tls, std::make_unique<QNetworkAccessManager>()};
        made.manager->setProxyFactory(makeProxyRule(proxies)); // owned by the manager
        return &routes.emplace(key, std::move(made)).first->second;
    }

    QCoro::Task<Result<HttpResponse>> sendWithToken(const std::string& text, const Transport& transport,
                                                    const base::AccessToken& token, Request wanted) {
        auto header = tokenHeader(wanted.dpopProof.empty() ? "Bearer" : "DPoP", token);
        if (!header) {
            return refuse({ErrorKind::Misconfigured, "the access token holds characters that no header can carry"});
        }
        wanted.authorization = std::move(*header);
        return send(text, transport, std::move(wanted));
    }

    QCoro::Task<Result<HttpResponse>> send(const std::string& text, const Transport& transport, Request wanted) {
        const auto url = base::parseUrl(text);
        if (!url || url->hasFragment || (!url->https && !base::isLoopback(*url))) {
            return refuse({ErrorKind::Misconfigured, "the address is not an https URL: " + base::printable(text)});
        }
        const auto target = checkedUrl(text, *url);
        if (!target) {
            return refuse(target.error());
        }
        const auto through = route(transport.caFile);
        if (!through) {
            return refuse(through.error());
        }
        const std::string proxy = proxies->firstAddress(*target);
        QNetworkAccessManager* manager = (*through)->manager.get();
        if (!proxy.empty()) {
            // Qt 6.4 follows a null pointer when another request takes up a connection whose proxy wanted a password.
            manager = new QNetworkAccessManager;
            manager->setProxyFactory(makeProxyRule(proxies));
        }
        QNetworkRequest request = makeRequest(*target, (*through)->tls);
        if (!wanted.authorization.empty()) {
            request.setRawHeader("Authorization", viewed(wanted.authorization.reveal()));
        }
        if (!wanted.dpopProof.empty()) {
            request.setRawHeader("DPoP", QByteArray::fromStdString(wanted.dpopProof));
        }
        QNetworkReply* reply = nullptr;
        QIODevice* device = nullptr;
        if (wanted.body) {
            request.setHeader(QNetworkRequest::ContentTypeHeader, QByteArray(wanted.contentType));
            request.setHeader(QNetworkRequest::ContentLengthHeader, static_cast<qint64>(wanted.body->size()));
            request.setAttribute(QNetworkRequest::DoNotBufferUploadDataAttribute, true);
            device = makeOneTimeBody(std::move(*wanted.body), nullptr);
            reply = manager->post(request, device);
            device->setParent(reply);
        } else {
            reply = wanted.isDelete ? manager->deleteResource(request) : manager->get(request);
        }
        OwnedExchange exchange(new HttpExchange(reply, url->host, proxy, transport.deadline, device));
        if (!proxy.empty()) {
            manager->setParent(exchange.get());
        }
        std::erase_if(exchanges, [](const QPointer<HttpExchange>& one) { return one.isNull(); });
        exchanges.emplace_back(exchange.get());
        return await(std::move(exchange));
    }
};

HttpClient::HttpClient(base::FileOpener openFile, ProxyFinder findProxies) : d(std::make_unique<Private>()) {
    d->openFile = std::move(openFile);
    d->proxies = std::make_shared<Proxies>(std::move(findProxies));
}

std::string HttpClient::proxyFor(const std::string& url) {
    return d->proxies->firstAddress(QUrl(QString::fromStdString(url)));
}

HttpClient::~HttpClient() {
    abortAll();
}

QCoro::Task<Result<HttpResponse>> HttpClient::get(std::string url, Transport transport, const base::AccessToken* token,
                                                  std::string dpopProof) {
    Request wanted;
    if (token == nullptr) {
        return d->send(url, transport, std::move(wanted));
    }
    wanted.dpopProof = std::move(dpopProof);
    return d->sendWithToken(url, transport, *token, std::move(wanted));
}

QCoro::Task<Result<HttpResponse>> HttpClient::post(std::string url, Form form, Transport transport,
                                                   std::optional<std::pair<std::string, base::Secret>> basic,
                                                   std::string dpopProof) {
    Request wanted;
    wanted.body = encodeForm(form);
    if (basic) {
        wanted.authorization = basicCredentials(basic->first, basic->second);
    }
    wanted.dpopProof = std::move(dpopProof);
    return d->send(url, transport, std::move(wanted));
}

QCoro::Task<Result<HttpResponse>> HttpClient::postJson(std::string url, base::Secret body, Transport transport) {
    Request wanted;
    wanted.body = std::move(body);
    wanted.contentType = "application/json";
    return d->send(url, transport, std::move(wanted));
}

QCoro::Task<Result<HttpResponse>> HttpClient::remove(std::string url, Transport transport,
                                                     const base::AccessToken& token) {
    Request wanted;
    wanted.isDelete = true;
    return d->sendWithToken(url, transport, token, std::move(wanted));
}

void HttpClient::abortAll() {
    for (const QPointer<HttpExchange>& exchange : std::exchange(d->exchanges, {})) {
        if (exchange) {
            exchange->cancel();
        }
    }
}

} // namespace keybearer::oauth
