#include "app/cli/forward_link.h"

#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "ipc/client/messages.h"
#include "ipc/protocol/limits.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace keybearer::cli {
namespace {

using nlohmann::json;

constexpr int kEventSeconds = 300;
/// Revoking asks the provider once for each token.
constexpr int kEndMs = 30'000;

client::Error brokerGone() {
    return failure("connection_lost", "the broker has ended, and the session with it", 8);
}

} // namespace

client::Result<ForwardLink> ForwardLink::begin(const std::string& host, const std::vector<std::string>& scopes,
                                               std::optional<std::int64_t> lifetime) {
    auto broker = connectToStay();
    if (!broker) {
        return base::fail(broker.error());
    }
    json params{{"host", host}, {"scopes", scopes}};
    if (lifetime) {
        params["expires_in"] = *lifetime;
    }
    auto begun = broker->call("forward.begin", params);
    if (!begun && begun.error().kind == "consent_required" && consentAtTerminal(*broker, begun.error())) {
        begun = broker->call("forward.begin", params);
    }
    if (!begun) {
        return base::fail(begun.error());
    }
    const auto key = begun->find("key");
    if (key == begun->end() || !key->is_string() || textOf(*begun, "socket").empty()) {
        return base::fail(failure("internal", "the broker answered without a key", 1));
    }
    base::Secret secret = base::Secret::absorb(std::move(key->get_ref<std::string&>()));
    ForwardLink link(std::move(*broker).takeDescriptor(), *begun, std::move(secret));
    link.ask("forward.wait", {{"wait", kEventSeconds}});
    return link;
}

ForwardLink::ForwardLink(base::UniqueFd fd, const json& begun, base::Secret key)
    : m_fd(std::move(fd)),
      m_id(textOf(begun, "session_id")),
      m_socket(textOf(begun, "socket")),
      m_key(std::move(key)) {}

void ForwardLink::ask(std::string_view method, const json& more) {
    json params{{"session_id", m_id}};
    params.update(more);
    const std::string line = client::requestLine(++m_lastId, method, params);
    // A line of this length goes at once, or the broker is not there any more, which reading tells.
    [[maybe_unused]] const ssize_t sent = ::send(m_fd.get(), line.data(), line.size(), MSG_NOSIGNAL);
}

std::optional<client::Result<json>> ForwardLink::read(bool wait) {
    for (;;) {
        if (const std::size_t end = m_input.find('\n'); end != std::string::npos) {
            auto message = client::readMessage(std::string_view(m_input).substr(0, end));
            m_input.erase(0, end + 1);
            if (message && message->isAnswer && message->id == m_lastId) {
                return std::move(message->result);
            }
            continue;
        }
        pollfd entry{m_fd.get(), POLLIN, 0};
        const int ready = ::poll(&entry, 1, wait ? kEndMs : 0);
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready == 0 && !wait) {
            return std::nullopt;
        }
        std::array<char, 4096> chunk;
        const ssize_t got = ready > 0 ? ::recv(m_fd.get(), chunk.data(), chunk.size(), MSG_DONTWAIT) : 0;
        if (got <= 0 || m_input.size() > protocol::kMaxLineBytes) {
            m_fd.reset();
            return client::Result<json>(base::fail(brokerGone()));
        }
        m_input.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

std::optional<client::Result<json>> ForwardLink::take() {
    auto answer = read(false);
    if (answer && *answer && textOf(**answer, "kind") != "ended") {
        ask("forward.wait", {{"wait", kEventSeconds}});
    }
    return answer;
}

client::Result<json> ForwardLink::end() {
    if (!m_fd) {
        return base::fail(brokerGone());
    }
    ask("forward.end", json::object());
    auto answer = read(true);
    m_fd.reset();
    return std::move(*answer);
}

} // namespace keybearer::cli
