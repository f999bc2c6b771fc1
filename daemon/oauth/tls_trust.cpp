#include "daemon/oauth/tls_trust.h"

#include "ipc/base/text.h"

#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QSslCertificate>
#include <QSslSocket>

#include <cerrno>

namespace keybearer::oauth {
namespace {

/// The bundle of a whole distribution has a quarter of this.
constexpr qint64 kMaxCaFile = 1 << 20;
constexpr std::size_t kMaxShownIssuer = 100;

/// What a person would look for in the settings of a browser: the common name, else the organization.
std::string issuerOf(const QSslCertificate& certificate) {
    for (const auto part : {QSslCertificate::CommonName, QSslCertificate::Organization}) {
        const QStringList names = certificate.issuerInfo(part);
        if (!names.isEmpty() && !names.constFirst().isEmpty()) {
            return " (\"" + base::printable(names.constFirst().toStdString(), kMaxShownIssuer) + "\")";
        }
    }
    return {};
}

} // namespace

Result<QSslConfiguration> tlsConfiguration(const std::string& caFile, const base::FileOpener& open) {
    if (!QSslSocket::supportsSsl()) {
        return misconfigured("Qt cannot load OpenSSL; install the TLS plugin of Qt and OpenSSL 3");
    }
    QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
    configuration.setPeerVerifyMode(QSslSocket::VerifyPeer);
    configuration.setProtocol(QSsl::TlsV1_2OrLater);
    if (caFile.empty()) {
        return configuration;
    }
    const std::string shown = base::printable(caFile);
    const bool isFile = QFileInfo(QFile::decodeName(QByteArray::fromStdString(caFile))).isFile();
    const auto opened = isFile ? open(caFile, true) : base::Result<base::UniqueFd, int>(base::fail(ENOENT));
    QFile file;
    if (!opened || !file.open(opened->get(), QIODevice::ReadOnly)) {
        return misconfigured("the CA file cannot be read: " + shown);
    }
    const QByteArray pem = file.read(kMaxCaFile + 1);
    const QList<QSslCertificate> extra = QSslCertificate::fromData(pem, QSsl::Pem);
    if (pem.size() > kMaxCaFile || extra.isEmpty()) {
        return misconfigured("the CA file holds no PEM certificate, or is larger than 1 MiB: " + shown);
    }
    configuration.setCaCertificates(QSslConfiguration::systemCaCertificates() + extra);
    return configuration;
}

std::string caFileVersion(const std::string& caFile) {
    if (caFile.empty()) {
        return {};
    }
    const QFileInfo info(QFile::decodeName(QByteArray::fromStdString(caFile)));
    return caFile + '\0' + std::to_string(info.lastModified().toMSecsSinceEpoch()) + ' ' + std::to_string(info.size());
}

std::string explainTlsError(const QSslError& error) {
    switch (error.error()) {
    case QSslError::CertificateExpired: return "the server's certificate has expired; check this machine's clock";
    case QSslError::CertificateNotYetValid:
        return "the server's certificate is not valid yet; check this machine's clock";
    case QSslError::HostNameMismatch: return "the server's certificate is for another host name";
    case QSslError::SelfSignedCertificate:
        return "the server's certificate is self-signed; if it is yours, name it as the provider's ca_file";
    case QSslError::SelfSignedCertificateInChain:
    case QSslError::UnableToGetIssuerCertificate:
    case QSslError::UnableToGetLocalIssuerCertificate:
    case QSslError::UnableToVerifyFirstCertificate:
    case QSslError::CertificateUntrusted:
        return "the server's certificate comes from an issuer that this machine does not trust" +
               issuerOf(error.certificate()) +
               "; if your network or a virus scanner inspects TLS, or the server is your organization's own, name that "
               "authority's root as the provider's ca_file";
    case QSslError::CertificateRevoked:
    case QSslError::CertificateBlacklisted: return "the server's certificate has been revoked";
    default: return "the server's certificate was refused";
    }
}

} // namespace keybearer::oauth
