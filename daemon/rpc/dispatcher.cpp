#include "daemon/rpc/dispatcher.h"

#include "daemon/access/decide.h"
#include "daemon/rpc/handlers.h"
#include "ipc/base/text.h"

#include <unistd.h>

namespace keybearer::rpc {
namespace {

using nlohmann::json;
using protocol::ErrorKind;

protocol::Error error(ErrorKind kind, std::string message) {
    return protocol::Error{kind, std::move(message)};
}

/// The account or provider that a call is about, for the decision and the record.
std::string subjectOf(const protocol::Params& params) {
    for (const char* name : {"account", "provider"}) {
        if (auto value = params.string(name)) {
            return base::printable(*value, 128);
        }
    }
    return {};
}

/// An answer that will not be sent may hold a token.
void wipeTexts(json& value) {
    if (value.is_string()) {
        base::wipe(value.get_ref<std::string&>());
    } else if (value.is_structured()) {
        for (json& member : value) {
            wipeTexts(member);
        }
    }
}

} // namespace

Dispatcher::Dispatcher(Services& services) : m_services(services), m_uid(::geteuid()) {}

bool Dispatcher::opened(server::ConnectionId id, int socket) {
    auto peer = platform::peerOf(socket);
    if (!peer || peer->uid != m_uid) {
        return false;
    }
    m_peers.emplace(id, std::make_shared<const platform::Peer>(std::move(*peer)));
    return true;
}

void Dispatcher::closed(server::ConnectionId id) {
    m_peers.erase(id);
    m_services.logins.ownerGone(id);
}

void Dispatcher::request(server::ConnectionId id, protocol::Request request) {
    run(id, std::move(request));
}

QCoro::Task<> Dispatcher::run(server::ConnectionId id, protocol::Request request) {
    auto reply = co_await answer(id, std::move(request.method), std::move(request.params));
    if (reply) {
        m_server->answer(id, protocol::encodeResult(request.id, *reply));
        wipeTexts(*reply);
    } else {
        m_server->answer(id, protocol::encodeError(request.id, reply.error()));
    }
}

QCoro::Task<Reply> Dispatcher::answer(server::ConnectionId id, std::string name, json params) {
    const protocol::Method* method = protocol::findMethod(name);
    const MethodHandler handler = findHandler(name);
    if (method == nullptr || handler == nullptr) {
        co_return base::fail(
            error(ErrorKind::MethodNotFound, "there is no method \"" + base::printable(name, 64) + "\""));
    }
    auto checked = protocol::Params::check(*method, std::move(params));
    if (!checked) {
        co_return base::fail(std::move(checked.error()));
    }
    const std::shared_ptr<const platform::Peer> who = m_peers.at(id);
    const platform::Peer& peer = *who;
    const std::string credential = subjectOf(*checked);
    const access::Policy policy = m_services.config.allowPrograms ? access::Policy::Allow : access::Policy::Deny;
    const access::Decision decision = access::decide({peer, method->guard, name, credential}, policy, m_uid);
    if (decision.verdict != access::Decision::Verdict::Allow) {
        const auto recorded = record(*method, peer, credential, false, decision.reason);
        static_cast<void>(recorded); // nothing is released either way
        co_return base::fail(error(ErrorKind::Denied, std::string(decision.reason)));
    }
    // What changes something is recorded before it happens, what releases something when it is known to be released.
    if (!method->releases) {
        if (const auto recorded = record(*method, peer, credential, true, decision.reason); !recorded) {
            co_return base::fail(recorded.error());
        }
    }
    // A named call: g++ 12 destroys an aggregate temporary of a co_await expression twice.
    Call call{id, std::move(*checked)};
    auto reply = co_await handler(m_services, std::move(call));
    if (reply && method->releases) {
        if (const auto recorded = record(*method, peer, credential, true, decision.reason); !recorded) {
            wipeTexts(*reply);
            co_return base::fail(recorded.error());
        }
    }
    co_return std::move(reply);
}

protocol::Result<void> Dispatcher::record(const protocol::Method& method, const platform::Peer& peer,
                                          std::string_view credential, bool allowed, std::string_view reason) {
    if (method.auditEvent.empty()) {
        return {};
    }
    audit::Record line;
    line.event = method.auditEvent;
    line.verdict = allowed ? "allow" : "deny";
    line.reason = reason;
    line.method = method.name;
    line.credential = credential;
    line.uid = peer.uid;
    line.pid = peer.pid;
    line.exe = peer.exe;
    if (const auto written = m_services.audit.append(line); !written) {
        return base::fail(error(ErrorKind::StorageError,
                                "the audit record cannot be written, so nothing is released: " + written.error()));
    }
    return {};
}

} // namespace keybearer::rpc
