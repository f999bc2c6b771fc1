#pragma once
/// \file
/// What programs asked for while nobody was asked: the grants that they would have needed.

#include "daemon/access/grant.h"
#include "ipc/base/clock.h"

#include <string>
#include <vector>

namespace keybearer::access {

/// Main thread. Kept in observations.json in the data folder, written at most once a minute and by flush(). What cannot
/// be read is forgotten: it grants nothing.
class Observations {
public:
    static constexpr std::size_t kMaxObserved = 500;

    Observations(const std::string& folder, const base::Clock& clock);

    /// One program and one credential are one entry; what is asked for later widens it.
    void note(const Client& client, const Wanted& wanted);
    [[nodiscard]] const std::vector<Grant>& all() const noexcept { return m_observed; }
    void clear();
    [[nodiscard]] base::Result<void, std::string> flush();

private:
    std::string m_path;
    const base::Clock& m_clock;
    std::vector<Grant> m_observed;
    std::int64_t m_savedAt = 0;
    bool m_isStale = false;
};

} // namespace keybearer::access
