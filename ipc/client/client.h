#pragma once
/// \file
/// The C++ client: one blocking connection to the broker. No Qt; any program can link it. keybearer.h is its C face.

#include "ipc/base/paths.h"
#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace keybearer::client {

struct Error {
    std::string kind;    ///< `data.kind` of the broker's error, or "no_broker", "connection_lost", "timeout", "unsafe"
    std::string message; ///< a sentence for the person
    nlohmann::json data; ///< the error's `data` object; empty for errors of the connection
    int exitCode = 1;    ///< what a command-line program should exit with (PROTOCOL.md)
};

template<class T>
using Result = base::Result<T, Error>;

/// Not thread-safe: one thread, or one lock, per connection. The connection closes with the object; what lives as long
/// as the connection (a login) ends with it.
class Client {
public:
    /// Connects to `paths.socket`. Refuses ("unsafe") a folder that others may enter and a server that is another
    /// user. "no_broker" when nothing listens there. Where KEYBEARER_CLIENT_KEY or KEYBEARER_CLIENT_KEY_FILE is set, it
    /// shows that client key (clientKeyOf()), and fails as system.authenticate does when the broker does not take it.
    [[nodiscard]] static Result<Client> connect(const base::Paths& paths,
                                                const base::Environment& environment = base::processEnvironment());

    /// One request, one answer. `timeout` covers the whole call. Notifications that arrive meanwhile are dropped.
    [[nodiscard]] Result<nlohmann::json> call(std::string_view method, const nlohmann::json& params,
                                              std::chrono::milliseconds timeout = std::chrono::seconds(120));

    /// The connection itself, for a program with an event loop of its own (messages.h). Between calls only.
    [[nodiscard]] base::UniqueFd takeDescriptor() && { return std::move(m_fd); }
    /// For poll(2) beside other descriptors.
    [[nodiscard]] int descriptor() const noexcept { return m_fd.get(); }

private:
    explicit Client(base::UniqueFd fd) : m_fd(std::move(fd)) {}
    /// Shows the environment's client key, where there is one.
    Result<void> authenticate(const base::Environment& environment);
    Result<void> send(std::string_view line, std::chrono::steady_clock::time_point deadline);
    Result<std::string> readLine(std::chrono::steady_clock::time_point deadline);

    base::UniqueFd m_fd;
    std::string m_buffer;
    std::uint64_t m_nextId = 1;
};

} // namespace keybearer::client
