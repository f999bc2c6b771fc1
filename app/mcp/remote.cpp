#include "app/mcp/remote.h"

#include "ipc/base/text.h"
#include "ipc/base/url.h"

#include <QFile>
#include <QIODevice>
#include <QNetworkProxyFactory>
#include <QNetworkProxyQuery>
#include <QNetworkRequest>
#include <QSslCertificate>
#include <QSslSocket>

#include <algorithm>
#include <utility>

namespace keybearer::mcp {
namespace {

constexpr std::size_t kMostIdle = 8;
constexpr qint64 kMaxCaFile = 1 << 20;

/// Read once: what a lost connection leaves in doubt is never sent again.
class OneTimeMessage final : public QIODevice {
public:
    OneTimeMessage(std::string_view text, QObject* parent) : QIODevice(parent), m_text(text) {
        open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    }
    [[nodiscard]] bool isSequential() const override { return true; }
    [[nodiscard]] qint64 bytesAvailable() const override { return static_cast<qint64>(m_text.size() - m_position); }
    [[nodiscard]] bool atEnd() const override { return m_position == m_text.size(); }
    bool seek(qint64) override { return false; }

protected:
    qint64 readData(char* data, qint64 maxSize) override {
        const std::size_t count = std::min(m_text.size() - m_position, static_cast<std::size_t>(maxSize));
        std::copy_n(m_text.data() + m_position, count, data);
        m_position += count;
        return count > 0 ? static_cast<qint64>(count) : -1;
    }
    qint64 writeData(const char*, qint64) override { return -1; }

private:
    std::string m_text;
    std::size_t m_position = 0;
};

/// As this machine's settings have it, and never for this machine itself.
class SystemProxies final : public QNetworkProxyFactory {
public:
    QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery& query) override {
        const auto url = base::parseUrl(query.url().toString(QUrl::FullyEncoded).toStdString());
        return url && !base::isLoopback(*url) ? systemProxyForQuery(query)
                                              : QList<QNetworkProxy>{QNetworkProxy(QNetworkProxy::NoProxy)};
    }
};

base::Result<QSslConfiguration, std::string> trust(const std::string& caFile) {
    if (!QSslSocket::supportsSsl()) {
        return base::fail(std::string("Qt cannot load OpenSSL; install the TLS plugin of Qt and OpenSSL 3"));
    }
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setPeerVerifyMode(QSslSocket::VerifyPeer);
    tls.setProtocol(QSsl::TlsV1_2OrLater);
    if (caFile.empty()) {
        return tls;
    }
    QFile file(QFile::decodeName(QByteArray::fromStdString(caFile)));
    const QByteArray pem = file.open(QIODevice::ReadOnly) ? file.read(kMaxCaFile + 1) : QByteArray();
    const QList<QSslCertificate> extra = QSslCertificate::fromData(pem, QSsl::Pem);
    if (pem.size() > kMaxCaFile || extra.isEmpty()) {
        return base::fail("this file has no PEM certificate, cannot be read, or is larger than 1 MiB: " +
                          base::printable(caFile));
    }
    tls.setCaCertificates(QSslConfiguration::systemCaCertificates() + extra);
    return tls;
}

QByteArray bytes(std::string_view text) {
    return {text.data(), static_cast<qsizetype>(text.size())};
}

} // namespace

base::Result<std::unique_ptr<Remote>, std::string> Remote::at(const std::string& url, const std::string& caFile) {
    const auto parts = base::parseUrl(url);
    if (!parts || parts->hasFragment || (!parts->https && !base::isLoopback(*parts))) {
        return base::fail("this is not an https address (http is for this machine only): " + base::printable(url));
    }
    const QUrl target(QString::fromStdString(url), QUrl::StrictMode);
    const std::string host = target.host(QUrl::FullyEncoded).toStdString();
    const bool isSameHost = parts->host.front() == '[' ? host.find(':') != std::string::npos : host == parts->host;
    if (!target.isValid() || !isSameHost || target.port(0) != parts->port) {
        return base::fail("this is not an address that can be used: " + base::printable(url));
    }
    return trust(caFile).map(
        [&](const QSslConfiguration& tls) { return std::unique_ptr<Remote>(new Remote(target, tls)); });
}

/// In the form that servers compare (RFC 3986 sections 6.2.2 and 6.2.3).
std::string Remote::address() const {
    QUrl url = m_url.adjusted(QUrl::RemoveQuery);
    if (url.path().isEmpty()) {
        url.setPath(QStringLiteral("/"));
    }
    if (url.port() == (url.scheme() == QLatin1String("https") ? 443 : 80)) {
        url.setPort(-1);
    }
    return url.toString(QUrl::FullyEncoded).toStdString();
}

std::unique_ptr<QNetworkAccessManager> Remote::takeManager() {
    if (!m_idle.empty()) {
        auto manager = std::move(m_idle.back());
        m_idle.pop_back();
        return manager;
    }
    auto manager = std::make_unique<QNetworkAccessManager>();
    manager->setProxyFactory(new SystemProxies); // which it owns
    return manager;
}

Cancelled<Exchange> Remote::send(const std::string& method, const Headers& headers, std::string_view body,
                                 const Token& token, ExchangeHandlers handlers) {
    if (!areSingle(headers)) { // which Qt 6.4 would send as they are
        return Cancelled<Exchange>(
            new Exchange(Problem{"bad_header", "a header may not have lines in it", 0}, std::move(handlers)));
    }
    QNetworkRequest request(m_url);
    request.setSslConfiguration(m_tls);
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    request.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
    request.setAttribute(QNetworkRequest::CacheLoadControlAttribute, QNetworkRequest::AlwaysNetwork);
    request.setAttribute(QNetworkRequest::CacheSaveControlAttribute, false);
    request.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
    request.setRawHeader("User-Agent", "keybearer/" KEYBEARER_VERSION);
    request.setRawHeader("Accept-Encoding", "identity");
    for (const auto& [name, value] : headers) {
        request.setRawHeader(bytes(name), bytes(value));
    }
    QByteArray authorization(token.isBound() ? "DPoP " : "Bearer ");
    authorization.append(bytes(token.value->reveal()));
    request.setRawHeader("Authorization", authorization);
    if (token.isBound()) {
        request.setRawHeader("DPoP", bytes(token.proof));
    }
    handlers.head = [this, next = std::move(handlers.head)](const Head& head) {
        m_dpopNonce = head.dpopNonce.empty() ? m_dpopNonce : head.dpopNonce;
        next(head);
    };

    auto manager = takeManager();
    QNetworkReply* reply = nullptr;
    if (method == "POST") {
        request.setHeader(QNetworkRequest::ContentTypeHeader, QByteArray("application/json"));
        request.setHeader(QNetworkRequest::ContentLengthHeader, static_cast<qint64>(body.size()));
        request.setAttribute(QNetworkRequest::DoNotBufferUploadDataAttribute, true);
        auto* message = new OneTimeMessage(body, nullptr);
        reply = manager->post(request, message);
        message->setParent(reply);
    } else {
        reply = method == "GET" ? manager->get(request) : manager->deleteResource(request);
    }
    const auto release = [this](std::unique_ptr<QNetworkAccessManager> used) {
        if (m_idle.size() < kMostIdle) {
            m_idle.push_back(std::move(used));
        } else {
            used.release()->deleteLater(); // this is a call from within it
        }
    };
    return Cancelled<Exchange>(
        new Exchange(std::move(manager), reply, m_url.host().toStdString(), std::move(handlers), release));
}

} // namespace keybearer::mcp
