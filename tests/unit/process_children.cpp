#include "tests/unit/process_children.h"

#include <QFile>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

namespace keybearer::test {
namespace {

constexpr int kPatienceMs = 10'000;

/// In the child: `said` is closed by an exec, and by an end.
[[noreturn]] void waitForTheEnd() {
    while (true) {
        ::pause();
    }
}

} // namespace

bool waitFor(int fd) {
    pollfd readable{fd, POLLIN, 0};
    return ::poll(&readable, 1, kPatienceMs) == 1;
}

Child Child::forked(const std::function<bool()>& inside) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return {0, false};
    }
    const base::UniqueFd reading(ends[0]);
    base::UniqueFd saying(ends[1]);
    const pid_t pid = ::fork();
    if (pid == 0) {
        if (!inside() || ::write(saying.get(), "r", 1) != 1) {
            ::_exit(1);
        }
        waitForTheEnd();
    }
    saying.reset();
    char said = 0;
    return {pid, waitFor(reading.get()) && ::read(reading.get(), &said, 1) == 1};
}

Child Child::running(const std::vector<std::string>& words, const std::function<bool()>& before) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return {0, false};
    }
    const base::UniqueFd reading(ends[0]);
    base::UniqueFd saying(ends[1]);
    const pid_t pid = ::fork();
    if (pid == 0) {
        std::vector<char*> argv;
        for (const std::string& word : words) {
            argv.push_back(const_cast<char*>(word.c_str()));
        }
        argv.push_back(nullptr);
        if (before()) {
            ::setpgid(0, 0); // so that its own children end with it; a session of its own has a group already
            ::execvp(argv.front(), argv.data());
        }
        ::_exit(::write(saying.get(), "f", 1) == 1 ? 1 : 2);
    }
    saying.reset();
    char said = 0;
    bool isReady = waitFor(reading.get()) && ::read(reading.get(), &said, 1) == 0; // closed by the exec
    // The kernel closes it a moment before the new program has its words.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    const std::string path = "/proc/" + std::to_string(pid) + "/cmdline";
    while (isReady && std::ifstream(path).peek() == std::ifstream::traits_type::eof()) {
        isReady = std::chrono::steady_clock::now() < end;
        std::this_thread::yield();
    }
    return {pid, isReady};
}

void Child::end() {
    if (m_pid > 0) {
        ::kill(m_pid, SIGKILL);
        ::kill(-m_pid, SIGKILL);
        ::waitpid(m_pid, nullptr, 0);
        m_pid = 0;
    }
}

Roll::Roll() {
    ::mkfifo(path().c_str(), 0600);
    m_fifo.reset(::open(path().c_str(), O_RDWR | O_CLOEXEC));
}

pid_t Roll::next() {
    std::string line;
    char c = 0;
    while (waitFor(m_fifo.get()) && ::read(m_fifo.get(), &c, 1) == 1 && c != '\n') {
        line.push_back(c);
    }
    const pid_t pid = std::atoi(line.c_str());
    if (pid > 0) {
        m_seen.push_back(pid);
    }
    return pid;
}

Roll::~Roll() {
    for (const pid_t pid : m_seen) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, WNOHANG); // where it became our child
    }
}

Listener::Listener() : m_socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string where = path();
    std::memcpy(address.sun_path, where.c_str(), std::min(where.size(), sizeof address.sun_path - 1));
    ::bind(m_socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    ::chmod(where.c_str(), 0777);
    ::chmod(m_folder.path().toLocal8Bit().constData(), 0755); // children that are other users find it
    ::listen(m_socket.get(), 8);
}

base::UniqueFd Listener::accept() {
    return waitFor(m_socket.get()) ? base::UniqueFd(::accept4(m_socket.get(), nullptr, nullptr, SOCK_CLOEXEC))
                                   : base::UniqueFd();
}

std::string helperProgram() {
    return KEYBEARER_PROCESS_CHILD;
}

std::string copyOf(const std::string& program, const QString& path) {
    const QString from = QFile::exists(QString::fromStdString(program))
                             ? QString::fromStdString(program)
                             : QStringLiteral("/usr/bin/") + QString::fromStdString(program);
    QFile::remove(path);
    QFile::copy(from, path);
    QFile::setPermissions(path, QFile::permissions(path) | QFile::ExeOwner | QFile::WriteOwner);
    return path.toStdString();
}

} // namespace keybearer::test
