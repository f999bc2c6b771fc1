#pragma once
/// \file
/// Which certificates are believed, and how a refusal is put into words.

#include "daemon/oauth/error.h"
#include "ipc/base/file_opener.h"

#include <QSslConfiguration>
#include <QSslError>

#include <string>

namespace keybearer::oauth {

/// TLS 1.2 or later, the peer always verified, against the system's roots and those of `caFile` (PEM; empty: none).
/// Misconfigured when the file cannot be read or holds no certificate. `open` opens it.
[[nodiscard]] Result<QSslConfiguration> tlsConfiguration(const std::string& caFile, const base::FileOpener& open);

/// A name for what is in the file now, so that a changed file is noticed; the empty string for an empty path.
[[nodiscard]] std::string caFileVersion(const std::string& caFile);

/// A sentence about a certificate that was refused, and what to do. Names the issuer where nobody knows it: whoever
/// inspects TLS signs with a name of his own.
[[nodiscard]] std::string explainTlsError(const QSslError& error);

} // namespace keybearer::oauth
