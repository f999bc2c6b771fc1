#pragma once
/// \file
/// An account: one OAuth login under a name that the person chose. Nothing in it is secret.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::accounts {

struct Account {
    std::string id;       ///< random, never shown; the keychain item is named after it and survives a rename
    std::string name;     ///< unique; see isValidName()
    std::string provider; ///< name in the catalogue, or empty for an issuer that was typed
    std::string issuer;
    std::string subject; ///< `sub` of the ID token; empty when the server is no OpenID provider
    std::string label;   ///< email or user name for people; may be empty
    std::string clientId;
    std::string scope;                 ///< granted scopes, space separated
    std::int64_t createdAt = 0;        ///< UTC seconds
    std::int64_t refreshExpiresAt = 0; ///< of the refresh token, UTC seconds; 0: not known
    std::string resource; ///< what its tokens are for (RFC 8707), as the resource calls itself; empty: not said
    /// The client is one that the server registered for us, or our metadata document: it may be another next time.
    bool registered = false;
    /// What was typed to sign in to the resource, which may call itself otherwise (the whole of its host), the newest
    /// last. At most kMaxAddresses.
    std::vector<std::string> addresses;
    std::string authMethod;    ///< of the client at the token endpoint, where it was registered with one; else empty
    bool confidential = false; ///< the client has a secret; it rests in the keychain under clientSecretKey()
    /// Why a new login is needed, as a sentence; empty while the grant is believed to be good.
    std::string loginRequired;
};

/// The same subject of the same issuer, for the same resource, with the same client. Clients that were made for us
/// stand for one another: a server may have forgotten the one before.
[[nodiscard]] bool isSameIdentity(const Account& a, const Account& b);

inline constexpr std::size_t kMaxAddresses = 16;

/// The same address of a resource: one slash at the end makes no difference.
[[nodiscard]] bool isSameAddress(std::string_view a, std::string_view b);
/// Whether its tokens are for what is at this address.
[[nodiscard]] bool isFor(const Account& account, std::string_view address);
/// What to ask anew for the account's server; empty for one that is for no resource.
[[nodiscard]] const std::string& addressOf(const Account& account);

/// 1 to 64 characters of a-z A-Z 0-9 . _ @ -, beginning with a letter or digit.
[[nodiscard]] bool isValidName(std::string_view name);

/// Name of the keychain item that holds the account's grant.
[[nodiscard]] std::string grantKey(const Account& account);
/// Name of the keychain item that holds the client secret for a client of an issuer.
[[nodiscard]] std::string clientSecretKey(std::string_view issuer, std::string_view clientId);

} // namespace keybearer::accounts
