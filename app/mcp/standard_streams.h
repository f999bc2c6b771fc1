#pragma once
/// \file
/// Lines on standard input and output, without ever waiting for the program at the other end.

#include <QObject>
#include <QSocketNotifier>

#include <deque>
#include <functional>
#include <string>

namespace keybearer::mcp {

class LineReader final : public QObject {
    Q_OBJECT
public:
    explicit LineReader(int fd, QObject* parent = nullptr);

Q_SIGNALS:
    /// Without its end.
    void line(const std::string& text);
    /// One larger than kMaxMessage has been passed by.
    void lineTooLong();
    void atEnd();

private:
    void readSome();
    void take(std::string_view bytes);

    int m_fd;
    QSocketNotifier m_readable;
    std::string m_line;
    bool m_isSkipping = false;
};

class LineWriter final : public QObject {
    Q_OBJECT
public:
    explicit LineWriter(int fd, QObject* parent = nullptr);

    void write(std::string line);
    /// Waits a moment for what has been written.
    void flush();

Q_SIGNALS:
    /// True when so much waits to be read that no more should come; false when that is over.
    void fullChanged(bool isFull);
    /// Nobody reads any more.
    void closed();

private:
    void writeSome();

    int m_fd;
    QSocketNotifier m_writable;
    std::deque<std::string> m_lines;
    std::size_t m_written = 0; ///< bytes of the first of them
    std::size_t m_waiting = 0; ///< bytes of all of them
    bool m_isFull = false;
    bool m_isClosed = false;
};

} // namespace keybearer::mcp
