#include "daemon/accounts/failures.h"

#include "ipc/base/text.h"

namespace keybearer::accounts {

using protocol::ErrorKind;

protocol::Error failure(ErrorKind kind, std::string message) {
    return protocol::Error{kind, std::move(message)};
}

protocol::Error fromOAuth(const oauth::Error& error, std::string_view issuer) {
    const std::string who(issuer);
    protocol::Error out{ErrorKind::ProviderError, who + ": " + error.detail};
    if (!error.code.empty()) {
        out.data["oauth_error"] = error.code;
    }
    if (error.retryAfter) {
        out.data["retry_after"] = error.retryAfter->count();
    }
    switch (error.kind) {
    case oauth::ErrorKind::Unreachable:
    case oauth::ErrorKind::ServerError: out.kind = ErrorKind::ProviderUnreachable; break;
    case oauth::ErrorKind::BadResponse:
    case oauth::ErrorKind::OAuthError:
    case oauth::ErrorKind::InvalidGrant:
    case oauth::ErrorKind::Rejected: out.kind = ErrorKind::ProviderError; break;
    case oauth::ErrorKind::AccessDenied: out.kind = ErrorKind::LoginFailed; break;
    case oauth::ErrorKind::Cancelled:
    case oauth::ErrorKind::TimedOut:
        out.kind = ErrorKind::LoginCancelled;
        out.message = error.detail;
        break;
    case oauth::ErrorKind::NoPort:
        out.kind = ErrorKind::LoginFailed;
        out.message = error.detail;
        break;
    case oauth::ErrorKind::Misconfigured: out.kind = ErrorKind::InvalidValue; break;
    }
    return out;
}

protocol::Error fromKeychain(const keychain::Error& error) {
    protocol::Error out{ErrorKind::StorageError, error.detail};
    switch (error.kind) {
    case keychain::ErrorKind::NotFound:
    case keychain::ErrorKind::Failed: out.kind = ErrorKind::StorageError; break;
    case keychain::ErrorKind::Locked: out.kind = ErrorKind::KeychainLocked; break;
    case keychain::ErrorKind::Unavailable: out.kind = ErrorKind::KeychainUnavailable; break;
    case keychain::ErrorKind::Denied: out.kind = ErrorKind::KeychainDenied; break;
    case keychain::ErrorKind::Timeout: out.kind = ErrorKind::KeychainTimeout; break;
    case keychain::ErrorKind::Unset: out.kind = ErrorKind::KeychainUnset; break;
    case keychain::ErrorKind::Misused: out.kind = ErrorKind::InvalidValue; break;
    }
    return out;
}

protocol::Error brokerLocked() {
    return failure(ErrorKind::BrokerLocked, "the broker is locked; open it with: keybearer unlock");
}

protocol::Error loginRequired(std::string_view account, std::string_view why) {
    protocol::Error out{ErrorKind::LoginRequired, "account " + std::string(account) +
                                                      " must sign in again: " + std::string(why) +
                                                      "; run: keybearer login " + std::string(account)};
    out.data["account"] = account;
    return out;
}

protocol::Error unknownAccount(std::string_view account) {
    return failure(ErrorKind::UnknownAccount, "there is no account \"" + base::printable(account, 64) +
                                                  "\"; `keybearer account list` shows those there are");
}

protocol::Error unknownProvider(std::string_view provider, const std::vector<std::string>& nearest) {
    std::string message = "there is no provider \"" + base::printable(provider, 64) + "\"";
    for (std::size_t i = 0; i < nearest.size(); ++i) {
        message += (i == 0 ? "; did you mean " : " or ") + nearest[i];
    }
    message +=
        nearest.empty() ? "; `keybearer provider list --all` shows those there are, and an issuer URL works too" : "?";
    protocol::Error error = failure(ErrorKind::UnknownProvider, std::move(message));
    error.data["nearest"] = nearest;
    return error;
}

} // namespace keybearer::accounts
