#include "app/model/activity_log.h"

#include "app/model/reading.h"

#include <algorithm>
#include <iterator>

namespace keybearer::model {
namespace {

using nlohmann::json;

constexpr int kLongestWait = 60; // seconds; the picture's right edge is now, so it moves on at least that often

std::vector<AuditRow> rowsOf(const json& page) {
    std::vector<AuditRow> rows;
    for (const json& row : listOf(page, "rows")) {
        rows.push_back(auditRowFrom(row));
    }
    return rows;
}

} // namespace

ActivityLog::ActivityLog(BrokerLink& link, QObject* parent) : QObject(parent), m_link(link) {}

void ActivityLog::clear() {
    ++m_run;
    m_rows.clear();
    m_before = 0;
    m_isLoaded = false;
    m_isLoading = false;
    m_hasOlder = false;
    m_isWaiting = false;
    Q_EMIT changed();
}

void ActivityLog::load(std::int64_t since) {
    clear();
    m_since = since;
    loadOlder();
}

void ActivityLog::loadOlder() {
    if (!m_isLoading) {
        m_isLoading = true;
        m_releases = 0;
        m_pages = 0;
        ask();
    }
}

void ActivityLog::ask() {
    json params{{"since", m_since}, {"limit", kPage}};
    if (m_before != 0) {
        params["before"] = m_before;
    }
    m_link.call("audit.query", std::move(params), this, [this, run = m_run](const auto& reply) {
        if (run != m_run) {
            return;
        }
        if (reply) {
            takeOlder(*reply);
        } else {
            m_isLoading = false;
            Q_EMIT changed();
            Q_EMIT failed(reply.error());
        }
    });
}

void ActivityLog::takeOlder(const json& page) {
    if (!m_isLoaded) {
        m_isLoaded = true;
        m_after = numberOf(page, "last").value_or(0);
    }
    std::vector<AuditRow> older = rowsOf(page);
    m_releases += static_cast<std::size_t>(
        std::ranges::count_if(older, [](const AuditRow& row) { return passes(AuditFilter{}, row); }));
    m_rows.insert(m_rows.begin(), std::move_iterator(older.begin()), std::move_iterator(older.end()));
    m_before = numberOf(page, "reached").value_or(0);
    m_hasOlder = isTrue(page, "more") && m_before > 0 && m_rows.size() < kMost;
    ++m_pages;
    m_isLoading = m_hasOlder && m_releases < kEnough && m_pages < kMostPages;
    if (m_isLoading) {
        ask();
    }
    wait();
    Q_EMIT changed();
}

void ActivityLog::follow(bool follow) {
    m_isFollowing = follow;
    wait();
}

/// One question at a time: one that is under way from before goes on to hold.
void ActivityLog::wait() {
    if (!m_isFollowing || !m_isLoaded || m_isWaiting) {
        return;
    }
    m_isWaiting = true;
    json params{{"after", m_after}, {"limit", kPage}, {"wait", kLongestWait}};
    m_link.call("audit.query", std::move(params), this, [this, run = m_run](const auto& reply) {
        if (run != m_run) {
            return;
        }
        m_isWaiting = false;
        if (reply) {
            takeNewer(*reply);
        } else {
            Q_EMIT failed(reply.error()); // it is tried again when the page is looked at again
        }
    });
}

void ActivityLog::takeNewer(const json& page) {
    for (AuditRow& row : rowsOf(page)) {
        if (m_rows.empty() || row.sequence > m_rows.back().sequence) {
            m_rows.push_back(std::move(row));
        }
    }
    m_after = std::max(m_after, numberOf(page, "reached").value_or(0));
    if (m_rows.size() > kMost) {
        m_rows.erase(m_rows.begin(), m_rows.end() - kMost);
        m_hasOlder = false; // they are in the record, and too many for a picture
    }
    wait();
    Q_EMIT changed();
}

} // namespace keybearer::model
