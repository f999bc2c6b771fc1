#include "app/mcp/server_stream.h"

#include <utility>

namespace keybearer::mcp {
namespace {

/// In a row, each of a stream that ended at once and brought nothing.
constexpr int kMostShortStreams = 5;

} // namespace

ServerStream::ServerStream(Connection& connection, Handlers handlers)
    : m_connection(connection), m_handlers(std::move(handlers)), m_resumption(kMostShortStreams) {
    m_again.setSingleShot(true);
    connect(&m_again, &QTimer::timeout, this, &ServerStream::open);
    open();
}

void ServerStream::pause(bool stop) {
    m_isPaused = stop;
    if (m_request) {
        m_request->pause(stop);
    }
}

void ServerStream::cancel() {
    m_isOver = true;
    m_again.stop();
    m_request.reset();
}

void ServerStream::open() {
    AuthorizedRequest::Request request{"GET", m_connection.sessionHeaders(), {}, false};
    request.headers.emplace_back("Accept", "text/event-stream");
    if (!m_resumption.lastEventId().empty()) {
        request.headers.emplace_back("Last-Event-ID", m_resumption.lastEventId());
    }
    m_events = {};
    ExchangeHandlers handlers;
    handlers.head = [this](const Head& head) {
        const bool isStream = head.status == 200 && head.contentType == "text/event-stream";
        if (isStream) {
            m_resumption.opened(Resumption::Clock::now());
        } else {
            cancel();
        }
        if (!isStream && head.status != 405) {
            m_handlers.givenUp({"http_status", "the server's own stream cannot be opened", head.status});
        }
    };
    handlers.body = [this](std::string_view bytes) {
        const bool isWithinBounds = m_events.feed(bytes, [this](std::string data) {
            m_resumption.worked();
            if (!m_isOver) {
                m_handlers.message(std::move(data));
            }
        });
        m_resumption.take(m_events);
        if (!isWithinBounds && !m_isOver) {
            cancel();
            m_handlers.givenUp({"too_large", "a message of the server's own is larger than 4 MiB", 0});
        }
    };
    handlers.ended = [this](const std::optional<Problem>& problem) { ended(problem); };
    m_request.reset(new AuthorizedRequest(m_connection.remote, m_connection.tokens, m_connection.attempts,
                                          std::move(request), std::move(handlers)));
    m_request->pause(m_isPaused);
}

void ServerStream::ended(const std::optional<Problem>& problem) {
    if (const auto pause = m_resumption.next(Resumption::Clock::now())) {
        m_again.start(*pause);
        return;
    }
    cancel();
    m_handlers.givenUp(problem ? *problem
                               : Problem{"broken_stream", "the server ends its own stream again and again", 0});
}

} // namespace keybearer::mcp
