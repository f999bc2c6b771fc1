#pragma once
/// \file
/// Which connection has shown which client key, and which must show one.

#include "daemon/access/decide.h"
#include "daemon/clientkeys/client_keys.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace keybearer::rpc {

/// Main thread. A connection of the ordinary socket that never shows a key leaves nothing here.
class ConnectionKeys {
public:
    using Connection = std::uint64_t;
    /// Wrong keys of one connection; with the last of them it is closed.
    static constexpr int kMaxWrong = 3;
    /// Rows of the audit record in a minute about those who have shown no key that is good: the record has an end, and
    /// whoever can reach the socket could push out what else is in it.
    static constexpr unsigned kMaxRows = 60;

    explicit ConnectionKeys(clientkeys::ClientKeys& keys) : m_keys(keys) {}

    /// Nothing but what greets is for this connection until it has shown a key. With `anyUser` it may be another
    /// user's.
    /// With `only`, the id of a session's key, that one and no other is taken.
    void wantKey(Connection connection, bool anyUser, const std::string& only = {});
    /// Whether a key that is good is one for the socket that the connection came to: a session's key is for its own.
    [[nodiscard]] bool isFor(Connection connection, const std::string& keyId) const;
    /// The session whose socket the connection came to; empty: it came to another.
    [[nodiscard]] std::string sessionOf(Connection connection) const;
    /// The connections that came to this session's socket.
    [[nodiscard]] std::vector<Connection> allOf(const std::string& session) const;
    void closed(Connection connection) { m_connections.erase(connection); }

    /// Before a key is checked. False: there were too many wrong ones.
    [[nodiscard]] bool beginAttempt(Connection connection);
    /// The key was good. From here on the connection may do what it may, and nothing else.
    void attach(Connection connection, clientkeys::Proof proof);
    /// The key was wrong. True: it was the last one, and the connection is to be closed.
    [[nodiscard]] bool noteWrong(Connection connection);
    /// Nobody knows whether the key was good: the keychain did not answer.
    void noteUnchecked(Connection connection);

    /// Something is refused to somebody who has shown no good key. How many such refusals before it got no row;
    /// nullopt: neither does this one.
    [[nodiscard]] std::optional<unsigned> countRefusal(std::int64_t utcSeconds);
    /// Whether this connection has to show a key and has shown no good one.
    [[nodiscard]] bool isStranger(Connection connection) const;

    /// What decisions go by; nullopt for a connection of the ordinary socket that has shown no key. Views: valid until
    /// the keys change, so within one turn of the event loop.
    [[nodiscard]] std::optional<access::KeyReach> reachOf(Connection connection) const;
    /// Id of the key that was shown last, also after its end; empty: none was.
    [[nodiscard]] std::string idOf(Connection connection) const;
    /// Something was asked for with the key.
    void noteUse(Connection connection);

private:
    struct State {
        bool isWanted = false;
        bool anyUser = false;
        std::string only; ///< id of the one key that the socket is for; empty: any
        std::optional<clientkeys::Proof> proof;
        int wrong = 0;
        int checking = 0; ///< attempts that are under way
    };
    [[nodiscard]] const State* find(Connection connection) const;

    clientkeys::ClientKeys& m_keys;
    std::unordered_map<Connection, State> m_connections;
    std::int64_t m_minute = 0; ///< UTC minutes
    unsigned m_rows = 0;       ///< in it
    unsigned m_missed = 0;     ///< refusals without a row, since the last row
};

/// For the reason of a row: " (12 refusals before it got no row)"; empty for 0.
[[nodiscard]] std::string missedText(unsigned missed);

} // namespace keybearer::rpc
