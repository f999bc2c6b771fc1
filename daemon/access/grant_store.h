#pragma once
/// \file
/// The grants: those of config.toml, those in grants.json in the data folder, and those of this run of the broker.

#include "daemon/access/grant.h"
#include "ipc/base/clock.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace keybearer::access {

/// Main thread. A grant that is made or taken back is on the disk when the call returns; how often it was used is
/// written at most once a minute, and by flush(). Pointers to grants are good until one is made or taken back.
class GrantStore {
public:
    /// A missing file is an empty list; a damaged one is an error and is left as it is. Errors are sentences.
    [[nodiscard]] static base::Result<GrantStore, std::string> open(const std::string& folder, const base::Clock& clock,
                                                                    std::vector<Grant> configured);

    /// In the order of their ids.
    [[nodiscard]] std::vector<const Grant*> all() const;
    /// Those that name this client, whatever else they say.
    [[nodiscard]] std::vector<const Grant*> of(const Client& client) const;
    /// Another number after each change of what is granted.
    [[nodiscard]] std::uint64_t generation() const noexcept { return m_generation; }

    /// Gives it an id and the time. Those for a session or for one call are not written anywhere.
    [[nodiscard]] base::Result<const Grant*, std::string> add(Grant grant);
    /// False when there is none of this id. One of config.toml is taken back there.
    [[nodiscard]] base::Result<bool, std::string> remove(const std::string& id);
    /// Grants go with the account when it is renamed, and end with it. Those of config.toml stay as they are written.
    [[nodiscard]] base::Result<void, std::string> accountRenamed(const std::string& name, const std::string& newName);
    [[nodiscard]] base::Result<void, std::string> accountGone(const std::string& name);
    /// A release by this grant.
    void used(const std::string& id);
    /// Those made while nobody who decides was there; they are told once.
    [[nodiscard]] std::vector<Grant> takeUnannounced();
    [[nodiscard]] base::Result<void, std::string> flush();

private:
    GrantStore(std::string path, const base::Clock& clock) : m_path(std::move(path)), m_clock(&clock) {}
    [[nodiscard]] base::Result<void, std::string> save() const;
    void dropEnded();

    std::string m_path;
    const base::Clock* m_clock;
    std::map<std::string, Grant> m_grants;
    std::uint64_t m_generation = 1;
    std::int64_t m_savedAt = 0;
    bool m_isStale = false; ///< uses have been counted that are not on the disk
};

} // namespace keybearer::access
