#include "daemon/rpc/lock.h"

#include "ipc/base/private_file.h"
#include "ipc/protocol/strict_json.h"

#include <algorithm>
#include <array>

namespace keybearer::rpc {
namespace {

constexpr std::size_t kMaxLockBytes = 4096;
constexpr int kMaxLockDepth = 2;

struct LockName {
    LockedBy by;
    std::string_view name;
};
constexpr std::array kLockNames{LockName{LockedBy::Command, "command"}, LockName{LockedBy::Screen, "screen"},
                                LockName{LockedBy::Suspend, "suspend"}, LockName{LockedBy::Unknown, "unknown"}};

/// What answers all the same.
constexpr std::array<std::string_view, 7> kOpenWhileLocked{"system.hello",   "system.status",   "system.lock",
                                                           "system.unlock",  "approval.attach", "approval.list",
                                                           "approval.decide"};

Lock::State parseLock(std::string_view text) {
    const auto document = protocol::parseStrictJson(text, kMaxLockDepth);
    if (!document || !document->is_object()) {
        return {};
    }
    const auto by = document->find("by");
    const auto since = document->find("since");
    if (by == document->end() || !by->is_string() || since == document->end() || !since->is_number_integer()) {
        return {};
    }
    const auto* const row = std::ranges::find(kLockNames, by->get_ref<const std::string&>(), &LockName::name);
    return {row == kLockNames.end() ? LockedBy::Unknown : row->by, since->get<std::int64_t>()};
}

} // namespace

std::string_view toString(LockedBy by) {
    return std::ranges::find(kLockNames, by, &LockName::by)->name;
}

Lock Lock::open(const std::string& folder) {
    Lock lock;
    lock.m_path = folder + "/lock.json";
    const auto text = base::readPrivateFile(lock.m_path, kMaxLockBytes);
    if (!text) {
        lock.m_state = State{};
    } else if (*text) {
        lock.m_state = parseLock((*text)->reveal());
    }
    return lock;
}

bool Lock::refuses(const protocol::Method& method) const {
    return isLocked() && std::ranges::find(kOpenWhileLocked, method.name) == kOpenWhileLocked.end();
}

base::Result<void, std::string> Lock::engage(State state) {
    ++m_changes;
    if (!m_state) {
        m_state = state;
    }
    const nlohmann::json document{{"by", toString(m_state->by)}, {"since", m_state->since}};
    return base::writePrivateFile(m_path, document.dump() + "\n");
}

base::Result<void, std::string> Lock::release() {
    return base::removePrivateFile(m_path).map([this] {
        ++m_changes;
        m_state.reset();
    });
}

} // namespace keybearer::rpc
