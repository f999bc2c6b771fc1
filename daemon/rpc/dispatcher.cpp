#include "daemon/rpc/dispatcher.h"

#include "daemon/rpc/account_choice.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/wanted.h"
#include "ipc/base/text.h"

#include <unistd.h>

#include <algorithm>

namespace keybearer::rpc {
namespace {

using nlohmann::json;
using protocol::ErrorKind;

protocol::Error error(ErrorKind kind, std::string message) {
    return protocol::Error{kind, std::move(message)};
}

/// The account or provider that a call is about, for the decision and the record.
std::string subjectOf(const Services& services, const protocol::Method& method, const protocol::Params& params) {
    for (const char* name : {"account", "provider", "client_key_id", "host", "session_id"}) {
        if (auto value = params.string(name)) {
            const auto which = params.string("name");
            return base::printable(which ? *value + "/" + *which : *value, 128);
        }
    }
    if (method.releases) { // it names none: the folder that it is called from does
        const auto choice = chooseAccount(services, params);
        return choice ? choice->account : std::string();
    }
    return base::printable(params.string("name").value_or(std::string()),
                           128); // of a client key to be made, or a setting
}

protocol::Error notRecorded(const std::string& why) {
    return error(ErrorKind::StorageError, "the audit record cannot be written, so nothing is released: " + why);
}

/// Through a session nobody learns which account is the only one here, or whose a folder is: left out, it is the only
/// one of the session.
protocol::Result<void> nameAccount(const Services& services, std::uint64_t connection, protocol::Params& params) {
    const std::string session = services.connectionKeys.sessionOf(connection);
    if (session.empty() || params.string("account")) {
        return {};
    }
    constexpr std::string_view kHead = "account:";
    std::vector<std::string> names;
    if (const clientkeys::ClientKey* key = services.clientKeys.byId(services.connectionKeys.idOf(connection))) {
        for (const access::KeyScope& scope : key->scopes) {
            if (scope.credential.starts_with(kHead) &&
                std::ranges::find(names, scope.credential.substr(kHead.size())) == names.end()) {
                names.push_back(scope.credential.substr(kHead.size()));
            }
        }
    }
    if (names.size() != 1) {
        return base::fail(error(ErrorKind::InvalidValue, "name the account: there is more than one, or none, here"));
    }
    params.replace("account", names.front());
    return {};
}

/// Answers that wait for their audit lines at most: a client may send many requests in one write.
constexpr std::size_t kMostHeld = 256;

} // namespace

Dispatcher::Dispatcher(Services& services, Identify identify)
    : m_services(services),
      m_uid(::geteuid()),
      m_admission(
          services, std::move(identify), [this](std::uint64_t id) { return m_server->descriptor(id); }, m_uid) {}

bool Dispatcher::opened(server::ConnectionId id, int socket, server::ListenerId listener) {
    const bool isKeyFirst = m_keyFirst && m_keyFirst->listener == listener;
    const auto forward = m_services.forwards.ofListener(listener);
    if (forward && m_services.connectionKeys.allOf(forward->id).size() >= kMaxForwardConnections) {
        return false;
    }
    auto peer = platform::peerOf(socket);
    if (!peer || (peer->uid != m_uid && !(isKeyFirst && m_keyFirst->anyUser))) {
        return false;
    }
    auto caller = std::make_shared<Caller>();
    caller->connection = id;
    caller->connectedAt = m_services.clock.steady();
    caller->peer = std::move(*peer);
    if (caller->peer.exe.empty()) { // to a confined process the kernel does not tell it
        caller->executable = m_services.spawner.askExecutable(caller->peer.pid);
    }
    m_callers.emplace(id, std::move(caller));
    if (isKeyFirst) {
        m_services.connectionKeys.wantKey(id, m_keyFirst->anyUser);
    }
    if (forward) {
        m_services.connectionKeys.wantKey(id, false, forward->id);
    }
    return true;
}

/// The answer has come by now: the question went before the request was read.
const std::string& Dispatcher::executableOf(Caller& caller) {
    if (const std::uint32_t question = std::exchange(caller.executable, 0); question != 0) {
        caller.peer.exe = m_services.spawner.executable(question);
    }
    return caller.peer.exe;
}

void Dispatcher::closed(server::ConnectionId id) {
    if (const auto caller = m_callers.find(id); caller != m_callers.end()) {
        // A call that is under way may still be recorded, and keeps its caller.
        if (caller->second.use_count() == 1) {
            m_services.spawner.forgetExecutable(caller->second->executable);
        } else {
            static_cast<void>(executableOf(*caller->second));
        }
        m_callers.erase(caller);
    }
    m_services.connectionKeys.closed(id);
    m_services.logins.ownerGone(id);
    m_services.changes.gone(id);
    m_services.approvals.gone(id);
    m_services.forwards.ownerGone(id);
}

void Dispatcher::request(server::ConnectionId id, protocol::Request request) {
    m_inTurn = true;
    const Handlers handlers = findHandlers(request.method);
    const protocol::Method* method = protocol::findMethod(request.method);
    if (method == nullptr || handlers.handler == nullptr) {
        return send(id, request.id,
                    base::fail(error(ErrorKind::MethodNotFound,
                                     "there is no method \"" + base::printable(request.method, 64) + "\"")));
    }
    auto params = protocol::Params::check(*method, std::move(request.params));
    if (!params) {
        return send(id, request.id, base::fail(std::move(params.error())));
    }
    if (isForToken(*method)) {
        if (const auto named = nameAccount(m_services, id, *params); !named) {
            return send(id, request.id, base::fail(named.error()));
        }
    }
    std::string credential = subjectOf(m_services, *method, *params);
    admit(id, std::move(request.id), handlers,
          Admitted{*method, m_callers.at(id), std::move(credential), {}, std::move(*params), {}, {}, {}});
}

void Dispatcher::admit(server::ConnectionId id, json requestId, const Handlers& handlers, Admitted call) {
    if (m_services.lock.refuses(call.method)) {
        return decided(id, requestId, handlers, std::move(call), Permit{});
    }
    if (auto permit = m_admission.atOnce(*call.caller, call.method, call.params)) {
        return decided(id, requestId, handlers, std::move(call), std::move(*permit));
    }
    admitLater(id, std::move(requestId), handlers, std::move(call));
}

QCoro::Task<> Dispatcher::admitLater(server::ConnectionId id, json requestId, Handlers handlers, Admitted call) {
    auto permit = co_await m_admission.decide(call.caller, call.method, call.params);
    if (isOpen(id)) {
        decided(id, requestId, handlers, std::move(call), std::move(permit));
    }
}

/// Who may do what has been decided: it is recorded, and done or refused.
void Dispatcher::decided(server::ConnectionId id, const json& requestId, const Handlers& handlers, Admitted call,
                         protocol::Result<Permit> permit) {
    call.clientKey = m_services.connectionKeys.idOf(id);
    call.host = m_services.forwards.hostOf(m_services.connectionKeys.sessionOf(id));
    if (m_services.lock.refuses(call.method)) { // also what was asked about when it was locked
        permit = base::fail(accounts::brokerLocked());
    }
    if (!permit) {
        recordRefusal(id, call, permit.error().message);
        return send(id, requestId, base::fail(std::move(permit.error())));
    }
    call.permit = std::move(*permit);
    if (const auto& narrowed = call.permit.narrowed) {
        if (!narrowed->scopes.empty()) {
            call.params.replace("scopes", narrowed->scopes);
        }
        if (!narrowed->audience.empty()) {
            call.params.replace("audience", narrowed->audience);
        }
    }
    // What changes something is recorded before it happens, what releases something when it is known to be released.
    if (!call.method.releases) {
        if (auto recorded = record(call, true); !recorded) {
            return send(id, requestId, base::fail(std::move(recorded.error())));
        }
    }
    if (call.method.guard == protocol::Guard::Use) {
        m_services.connectionKeys.noteUse(id);
    }
    if (call.method.guard == protocol::Guard::Greet) {
        static_cast<void>(executableOf(*call.caller)); // the attempt is recorded by its handler
    }
    if (handlers.quick != nullptr && call.host.empty()) { // who comes through a session gets tokens of its own
        if (std::optional<protocol::Body> answer = handlers.quick(m_services, call.params, call.note)) {
            return finish(id, requestId, std::move(call), std::move(*answer));
        }
    }
    run(id, requestId, handlers.handler, std::move(call));
}

void Dispatcher::recordRefusal(server::ConnectionId id, Admitted& call, const std::string& why) {
    std::optional<unsigned> missed = 0;
    if (m_services.connectionKeys.isStranger(id)) {
        missed = m_services.connectionKeys.countRefusal(m_services.clock.utcSeconds());
    }
    if (missed) {
        const std::string said = why + missedText(*missed);
        call.permit.reason = said;
        const auto recorded = record(call, false);
        static_cast<void>(recorded); // nothing is released either way
        call.permit.reason = {};
    }
}

QCoro::Task<> Dispatcher::run(server::ConnectionId id, json requestId, MethodHandler handler, Admitted admitted) {
    // A named call: g++ 12 destroys an aggregate temporary of a co_await expression twice.
    const auto note = std::make_shared<ReleaseNote>();
    const auto key = m_services.connectionKeys.reachOf(id);
    Call call{id,
              admitted.caller->peer.pid,
              std::move(admitted.params),
              note,
              {admitted.caller, &admitted.caller->peer},
              m_services.connectionKeys.sessionOf(id),
              key && key->isForTest};
    auto reply = co_await handler(m_services, std::move(call));
    admitted.note = std::move(*note);
    finish(id, requestId, std::move(admitted), std::move(reply));
}

void Dispatcher::finish(server::ConnectionId id, const json& requestId, Admitted call, Reply reply) {
    if (!call.method.auditEvent.empty()) {
        m_services.seal.poke(); // after the call: it may have been the one that opened the keychain
    }
    if (reply && call.method.releases && m_services.lock.refuses(call.method)) { // locked while it was being fetched
        return decided(id, requestId, {}, std::move(call), Permit{});
    }
    // It may have waited for long: what was revoked meanwhile gets nothing any more.
    if (reply && call.method.guard == protocol::Guard::Use) {
        if (auto still = m_admission.stillHolds(*call.caller, call.method, call.clientKey); !still) {
            recordRefusal(id, call, still.error().message);
            reply = base::fail(std::move(still.error()));
        }
    }
    if (!reply || !call.method.releases) {
        send(id, requestId, reply);
        if (reply && call.method.fuzz == protocol::Fuzz::SideEffects) {
            m_services.changes.tell();
        }
        return;
    }
    m_held.push_back({id, requestId, std::move(call), std::move(*reply)});
    if (!m_inTurn || m_held.size() == kMostHeld) {
        settle();
    }
}

void Dispatcher::turnEnded() {
    m_inTurn = false;
    settle();
}

void Dispatcher::settle() {
    if (m_held.empty()) {
        return;
    }
    const std::vector<Held> held = std::exchange(m_held, {});
    std::vector<audit::Record> lines;
    lines.reserve(held.size());
    for (const Held& answer : held) {
        lines.push_back(recordOf(answer.call, true));
    }
    const auto written = m_services.audit.append(lines);
    for (const Held& answer : held) {
        m_server->answer(answer.connection,
                         written ? protocol::encodeResult(answer.requestId, answer.body)
                                 : protocol::encodeError(answer.requestId, notRecorded(written.error())));
    }
}

void Dispatcher::send(server::ConnectionId id, const json& requestId, const Reply& reply) {
    m_server->answer(id, reply ? protocol::encodeResult(requestId, *reply)
                               : protocol::encodeError(requestId, reply.error()));
}

audit::Record Dispatcher::recordOf(const Admitted& call, bool allowed) {
    audit::Record line;
    line.event = call.method.auditEvent;
    line.verdict = allowed ? "allow" : "deny";
    line.reason = call.permit.reason;
    line.method = call.method.name;
    line.credential = call.credential;
    line.uid = call.caller->peer.uid;
    line.pid = call.caller->peer.pid;
    const bool isKnown = call.caller->client && !call.caller->client->path.empty();
    line.exe = isKnown ? call.caller->client->path : executableOf(*call.caller);
    line.grant = call.permit.grants;
    line.purpose = call.permit.purpose;
    line.clientKey = call.clientKey;
    line.host = call.host;
    line.account = call.note.account;
    line.source = call.note.source;
    line.fields = call.note.fields;
    line.layers = call.note.layers;
    line.stored = call.note.stored;
    line.expires = call.note.expires;
    return line;
}

protocol::Result<void> Dispatcher::record(const Admitted& call, bool allowed) {
    if (call.method.auditEvent.empty()) {
        return {};
    }
    if (const auto written = m_services.audit.append(recordOf(call, allowed)); !written) {
        return base::fail(notRecorded(written.error()));
    }
    return {};
}

} // namespace keybearer::rpc
