#include "app/mcp/standard_streams.h"

#include "app/mcp/message.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

namespace keybearer::mcp {
namespace {

constexpr std::size_t kFull = 2 * kMaxMessage;
constexpr int kFlushMs = 1000;

/// True when a write of PIPE_BUF bytes would not wait: the descriptor is shared with other programs, so that its own
/// mode stays as it is.
bool hasRoom(int fd, int ms) {
    pollfd one{fd, POLLOUT, 0};
    return ::poll(&one, 1, ms) == 1;
}

/// A socket takes what it has room for; a pipe that has room takes PIPE_BUF bytes (POSIX).
ssize_t writeWithoutWaiting(int fd, std::string_view text) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 && errno == ENOTSOCK ? ::write(fd, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF))
                                         : sent;
}

} // namespace

LineReader::LineReader(int fd, QObject* parent) : QObject(parent), m_fd(fd), m_readable(fd, QSocketNotifier::Read) {
    connect(&m_readable, &QSocketNotifier::activated, this, &LineReader::readSome);
}

void LineReader::readSome() {
    std::array<char, 64 * 1024> chunk{};
    const ssize_t got = ::read(m_fd, chunk.data(), chunk.size());
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got > 0) {
        take({chunk.data(), static_cast<std::size_t>(got)});
        return;
    }
    m_readable.setEnabled(false);
    if (!m_line.empty()) {
        Q_EMIT line(std::exchange(m_line, {}));
    }
    Q_EMIT atEnd();
}

void LineReader::take(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        if (!m_isSkipping) {
            m_line.append(bytes.substr(0, end));
        }
        if (m_line.size() > kMaxMessage) {
            m_isSkipping = true;
            m_line.clear();
            Q_EMIT lineTooLong();
        }
        if (end == std::string_view::npos) {
            return;
        }
        if (!std::exchange(m_isSkipping, false)) {
            Q_EMIT line(std::exchange(m_line, {}));
        }
        bytes.remove_prefix(end + 1);
    }
}

LineWriter::LineWriter(int fd, QObject* parent) : QObject(parent), m_fd(fd), m_writable(fd, QSocketNotifier::Write) {
    m_writable.setEnabled(false);
    connect(&m_writable, &QSocketNotifier::activated, this, &LineWriter::writeSome);
}

void LineWriter::write(std::string line) {
    if (m_isClosed) {
        return;
    }
    line += '\n';
    m_waiting += line.size();
    m_lines.push_back(std::move(line));
    m_writable.setEnabled(true);
    if (!m_isFull && m_waiting > kFull) {
        m_isFull = true;
        Q_EMIT fullChanged(true);
    }
}

void LineWriter::writeSome() {
    while (!m_lines.empty() && hasRoom(m_fd, 0)) {
        const std::string& line = m_lines.front();
        const ssize_t count = writeWithoutWaiting(m_fd, std::string_view(line).substr(m_written));
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            return;
        }
        if (count < 0) {
            m_isClosed = true;
            m_lines.clear();
            m_writable.setEnabled(false);
            Q_EMIT closed();
            return;
        }
        m_written += static_cast<std::size_t>(count);
        m_waiting -= static_cast<std::size_t>(count);
        if (m_written == line.size()) {
            m_lines.pop_front();
            m_written = 0;
        }
    }
    m_writable.setEnabled(!m_lines.empty());
    if (m_isFull && m_waiting <= kFull / 2) {
        m_isFull = false;
        Q_EMIT fullChanged(false);
    }
}

void LineWriter::flush() {
    while (!m_lines.empty() && hasRoom(m_fd, kFlushMs)) {
        writeSome();
    }
}

} // namespace keybearer::mcp
