#pragma once
/// \file
/// config.toml: what a person decides about the broker as a whole.

#include "daemon/providers/configured_grant.h"
#include "daemon/providers/location.h"
#include "ipc/base/result.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::providers {

struct Config {
    /// `policy = "ask"`, "allow" or "deny": whether programs of this user get credentials. Empty: not said here.
    std::string policy;
    /// `[[grant]]`: what programs may have without anybody being asked.
    std::vector<ConfiguredGrant> grants;
    /// `[login] timeout = 300`: a login that asks for no time of its own is given up after this.
    std::chrono::seconds loginTimeout{300};
    /// `[login] client_id_metadata_document = "https://..."`: URL of a published document that says who we are, for
    /// servers that take one in the place of a registered client. Empty: there is none.
    std::string clientIdDocument;
    /// `[resolution] shadow = "warn"`, "allow", "ask" or "deny": what happens when a secret of a stronger layer hides
    /// one of a weaker. Empty: not said here.
    std::string shadow;
    /// `[resolution] environment = ["OPENAI_API_KEY"]`: variables of the broker's own environment that may be given
    /// out.
    std::vector<std::string> brokerVariables;
    /// `[resolution] command_timeout = 30`: a command:: location that takes longer is ended.
    std::chrono::seconds commandTimeout{30};
    /// `[audit] keep_days = 365`: rows of the audit record that are older go, a file at a time.
    int auditKeepDays = 365;
    /// `[audit] max_bytes = 67108864`: so do the oldest ones when all of them are larger.
    std::uint64_t auditMaxBytes = 64U << 20U;
    /// `[lock] on_screen_lock = true`, `on_suspend = true`: when the broker locks itself. nullopt: not said here.
    std::optional<bool> lockWithScreen;
    std::optional<bool> lockOnSuspend;
    /// `[lock] keyring = true`: locking the broker also locks the desktop's keyring.
    std::optional<bool> lockKeyring;
    /// `[listener] path = "/run/user/1000/keybearer-containers/broker.sock"`: a second socket, on which a client key
    /// comes first. Empty: there is none.
    std::string listenerPath;
    /// `[listener] any_uid = false`: whether programs of other users may come to it.
    bool listenerAnyUser = false;
    /// `[locations]`: where the credentials of some providers are, instead of in the usual layers.
    std::vector<LocationList> locations;
};

/// Strict: the error is "filename:line:column: sentence that says what to write". Pure, fuzzed.
[[nodiscard]] base::Result<Config, std::string> parseConfig(std::string_view text, std::string_view filename);

/// A missing file means the defaults. A file that others could write is an error.
[[nodiscard]] base::Result<Config, std::string> loadConfig(const std::string& path);

} // namespace keybearer::providers
