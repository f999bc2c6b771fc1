#pragma once
/// \file
/// What a person has allowed. Pure.

#include "daemon/access/client.h"
#include "ipc/base/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::access {

/// How long a grant holds.
enum class Span {
    Once,    ///< for the calls that were waiting, or one
    Session, ///< as long as this run of the client, and this broker
    Until,   ///< to a moment
    Always,
};
[[nodiscard]] std::string_view toString(Span span);
[[nodiscard]] std::optional<Span> spanOf(std::string_view name);

/// What a call wants to be given. An account as "account:NAME", a provider's key as "key:TENANT/PROVIDER/NAME".
struct Wanted {
    std::string credential;
    std::vector<std::string> scopes; ///< of a token; empty: the whole grant
    std::string audience;            ///< of a token; empty: none in particular
    std::vector<std::string> fields; ///< of a key; empty: all
    bool isForTest = false;          ///< all of it is marked for test where it is stored
};

/// Whether all that is wanted is among what is allowed. Nothing wanted is everything, and so is nothing allowed.
[[nodiscard]] bool isWithin(const std::vector<std::string>& wanted, const std::vector<std::string>& allowed);

struct Grant {
    std::string id;
    ClientKind kind = ClientKind::Program;
    std::string path;                ///< Client::path
    std::string digest;              ///< Client::digest; empty: the file is root's, and holds through its updates
    std::string session;             ///< of a grant for a session; Client::session
    std::string credential;          ///< Wanted::credential; "key:TENANT/PROVIDER/*" and "*" stand for more
    std::vector<std::string> scopes; ///< narrower than the account's; empty: all
    std::string audience;            ///< the only one; empty: any
    std::vector<std::string> fields; ///< the only ones; empty: all
    Span span = Span::Always;
    std::int64_t until = 0;      ///< UTC seconds; 0: no end
    std::int64_t usesLeft = -1;  ///< -1: any number
    std::int64_t perMinute = 0;  ///< releases a minute; 0: any number
    std::string reason;          ///< what the person wrote, or the client said
    std::string createdBy;       ///< "terminal", "tray", "config.toml:LINE"
    std::int64_t createdAt = 0;  ///< UTC seconds
    std::int64_t lastUsedAt = 0; ///< UTC seconds; 0: never
    std::int64_t uses = 0;
    std::int64_t minute = 0;       ///< UTC minutes: the last one in which it was used, in this run of the broker
    std::int64_t usesInMinute = 0; ///< releases in it
    bool isAnnounced = true;       ///< false: made while no approver was attached, and none has been told since

    [[nodiscard]] bool isConfigured() const noexcept { return createdBy.starts_with("config.toml"); }
};

/// Why this grant does not cover it; empty when it does.
enum class Fit { Covers, OtherClient, Changed, OtherCredential, Wider, Ended, UsedUp };
[[nodiscard]] Fit fitOf(const Grant& grant, const Client& client, const Wanted& wanted, std::int64_t now);

/// The same with the scopes and the audience of a grant, where `wanted` names none and a grant covers just that;
/// nullopt where none does.
[[nodiscard]] std::optional<Wanted> narrowed(const Wanted& wanted, std::span<const Grant* const> grants,
                                             const Client& client, std::int64_t now);

/// Whether `pattern` of a grant stands for `credential`.
[[nodiscard]] bool coversCredential(std::string_view pattern, std::string_view credential);
/// "account:NAME", "key:TENANT/PROVIDER/NAME", the same with NAME or PROVIDER/NAME as "*", or "*".
[[nodiscard]] bool isCredentialPattern(std::string_view pattern);

/// The file of the grants that outlive the broker. The error is the rest of a sentence that begins with its name.
[[nodiscard]] std::string formatGrants(const std::vector<Grant>& grants);
[[nodiscard]] base::Result<std::vector<Grant>, std::string> parseGrants(std::string_view text);

inline constexpr std::size_t kMaxGrants = 1'000;

} // namespace keybearer::access
