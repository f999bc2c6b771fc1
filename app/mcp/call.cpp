#include "app/mcp/call.h"

#include "app/mcp/tool_listing.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace keybearer::mcp {
namespace {

/// Of an answer that is none; more of it is nobody's concern.
constexpr std::size_t kMaxRefusal = 64 * 1024;
/// In a row, of a stream that a client waits for.
constexpr int kMostFailures = 3;
constexpr std::size_t kMaxHeaderValue = 8192;
/// Nobody waits for the answer to a notification, but later messages do.
constexpr std::chrono::seconds kNotificationDeadline{30};
/// For the server to end its answer: a connection that ended well serves again.
constexpr std::chrono::seconds kLastWords{3};

/// Of the revision 2026-07-28: the message was not looked at further, as its headers do not fit it.
constexpr int kHeaderMismatch = -32020;

const Problem kBrokenStream{"broken_stream", "the server ended its answer before it was complete", 0};
const Problem kTooLarge{"too_large", "the server's answer is larger than 4 MiB", 0};

bool isEvents(const Head& head) {
    return head.contentType == "text/event-stream";
}

bool fits(const Headers& headers) {
    return std::all_of(headers.begin(), headers.end(),
                       [](const auto& header) { return header.second.size() <= kMaxHeaderValue; });
}

bool isHeaderMismatch(const Message& answer) {
    const auto error = answer.body.find("error");
    return error != answer.body.end() && error->is_object() &&
           error->value("code", nlohmann::json()) == kHeaderMismatch;
}

} // namespace

Headers Connection::sessionHeaders() const {
    Headers headers;
    if (!sessionId.empty()) {
        headers.emplace_back("Mcp-Session-Id", sessionId);
    }
    if (!protocolVersion.empty()) {
        headers.emplace_back("MCP-Protocol-Version", protocolVersion);
    }
    return headers;
}

Call::Call(Connection& connection, Message message, std::string text, Handlers handlers)
    : m_connection(connection),
      m_message(std::move(message)),
      m_text(std::move(text)),
      m_handlers(std::move(handlers)),
      m_resumption(kMostFailures) {
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, [this] {
        m_events = {};
        AuthorizedRequest::Request request{"GET", m_connection.sessionHeaders(), {}, true};
        request.headers.emplace_back("Accept", "text/event-stream");
        request.headers.emplace_back("Last-Event-ID", m_resumption.lastEventId());
        send(std::move(request));
    });
}

Call::~Call() = default;

void Call::start() {
    m_wasStarted = true;
    const bool isFirst = m_message.method == "initialize";
    m_repeated = messageHeaders(m_message, m_connection.tools);
    Headers headers = m_repeated;
    if (headers.empty() && !isFirst) {
        headers = m_connection.sessionHeaders();
        m_hadSession = !m_connection.sessionId.empty();
    } else if (!headers.empty()) {
        m_connection.protocolVersion = headers.front().second;
    }
    if (!fits(headers)) {
        sent();
        end(Problem{"too_large", "what the request is about is too long for a header", 0});
        return;
    }
    if (m_message.kind != Message::Kind::Request) {
        QTimer::singleShot(kNotificationDeadline, this, [this] {
            end(Problem{"unreachable", "the server does not take the message", 0});
        });
    }
    post(std::move(headers));
}

void Call::post(Headers headers) {
    headers.emplace_back("Accept", "application/json, text/event-stream");
    // A notification may come when nobody is there; it is no reason to open a window.
    send({"POST", std::move(headers), m_text, m_message.kind == Message::Kind::Request});
}

void Call::send(AuthorizedRequest::Request request) {
    ExchangeHandlers handlers;
    handlers.sent = [this] {
        if (m_message.kind == Message::Kind::Request) {
            sent();
        }
    };
    const bool isFirst = request.method == "POST";
    handlers.head = [this, isFirst](const Head& head) { isFirst ? headArrived(head) : resumed(head); };
    handlers.body = [this](std::string_view bytes) { bodyArrived(bytes); };
    handlers.ended = [this](const std::optional<Problem>& problem) { requestEnded(problem); };
    m_request.reset(new AuthorizedRequest(m_connection.remote, m_connection.tokens, m_connection.attempts,
                                          std::move(request), std::move(handlers)));
    m_request->pause(m_isPaused);
}

void Call::pause(bool stop) {
    m_isPaused = stop;
    if (m_request) {
        m_request->pause(stop);
    }
}

void Call::settle() {
    if (!std::exchange(m_isSettled, true)) {
        QTimer::singleShot(kLastWords, this, [this] { end(std::nullopt); });
    }
}

void Call::cancel() {
    m_isOver = true;
    m_listing.reset();
    m_again.stop();
    m_request.reset();
}

void Call::sent() {
    if (!std::exchange(m_isSent, true)) {
        m_handlers.sent();
    }
}

void Call::headArrived(const Head& head) {
    const bool isGood = head.status >= 200 && head.status <= 299;
    m_status = head.status;
    if (isGood && m_message.method == "initialize") {
        m_connection.sessionId = head.sessionId;
        m_connection.protocolVersion.clear();
    }
    if (isGood && m_message.kind != Message::Kind::Request) {
        end(std::nullopt);
    } else if (head.status == 404 && m_hadSession) {
        end(Problem{"session_ended", "the server has ended the session", head.status});
    } else if (!isGood) {
        m_answer = Answer::Refusal;
    } else if (isEvents(head)) {
        m_answer = Answer::Events;
        m_resumption.opened(Resumption::Clock::now());
    } else if (head.contentType == "application/json") {
        m_answer = Answer::Json;
    } else {
        end(Problem{"bad_answer", "the server answered with something that is no message", head.status});
    }
}

void Call::resumed(const Head& head) {
    if (head.status == 200 && isEvents(head)) {
        m_resumption.opened(Resumption::Clock::now());
    } else if (head.status == 404 || head.status == 405) {
        end(Problem{kBrokenStream.kind, kBrokenStream.message, head.status});
    } else { // of something on the way, perhaps, or of a server that starts
        m_request.reset();
        streamEnded(Problem{kBrokenStream.kind, kBrokenStream.message, head.status});
    }
}

void Call::bodyArrived(std::string_view bytes) {
    if (m_isOver) {
        return;
    }
    if (m_answer != Answer::Events) {
        const std::size_t most = m_answer == Answer::Json ? kMaxMessage : kMaxRefusal;
        m_body.append(bytes.substr(0, most + 1 - std::min(most + 1, m_body.size())));
        if (m_answer == Answer::Json && m_body.size() > most) {
            end(kTooLarge);
        }
        return;
    }
    const bool isWithinBounds = m_events.feed(bytes, [this](std::string data) {
        m_resumption.worked();
        if (!m_isOver) {
            m_handlers.message(std::move(data));
        }
    });
    m_resumption.take(m_events);
    if (!isWithinBounds) {
        end(kTooLarge);
    }
}

void Call::requestEnded(const std::optional<Problem>& problem) {
    switch (m_answer) {
    case Answer::Events: streamEnded(problem); return;
    case Answer::None: end(problem ? *problem : kBrokenStream); return;
    case Answer::Json: problem ? end(problem) : takeJson(); return;
    case Answer::Refusal: takeRefusal(); return;
    }
}

void Call::streamEnded(const std::optional<Problem>& problem) {
    if (m_isSettled) {
        end(std::nullopt);
        return;
    }
    const auto pause = m_resumption.lastEventId().empty() ? std::nullopt : m_resumption.next(Resumption::Clock::now());
    if (pause) {
        m_again.start(*pause);
    } else {
        end(problem ? *problem : kBrokenStream);
    }
}

void Call::takeJson() {
    const auto body = parseJson(m_body);
    if (!body) {
        end(Problem{"bad_answer", "the server's answer: " + body.error().reason, m_status});
        return;
    }
    if (body->is_array()) {
        for (const nlohmann::json& one : *body) {
            if (m_isOver) { // whoever took the one before has seen enough
                return;
            }
            m_handlers.message(one.dump());
        }
    } else {
        m_handlers.message(std::exchange(m_body, {}));
    }
    if (!m_isOver) {
        end(m_isSettled
                ? std::nullopt
                : std::optional(Problem{"bad_answer", "the server's answer is not the one to this request", m_status}));
    }
}

/// With a JSON-RPC error to this request, which says more than a number, or without.
void Call::takeRefusal() {
    const auto refusal = parseMessage(m_body);
    const bool isAnswer =
        refusal && refusal->kind == Message::Kind::Response && refusal->id == m_message.id && !m_message.id.empty();
    if (!isAnswer) {
        m_body.clear();
    } else if (m_status == 400 && isHeaderMismatch(*refusal) && m_message.method == "tools/call" &&
               !m_repeated.empty() && !std::exchange(m_wasListed, true)) {
        m_listing.reset(new ToolListing(m_connection, m_message, [this] { toolsListed(); }));
        return;
    }
    refuse();
}

/// The client may know the tool from another bridge's time, and the server may have changed it.
void Call::toolsListed() {
    m_listing.reset();
    Headers headers = messageHeaders(m_message, m_connection.tools);
    if (headers == m_repeated || !fits(headers)) {
        refuse();
        return;
    }
    m_body.clear();
    m_answer = Answer::None;
    post(std::move(headers));
}

void Call::refuse() {
    if (!m_body.empty()) {
        m_handlers.message(std::exchange(m_body, {}));
    }
    if (!m_isOver) {
        end(Problem{"http_status", "the server answered with the status " + std::to_string(m_status), m_status});
    }
}

void Call::end(const std::optional<Problem>& problem) {
    if (std::exchange(m_isOver, true)) {
        return;
    }
    m_request.reset();
    m_listing.reset();
    m_handlers.ended(problem);
}

} // namespace keybearer::mcp
