#pragma once
/// \file
/// Which connection has shown which client key, and which must show one.

#include "daemon/access/decide.h"
#include "daemon/clientkeys/client_keys.h"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace keybearer::rpc {

/// Main thread. A connection of the ordinary socket that never shows a key leaves nothing here.
class ConnectionKeys {
public:
    using Connection = std::uint64_t;
    /// Wrong keys of one connection; with the last of them it is closed.
    static constexpr int kMaxWrong = 3;

    explicit ConnectionKeys(clientkeys::ClientKeys& keys) : m_keys(keys) {}

    /// Nothing but what greets is for this connection until it has shown a key. With `anyUser` it may be another
    /// user's.
    void wantKey(Connection connection, bool anyUser);
    void closed(Connection connection) { m_connections.erase(connection); }

    /// Before a key is checked. False: there were too many wrong ones.
    [[nodiscard]] bool beginAttempt(Connection connection);
    /// The key was good. From here on the connection may do what it may, and nothing else.
    void attach(Connection connection, clientkeys::Proof proof);
    /// The key was wrong. True: it was the last one, and the connection is to be closed.
    [[nodiscard]] bool noteWrong(Connection connection);
    /// Nobody knows whether the key was good: the keychain did not answer.
    void noteUnchecked(Connection connection);

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
        std::optional<clientkeys::Proof> proof;
        int wrong = 0;
        int checking = 0; ///< attempts that are under way
    };
    [[nodiscard]] const State* find(Connection connection) const;

    clientkeys::ClientKeys& m_keys;
    std::unordered_map<Connection, State> m_connections;
};

} // namespace keybearer::rpc
