#pragma once
/// \file
/// The append-only record of decisions and releases.

#include "ipc/base/clock.h"
#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace keybearer::audit {

/// One line. No field may hold a secret; the peer's executable is a path, the credential is a name.
/// Views: what they name lives until append() returns.
struct Record {
    std::string_view event;   ///< "token.release", "account.login", ... from the method table
    std::string_view verdict; ///< "allow", "deny"
    std::string_view reason;
    std::string_view method;
    std::string_view credential;
    std::uint32_t uid = 0;
    std::int32_t pid = 0;
    std::string_view exe;
};

/// audit.log in the state folder: JSON Lines, 0600, each line carrying its sequence number and the SHA-256 of the line
/// before it, so that a line taken out or changed in the middle shows. (Cutting off the end does not show yet:
/// SECURITY.md.) Main thread, owned by the broker.
class AuditLog {
public:
    /// Opens or creates the file and continues its chain. A torn last line (power loss) is cut off and noted by a
    /// record of its own. The error is a sentence.
    [[nodiscard]] static base::Result<AuditLog, std::string> open(const std::string& path, const base::Clock& clock);

    /// Writes a line for each with a single write(2): all of them or none. On failure the caller must refuse every
    /// release.
    [[nodiscard]] base::Result<void, std::string> append(std::span<const Record> records);
    [[nodiscard]] base::Result<void, std::string> append(const Record& record) { return append({&record, 1}); }

    [[nodiscard]] std::uint64_t count() const noexcept { return m_sequence; }

private:
    AuditLog(base::UniqueFd fd, const base::Clock& clock) : m_fd(std::move(fd)), m_clock(&clock) {}

    base::UniqueFd m_fd;
    const base::Clock* m_clock;
    std::uint64_t m_sequence = 0; ///< of the last line
    bool m_broken = false;        ///< half a line could not be taken back
    std::string m_lastHash;       ///< lower-case hex SHA-256 of the last line without its LF
};

/// Checks a whole audit file: sequence and hashes. The error names the first line that does not fit.
[[nodiscard]] base::Result<std::uint64_t, std::string> verifyAuditFile(const std::string& path);

} // namespace keybearer::audit
