#include "daemon/rpc/connection_keys.h"

#include <utility>

namespace keybearer::rpc {

using access::KeyReach;

const ConnectionKeys::State* ConnectionKeys::find(Connection connection) const {
    const auto found = m_connections.find(connection);
    return found == m_connections.end() ? nullptr : &found->second;
}

void ConnectionKeys::wantKey(Connection connection, bool anyUser, const std::string& only) {
    State& state = m_connections[connection];
    state.isWanted = true;
    state.anyUser = anyUser;
    state.only = only;
}

bool ConnectionKeys::isFor(Connection connection, const std::string& keyId) const {
    return sessionOf(connection) == (clientkeys::ClientKeys::isSessionKey(keyId) ? keyId : std::string());
}

std::string ConnectionKeys::sessionOf(Connection connection) const {
    const State* state = find(connection);
    return state == nullptr ? std::string() : state->only;
}

std::vector<ConnectionKeys::Connection> ConnectionKeys::allOf(const std::string& session) const {
    std::vector<Connection> found;
    for (const auto& [connection, state] : m_connections) {
        if (state.only == session) {
            found.push_back(connection);
        }
    }
    return found;
}

bool ConnectionKeys::beginAttempt(Connection connection) {
    State& state = m_connections[connection];
    if (state.wrong + state.checking >= kMaxWrong) {
        return false;
    }
    ++state.checking;
    return true;
}

void ConnectionKeys::attach(Connection connection, clientkeys::Proof proof) {
    const auto found = m_connections.find(connection);
    if (found == m_connections.end()) {
        return; // it has hung up meanwhile
    }
    --found->second.checking;
    found->second.wrong = 0;
    found->second.proof = std::move(proof);
}

bool ConnectionKeys::noteWrong(Connection connection) {
    const auto found = m_connections.find(connection);
    if (found == m_connections.end()) {
        return false;
    }
    --found->second.checking;
    return ++found->second.wrong >= kMaxWrong;
}

void ConnectionKeys::noteUnchecked(Connection connection) {
    if (const auto found = m_connections.find(connection); found != m_connections.end()) {
        --found->second.checking;
    }
}

std::optional<KeyReach> ConnectionKeys::reachOf(Connection connection) const {
    const State* state = find(connection);
    if (state == nullptr || (!state->proof && !state->isWanted)) {
        return std::nullopt;
    }
    const clientkeys::ClientKey* key = state->proof ? m_keys.find(*state->proof) : nullptr;
    if (key == nullptr) {
        return KeyReach{state->proof ? KeyReach::State::Ended : KeyReach::State::Wanted, false, state->anyUser, {}};
    }
    return KeyReach{KeyReach::State::Good, key->kind == clientkeys::KeyKind::Test, state->anyUser, key->scopes};
}

std::optional<unsigned> ConnectionKeys::countRefusal(std::int64_t utcSeconds) {
    constexpr std::int64_t kSecondsOfAMinute = 60;
    if (const std::int64_t minute = utcSeconds / kSecondsOfAMinute; minute != m_minute) {
        m_minute = minute;
        m_rows = 0;
    }
    if (m_rows == kMaxRows) {
        ++m_missed;
        return std::nullopt;
    }
    ++m_rows;
    return std::exchange(m_missed, 0U);
}

bool ConnectionKeys::isStranger(Connection connection) const {
    const State* state = find(connection);
    return state != nullptr && state->isWanted && !state->proof;
}

std::string ConnectionKeys::idOf(Connection connection) const {
    const State* state = find(connection);
    return state != nullptr && state->proof ? state->proof->id : std::string();
}

void ConnectionKeys::noteUse(Connection connection) {
    if (const State* state = find(connection); state != nullptr && state->proof) {
        m_keys.noteUse(*state->proof);
    }
}

std::string missedText(unsigned missed) {
    return missed == 0 ? std::string() : " (" + std::to_string(missed) + " refusals before it got no row)";
}

} // namespace keybearer::rpc
