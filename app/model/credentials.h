#pragma once
/// \file
/// What there is to give out: the accounts and the stored keys, as one list.

#include "app/model/broker_state.h"

#include <QList>
#include <QString>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace keybearer::model {

/// Names one of them to the broker, in the broker's own characters.
inline constexpr std::string_view kDefaultTenant = "default";

struct CredentialId {
    enum class Kind { Account, Key };

    Kind kind = Kind::Account;
    std::string provider;
    std::string name;
    std::string tenant;    ///< of a key; empty when it is shared
    bool isShared = false; ///< a key that every tenant falls back to

    [[nodiscard]] bool isKey() const noexcept { return kind == Kind::Key; }
    /// A key of a tenant that a person named.
    [[nodiscard]] bool isOfTenant() const {
        return isKey() && !isShared && !tenant.empty() && tenant != kDefaultTenant;
    }
    bool operator==(const CredentialId&) const = default;
};

/// The parameters that name a key in the methods credential.*.
[[nodiscard]] nlohmann::json keyParams(const CredentialId& id);

struct Credential {
    CredentialId id;
    QString name;
    QString providerName;
    QString identity;        ///< who is signed in; the masked preview of a key
    QString fingerprint;     ///< empty until it was asked for
    QString details;         ///< of each field one line; for a key
    QString reason;          ///< why it has to sign in again
    bool isSignedIn = false; ///< an account's
    bool hasNext = false;    ///< a value waits to follow the one in use
    bool isForTest = false;
    std::map<std::string, QString> previews;               ///< of a key's values in use, by field
    std::optional<std::int64_t> setAt, usedAt, sessionEnd; ///< UTC seconds
    bool isRenewed = true;                                 ///< false: an account whose provider gave no refresh token

    bool operator==(const Credential&) const = default;
};

/// From the results of account.list, credential.list and provider.list; members that are missing say nothing. Pure.
[[nodiscard]] QList<Credential> accountsFrom(const nlohmann::json& accounts, const nlohmann::json& providers,
                                             const QList<AccountState>& states);
[[nodiscard]] QList<Credential> keysFrom(const nlohmann::json& credentials, const nlohmann::json& providers);

/// "OpenAI, default": how a sentence names it.
[[nodiscard]] QString titleOf(const Credential& credential);

} // namespace keybearer::model
