#pragma once
/// \file
/// A session with another machine, from the side of the command line: it lives as long as this connection to the
/// broker.

#include "ipc/base/secret.h"
#include "ipc/client/client.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::cli {

class ForwardLink {
public:
    /// Begins a session; starts the broker where none runs.
    [[nodiscard]] static client::Result<ForwardLink>
    begin(const std::string& host, const std::vector<std::string>& scopes, std::optional<std::int64_t> lifetime);

    [[nodiscard]] const std::string& socket() const noexcept { return m_socket; }
    [[nodiscard]] const base::Secret& key() const noexcept { return m_key; }

    /// For poll(2); -1 once nothing comes any more.
    [[nodiscard]] int descriptor() const noexcept { return m_fd.get(); }
    /// What came: an answer of forward.wait, the error that ended it, or nothing yet. Asks on by itself.
    [[nodiscard]] std::optional<client::Result<nlohmann::json>> take();
    /// Ends the session; what became of its tokens, as forward.end answers.
    [[nodiscard]] client::Result<nlohmann::json> end();

private:
    ForwardLink(base::UniqueFd fd, const nlohmann::json& begun, base::Secret key);
    void ask(std::string_view method, const nlohmann::json& more);
    /// The next answer that is there; with `wait` one is waited for.
    std::optional<client::Result<nlohmann::json>> read(bool wait);

    base::UniqueFd m_fd;
    std::string m_id;
    std::string m_socket;
    base::Secret m_key;
    std::string m_input;
    std::uint64_t m_lastId = 0;
};

} // namespace keybearer::cli
