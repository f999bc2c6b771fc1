#pragma once
/// \file
/// Real processes for the tests of who asks.

#include "ipc/base/unique_fd.h"

#include <QByteArray>
#include <QTemporaryDir>

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

namespace keybearer::test {

/// A child that is killed and waited for at the end, with the rest of its group. It is ready when it is returned.
class Child {
public:
    /// Runs `inside` after the fork, then waits for its end. Not ready: `inside` returned false.
    [[nodiscard]] static Child forked(const std::function<bool()>& inside);
    /// Executes the words after `before` was run, in a group of its own; ready once the exec has happened.
    [[nodiscard]] static Child running(
        const std::vector<std::string>& words, const std::function<bool()>& before = [] { return true; });

    Child(Child&& other) noexcept : m_pid(std::exchange(other.m_pid, 0)), m_ready(other.m_ready) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child& operator=(Child&&) = delete;
    ~Child() { end(); }

    [[nodiscard]] pid_t pid() const { return m_pid; }
    [[nodiscard]] bool isReady() const { return m_ready; }
    /// Kills it, and waits until nothing of it is left.
    void end();

private:
    Child(pid_t pid, bool ready) : m_pid(pid), m_ready(ready) {}

    pid_t m_pid = 0;
    bool m_ready = false;
};

/// A place where programs that were started by others say their process ids: tests/unit/process_child.cpp does it when
/// it is given the path.
class Roll {
public:
    Roll();
    [[nodiscard]] std::string path() const { return m_folder.filePath(QStringLiteral("roll")).toStdString(); }
    /// The next one to come; 0 after ten seconds. It lives until this object ends.
    [[nodiscard]] pid_t next();
    ~Roll();
    Roll(const Roll&) = delete;
    Roll& operator=(const Roll&) = delete;

private:
    QTemporaryDir m_folder;
    base::UniqueFd m_fifo;
    std::vector<pid_t> m_seen;
};

/// A listening local socket in a folder of its own.
class Listener {
public:
    Listener();
    [[nodiscard]] std::string path() const { return m_folder.filePath(QStringLiteral("s")).toStdString(); }
    /// The next connection; none after ten seconds.
    [[nodiscard]] base::UniqueFd accept();

private:
    QTemporaryDir m_folder;
    base::UniqueFd m_socket;
};

/// process_child.cpp's executable, and a copy of it (or of another program) under another path.
[[nodiscard]] std::string helperProgram();
[[nodiscard]] std::string copyOf(const std::string& program, const QString& path);

/// Waits until the other end says something or ends; false after ten seconds.
[[nodiscard]] bool waitFor(int fd);

} // namespace keybearer::test
