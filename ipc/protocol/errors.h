#pragma once
/// \file
/// Every way in which a call can fail, as it stands on the wire: JSON-RPC code, `data.kind`, CLI exit code.

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace keybearer::protocol {

enum class ErrorKind {
    ParseError,
    InvalidRequest,
    MethodNotFound,
    InvalidParams,
    Internal,
    UnknownProvider,
    UnknownAccount,
    UnknownLogin,
    InvalidValue,
    ClientIdRequired,
    ClientSecretRequired,
    Unsupported,
    LoginRequired,
    LoginFailed,
    LoginCancelled,
    NoCredential,
    Denied,
    ConsentRequired,
    RateLimited,
    BrokerLocked,
    KeychainUnset,
    KeychainLocked,
    KeychainUnavailable,
    KeychainDenied,
    KeychainTimeout,
    StorageError,
    KeyMissing,
    VaultDamaged,
    LocationFailed,
    ProviderUnreachable,
    ProviderError,
    Overloaded,
    BrokerReplaced,
};

struct ErrorInfo {
    ErrorKind kind;
    std::string_view name; ///< `data.kind`
    int code;              ///< JSON-RPC error code
    int exitCode;          ///< of the command line
    std::string_view meaning;
};

/// One row a kind, in the order of the enumeration.
inline constexpr std::array kErrors{
    ErrorInfo{ErrorKind::ParseError, "parse_error", -32700, 1,
              "the line is not the JSON that PROTOCOL.md allows; the connection is closed"},
    ErrorInfo{ErrorKind::InvalidRequest, "invalid_request", -32600, 1, "the object is not a JSON-RPC 2.0 request"},
    ErrorInfo{ErrorKind::MethodNotFound, "method_not_found", -32601, 2, "the broker has no such method"},
    ErrorInfo{ErrorKind::InvalidParams, "invalid_params", -32602, 2,
              "a parameter is missing, unknown or of the wrong type"},
    ErrorInfo{ErrorKind::Internal, "internal", -32603, 1, "a fault of the broker; its log says more"},
    ErrorInfo{ErrorKind::UnknownProvider, "unknown_provider", -32010, 2,
              "no provider of that name, and not an issuer URL"},
    ErrorInfo{ErrorKind::UnknownAccount, "unknown_account", -32011, 2, "no account of that name"},
    ErrorInfo{ErrorKind::UnknownLogin, "unknown_login", -32012, 2,
              "no such login, or it belongs to another connection"},
    ErrorInfo{ErrorKind::InvalidValue, "invalid_value", -32013, 2,
              "a parameter has the right type and a value that cannot be used"},
    ErrorInfo{
        ErrorKind::ClientIdRequired, "client_id_required", -32014, 2,
        "the provider wants a registered client; `data.register_url` and `data.redirect_uri` say where and with what"},
    ErrorInfo{ErrorKind::ClientSecretRequired, "client_secret_required", -32015, 2,
              "the provider insists on a client secret and none is stored"},
    ErrorInfo{ErrorKind::Unsupported, "unsupported", -32016, 2, "the provider or this build cannot do that"},
    ErrorInfo{ErrorKind::LoginRequired, "login_required", -32020, 4, "the account must sign in again"},
    ErrorInfo{ErrorKind::LoginFailed, "login_failed", -32021, 4, "the login ended without an account"},
    ErrorInfo{ErrorKind::LoginCancelled, "login_cancelled", -32022, 4,
              "the login was cancelled or nobody finished it in time"},
    ErrorInfo{ErrorKind::NoCredential, "no_credential", -32023, 4,
              "no place that was looked at has a whole credential; `data.looked_at` names the places"},
    ErrorInfo{ErrorKind::Denied, "denied", -32030, 5, "policy refuses"},
    ErrorInfo{
        ErrorKind::ConsentRequired, "consent_required", -32032, 5,
        "nobody has allowed it, and nobody was there to be asked, or answered; `data.allow_with` and `data.grant` say "
        "what would allow it, `data.question_id` what approval.decide can still answer"},
    ErrorInfo{ErrorKind::RateLimited, "rate_limited", -32031, 5,
              "too often; `data.retry_after` says how many seconds to wait"},
    ErrorInfo{ErrorKind::BrokerLocked, "broker_locked", -32049, 6,
              "a person, the screen's lock or a suspend has locked the broker; `keybearer unlock` opens it"},
    ErrorInfo{ErrorKind::KeychainUnset, "keychain_unset", -32040, 6,
              "no keychain has been chosen and no keyring service runs; `keybearer keychain migrate` chooses a file"},
    ErrorInfo{ErrorKind::KeychainLocked, "keychain_locked", -32041, 6, "the keychain is locked"},
    ErrorInfo{ErrorKind::KeychainUnavailable, "keychain_unavailable", -32042, 6,
              "the keychain in use cannot be reached"},
    ErrorInfo{ErrorKind::KeychainDenied, "keychain_denied", -32043, 6, "the keychain refused"},
    ErrorInfo{ErrorKind::KeychainTimeout, "keychain_timeout", -32044, 6, "the keychain did not answer in time"},
    ErrorInfo{ErrorKind::StorageError, "storage_error", -32045, 6, "a file could not be read or written"},
    ErrorInfo{ErrorKind::KeyMissing, "key_missing", -32046, 6,
              "the vault's rows are there and the keychain has lost the key to them; it is never replaced"},
    ErrorInfo{ErrorKind::VaultDamaged, "vault_damaged", -32047, 6,
              "a vault's file, or a value in it, is not what was written"},
    ErrorInfo{ErrorKind::LocationFailed, "location_failed", -32048, 6,
              "a place that config.toml names is there and cannot be used: a file that others can read, a command that "
              "fails"},
    ErrorInfo{ErrorKind::ProviderUnreachable, "provider_unreachable", -32050, 7, "no usable answer from the provider"},
    ErrorInfo{ErrorKind::ProviderError, "provider_error", -32051, 7,
              "the provider answered with an error, or with something that must not be believed"},
    ErrorInfo{ErrorKind::Overloaded, "overloaded", -32060, 8, "too many requests at once on this connection"},
    ErrorInfo{
        ErrorKind::BrokerReplaced, "broker_replaced", -32061, 8,
        "Keybearer was upgraded, and this broker, which does not know the program that came with that, ends as soon "
        "as nothing is under way; nothing was done: connect again until another answers"},
};

[[nodiscard]] constexpr const ErrorInfo& errorInfo(ErrorKind kind) {
    return kErrors[static_cast<std::size_t>(kind)];
}

/// The row with this `data.kind`; nullptr for a kind that this version does not know.
[[nodiscard]] const ErrorInfo* errorByName(std::string_view name);

} // namespace keybearer::protocol
