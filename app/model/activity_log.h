#pragma once
/// \file
/// The audit record's newest rows, and those that come while somebody looks.

#include "app/model/audit_row.h"
#include "app/model/broker_link.h"

#include <QObject>

#include <vector>

namespace keybearer::model {

/// Main thread. It waits for rows to come and asks for none in between: no timer.
class ActivityLog : public QObject {
    Q_OBJECT
public:
    /// Rows in one question: the most that the broker gives.
    static constexpr int kPage = 500;
    /// Releases and refusals that are enough for a beginning; older ones come when they are asked for.
    static constexpr std::size_t kEnough = 500;
    /// Questions for that at most: a record may hold little but management.
    static constexpr int kMostPages = 10;
    /// Rows that are kept at most, the newest.
    static constexpr std::size_t kMost = 20'000;

    /// The link outlives it.
    explicit ActivityLog(BrokerLink& link, QObject* parent = nullptr);

    /// Reads anew: rows of this moment (UTC seconds) and later.
    void load(std::int64_t since);
    /// Whether somebody looks: only then new rows are waited for.
    void follow(bool follow);
    /// Reads on, further back.
    void loadOlder();
    /// Forgets all of it, and what has been asked.
    void clear();

    [[nodiscard]] const std::vector<AuditRow>& rows() const noexcept { return m_rows; } ///< the oldest first
    [[nodiscard]] bool isLoaded() const noexcept { return m_isLoaded; }
    [[nodiscard]] bool isLoading() const noexcept { return m_isLoading; }
    /// There are older ones in the span that are not here.
    [[nodiscard]] bool hasOlder() const noexcept { return m_hasOlder; }
    [[nodiscard]] std::int64_t since() const noexcept { return m_since; }

Q_SIGNALS:
    /// Rows came, or time went by.
    void changed();
    void failed(const client::Error& error);

private:
    void ask();
    void takeOlder(const nlohmann::json& page);
    void wait();
    void takeNewer(const nlohmann::json& page);

    BrokerLink& m_link;
    unsigned m_run = 0; ///< answers to earlier questions are of no interest
    std::vector<AuditRow> m_rows;
    std::int64_t m_since = 0;
    std::int64_t m_before = 0; ///< the next older page; 0: the first one
    std::int64_t m_after = 0;  ///< the next newer rows
    std::size_t m_releases = 0;
    int m_pages = 0;
    bool m_isLoaded = false;
    bool m_isLoading = false;
    bool m_hasOlder = false;
    bool m_isFollowing = false;
    bool m_isWaiting = false;
};

} // namespace keybearer::model
