#pragma once
/// \file
/// What a row of the audit record says.

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace keybearer::audit {

/// A decision or a release. No member may hold a secret; the peer's executable is a path, the credential is a name.
/// Views: what they name lives until AuditLog::append() returns. What stands behind `exe` is left out of the row where
/// it is empty.
struct Record {
    std::string_view event;   ///< "token.release", "account.login", ... from the method table
    std::string_view verdict; ///< "allow", "deny"
    std::string_view reason;
    std::string_view method;
    std::string_view credential;
    std::uint32_t uid = 0;
    std::int32_t pid = 0;
    std::string_view exe;       ///< the client by the kernel's word: a hint, not proof
    std::string_view account;   ///< whose token it was
    std::string_view source;    ///< "cache" or "refresh", of a token
    std::string_view fields;    ///< of a credential: names with a comma between them
    std::string_view layers;    ///< where they came from: a layer for each of `fields`, in their order
    std::string_view stored;    ///< keys of the vault that were read: TENANT/PROVIDER/NAME with a comma between them
    std::string_view expires;   ///< when a token ends: UTC seconds, as text
    std::string_view grant;     ///< id of the grant that allowed it
    std::string_view clientKey; ///< id of the client key that the client has shown
    std::string_view host;      ///< the machine or container that it went to, by the name that the person gave
    std::string_view purpose;   ///< what the client said that it is for
    std::string_view unusual;   ///< "new_client", "burst", "new_hour", with a comma between them; the log fills it in
    std::string_view removed;   ///< of a row about removed rows: number and hash of the last of them
};

/// The members of a row that are text, in their order, with their names in the file.
inline constexpr std::array<std::pair<std::string_view, std::string_view Record::*>, 5> kFirstTexts{{
    {"event", &Record::event},
    {"verdict", &Record::verdict},
    {"reason", &Record::reason},
    {"method", &Record::method},
    {"credential", &Record::credential},
}};
inline constexpr std::array<std::pair<std::string_view, std::string_view Record::*>, 12> kOptionalTexts{{
    {"account", &Record::account},
    {"source", &Record::source},
    {"fields", &Record::fields},
    {"layers", &Record::layers},
    {"stored", &Record::stored},
    {"expires", &Record::expires},
    {"grant", &Record::grant},
    {"client_key", &Record::clientKey},
    {"host", &Record::host},
    {"purpose", &Record::purpose},
    {"unusual", &Record::unusual},
    {"removed", &Record::removed},
}};

/// A credential was given out.
[[nodiscard]] inline bool isRelease(std::string_view event, std::string_view verdict) {
    return verdict == "allow" && event.ends_with(".release");
}

} // namespace keybearer::audit
