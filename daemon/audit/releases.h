#pragma once
/// \file
/// What each program was ever given, from the record.

#include "daemon/audit/lines.h"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace keybearer::audit {

/// All that one program was given of one credential.
struct Released {
    std::string client;     ///< the executable or script, or "host:" and a machine's or container's name; the id of a
                            ///< client key behind it after a '#'
    bool isToken = false;   ///< `credential` is an account
    bool isStored = false;  ///< it is a key of the vault: TENANT/PROVIDER/NAME; otherwise the record's own word
    std::string credential; ///< by the name that it has now, where it got another one
    std::int64_t first = 0; ///< UTC seconds
    std::int64_t last = 0;
    std::uint64_t count = 0;
    std::int64_t expiresAt = 0; ///< the latest end of its tokens, UTC seconds; 0: the provider did not say
    std::uint64_t lastRow = 0;  ///< number of its last row
    bool isRevoked = false;     ///< its tokens were revoked at the provider after that
};

/// Reads the whole record, a block at a time. Main thread.
class Releases {
public:
    static constexpr std::size_t kMost = 4'096;

    /// `files` oldest first; what is appended meanwhile is not looked at.
    explicit Releases(std::vector<Segment> files);

    /// Looks at one block of a file. False: that was the last one.
    bool step();

    /// The one that was last used first.
    [[nodiscard]] std::vector<Released> take();
    /// There were more than kMost; the ones that come later in the record are missing.
    [[nodiscard]] bool isCut() const noexcept { return m_isCut; }

private:
    void take(std::string_view line);
    void add(const Row& row, bool isToken, bool isStored, const std::string& credential);
    void rename(const std::string& from, const std::string& to, bool isToken);

    std::vector<Segment> m_files;
    std::vector<base::UniqueFd> m_fds;
    std::size_t m_file = 0;
    std::uint64_t m_place = 0;
    using Key = std::pair<std::string, std::string>; ///< client and credential
    [[nodiscard]] static Key keyOf(const std::string& client, const std::string& credential, bool isToken);

    std::map<Key, Released> m_found;
    std::map<Key, std::uint64_t> m_ended;           ///< of a session that has ended: number of the row that says so
    std::map<std::string, std::uint64_t> m_revoked; ///< by account: number of the last row that says so
    bool m_isCut = false;
};

} // namespace keybearer::audit
