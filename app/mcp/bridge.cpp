#include "app/mcp/bridge.h"

#include "app/common/shown.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

namespace keybearer::mcp {
namespace {

using std::chrono::milliseconds;

/// Messages of the client's that are under way, at most: each may be as large as kMaxMessage.
constexpr std::ptrdiff_t kMostCalls = 64;
/// Those besides that nobody waits for any more.
constexpr std::ptrdiff_t kMostSettled = 64;
/// A client that closes waits for two seconds and kills then.
constexpr milliseconds kLastAnswers{1000};
constexpr milliseconds kGoodbye{700};
constexpr int kTransportError = -32000;

void diagnose(const std::string& text) {
    std::fprintf(stderr, "keybearer mcp bridge: %s\n", common::shown(text).c_str());
}

} // namespace

Bridge::Bridge(Remote& remote, TokenSource& tokens, LineReader& input, LineWriter& output)
    : m_connection{remote, tokens, {}, {}, {}, {}}, m_output(output) {
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, &Bridge::endSession);
    connect(&input, &LineReader::line, this, &Bridge::takeLine);
    connect(&input, &LineReader::lineTooLong, this,
            [this] { m_output.write(errorAnswer("null", -32700, "a message may have 4 MiB at most", "too_large")); });
    connect(&input, &LineReader::atEnd, this, [this] { leave(true); });
    connect(&output, &LineWriter::closed, this, [this] { leave(false); });
    connect(&output, &LineWriter::fullChanged, this, &Bridge::pauseAll);
}

Bridge::~Bridge() = default;

void Bridge::takeLine(const std::string& text) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) {
        return;
    }
    auto message = parseMessage(text);
    if (!message) {
        const BadMessage& bad = message.error();
        m_output.write(errorAnswer(bad.id, bad.code, bad.reason, "bad_message"));
        return;
    }
    takeMessage(std::move(*message), text);
}

void Bridge::takeMessage(Message message, const std::string& text) {
    const bool isRequest = message.kind == Message::Kind::Request;
    if (isRequest && find(message.id) != nullptr) {
        m_output.write(errorAnswer("null", -32600, "a request with this id is under way", "bad_message"));
        return;
    }
    Call* cancelled = find(message.cancelledId());
    if (cancelled != nullptr && cancelRequest(*cancelled)) {
        return;
    }
    // A notification in place of a request that is settled by it makes no message more.
    if (!hasRoom() && cancelled == nullptr) {
        if (isRequest) {
            m_output.write(errorAnswer(message.id, kTransportError, "too many requests at once", "too_many"));
        }
        diagnose("too many messages at once; one was dropped");
        return;
    }
    Call::Handlers handlers;
    const auto call = m_calls.emplace(m_calls.end());
    handlers.sent = [this, call] {
        if (m_sending == call->get()) {
            m_sending = nullptr;
            QMetaObject::invokeMethod(this, &Bridge::startNext, Qt::QueuedConnection);
        }
    };
    handlers.message = [this](const std::string& said) { deliver(said); };
    handlers.ended = [this, call](const std::optional<Problem>& problem) { callEnded(call->get(), problem); };
    call->reset(new Call(m_connection, std::move(message), text, std::move(handlers)));
    (*call)->pause(m_isPaused);
    startNext();
}

Call* Bridge::find(const std::string& id) {
    const auto found = std::ranges::find_if(m_calls, [&](const Cancelled<Call>& call) {
        return call->message().kind == Message::Kind::Request && call->message().id == id && !call->isSettled();
    });
    return found == m_calls.end() ? nullptr : found->get();
}

/// Lets the oldest of those go that nobody waits for, where there are too many of them. The next message waits for the
/// one that is being sent.
bool Bridge::hasRoom() {
    const auto mayGo = [this](const Cancelled<Call>& call) { return call->isSettled() && call.get() != m_sending; };
    std::ptrdiff_t settled = std::ranges::count_if(m_calls, mayGo);
    for (; settled > kMostSettled; --settled) {
        m_calls.erase(std::ranges::find_if(m_calls, mayGo));
    }
    return std::ssize(m_calls) - settled < kMostCalls;
}

bool Bridge::cancelRequest(Call& call) {
    call.settle();
    // One that the server has not seen, or that ends with its connection, needs no words.
    if (call.wasStarted() && &call != m_sending && !call.endsWithItsConnection()) {
        return false;
    }
    callEnded(&call, std::nullopt);
    return true;
}

/// One after the other as far as the server could tell: a request must be on its way before the next message is, and a
/// notification taken.
void Bridge::startNext() {
    if (m_sending != nullptr || m_isOver) {
        return;
    }
    const auto next = std::ranges::find_if(m_calls, [](const Cancelled<Call>& call) { return !call->wasStarted(); });
    if (next != m_calls.end()) {
        m_sending = next->get();
        (*next)->start();
    }
}

void Bridge::callEnded(Call* call, const std::optional<Problem>& problem) {
    const auto place = std::ranges::find_if(m_calls, [&](const Cancelled<Call>& one) { return one.get() == call; });
    const Cancelled<Call> ended = std::move(*place);
    m_calls.erase(place);
    const Message& message = ended->message();
    if (problem) {
        diagnose(message.method + ": " + problem->message);
    }
    if (problem && message.kind == Message::Kind::Request && !ended->isSettled()) {
        m_output.write(errorAnswer(message.id, kTransportError, problem->message, problem->kind, problem->status));
    }
    if (m_sending == call) {
        m_sending = nullptr;
    }
    if (problem && problem->kind == "session_ended") {
        sessionEnded();
        return;
    }
    if (!problem && message.method == "notifications/initialized" && !m_connection.sessionId.empty() && !m_isLeaving) {
        m_stream.reset(new ServerStream(m_connection, {[this](const std::string& text) { deliver(text); },
                                                       [](const Problem& why) { diagnose(why.message); }}));
        m_stream->pause(m_isPaused);
    }
    QMetaObject::invokeMethod(this, &Bridge::startNext, Qt::QueuedConnection);
    if (m_isLeaving && m_calls.empty()) {
        endSession();
    }
}

void Bridge::deliver(const std::string& text) {
    auto message = parseMessage(text);
    if (!message) {
        diagnose("the server sent something that is no message: " + message.error().reason);
        return;
    }
    if (message->kind == Message::Kind::Response) {
        deliverAnswer(std::move(*message), text);
    } else {
        m_output.write(onOneLine(text));
    }
}

void Bridge::deliverAnswer(Message answer, const std::string& text) {
    Call* call = find(answer.id);
    if (call == nullptr) {
        diagnose("the server answered a request that nobody made, or answered it twice");
        return;
    }
    call->settle();
    const auto result = answer.body.find("result");
    const std::string& method = call->message().method;
    // The revisions before know nothing of these annotations.
    if (result != answer.body.end() && method == "tools/list" && call->endsWithItsConnection()) {
        const auto rejected = m_connection.tools.learn(*result);
        for (const ToolHeaders::Rejected& one : rejected) {
            diagnose("the tool " + one.tool + " is left out: " + one.reason);
        }
        m_output.write(rejected.empty() ? onOneLine(text) : answer.body.dump());
        return;
    }
    if (result != answer.body.end() && method == "initialize" && !noteRevision(*result)) {
        m_output.write(
            errorAnswer(answer.id, kTransportError, "the server names no revision of the protocol", "bad_answer"));
        return;
    }
    m_output.write(onOneLine(text));
}

/// It is in the headers of all that follows.
bool Bridge::noteRevision(const nlohmann::json& result) {
    const auto version = result.is_object() ? result.find("protocolVersion") : result.end();
    const bool isText = result.is_object() && version != result.end() && version->is_string();
    m_connection.protocolVersion =
        isText && isRevision(version->get_ref<const std::string&>()) ? version->get<std::string>() : std::string();
    return !m_connection.protocolVersion.empty();
}

void Bridge::pauseAll(bool stop) {
    m_isPaused = stop;
    for (const Cancelled<Call>& call : m_calls) {
        call->pause(stop);
    }
    if (m_stream) {
        m_stream->pause(stop);
    }
}

/// A client on stdio knows sessions by the life of the program: it starts another one.
void Bridge::sessionEnded() {
    for (const Cancelled<Call>& call : std::exchange(m_calls, {})) {
        if (call->message().kind == Message::Kind::Request && !call->isSettled()) {
            m_output.write(
                errorAnswer(call->message().id, kTransportError, "the server has ended the session", "session_ended"));
        }
    }
    finish(1);
}

void Bridge::leave(bool patient) {
    if (std::exchange(m_isLeaving, true) && patient) {
        return;
    }
    m_stream.reset();
    std::erase_if(m_calls, [this](const Cancelled<Call>& call) {
        const bool isWaitedFor = !call->isSettled();
        m_sending = isWaitedFor || m_sending != call.get() ? m_sending : nullptr;
        return !isWaitedFor;
    });
    if (patient && !m_calls.empty()) {
        m_patience.start(kLastAnswers);
    } else {
        endSession();
    }
}

void Bridge::endSession() {
    if (m_goodbye || m_isOver) {
        return;
    }
    m_patience.stop();
    m_calls.clear();
    m_sending = nullptr;
    if (m_connection.sessionId.empty() || !m_connection.tokens.isConnected()) {
        finish(0);
        return;
    }
    QTimer::singleShot(kGoodbye, this, [this] { finish(0); });
    ExchangeHandlers handlers;
    handlers.head = [this](const Head&) { finish(0); };
    handlers.body = [](std::string_view) {};
    handlers.ended = [this](const std::optional<Problem>&) { finish(0); };
    m_goodbye.reset(new AuthorizedRequest(m_connection.remote, m_connection.tokens, m_connection.attempts,
                                          {"DELETE", m_connection.sessionHeaders(), {}, false}, std::move(handlers)));
}

void Bridge::finish(int exitCode) {
    if (std::exchange(m_isOver, true)) {
        return;
    }
    m_stream.reset();
    m_output.flush();
    Q_EMIT over(exitCode);
}

} // namespace keybearer::mcp
