#include "app/cli/child.h"

#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "ipc/base/secure_dir.h"
#include "ipc/base/unique_fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace keybearer::cli {
namespace {

/// Sent by the terminal to the whole foreground group, the child included: left to the child. The signals that stop a
/// job are left as they are, so that both stop and go on together.
constexpr std::array kTerminalSignals{SIGINT, SIGQUIT};
/// Sent to us alone, as by a service manager: passed on.
constexpr std::array kPassedOn{SIGTERM, SIGHUP, SIGUSR1, SIGUSR2};

/// Of the files; the number of the process that they are for comes next.
constexpr std::string_view kPrefix = "run.";

std::string prefixOf(pid_t owner) {
    return std::string(kPrefix).append(std::to_string(owner)).append(".");
}

volatile pid_t gChild = 0;

extern "C" void passOn(int signal) {
    const int before = errno;
    if (gChild > 0) {
        ::kill(gChild, signal);
    }
    errno = before;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (const std::string& text : texts) {
        out.push_back(const_cast<char*>(text.c_str())); // execvpe() changes nothing
    }
    out.push_back(nullptr);
    return out;
}

int waitFor(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

} // namespace

client::Error become(const std::vector<std::string>& command, const std::vector<std::string>& environment) {
    const std::vector<char*> arguments = pointers(command);
    const std::vector<char*> variables = pointers(environment);
    ::execvpe(arguments.front(), arguments.data(), variables.data());
    return failure("command_not_run", "cannot run " + shown(command.front()) + ": " + std::strerror(errno),
                   errno == ENOENT ? 127 : 126);
}

int exitCodeOf(int status) {
    if (WIFSIGNALED(status)) {
        std::signal(WTERMSIG(status), SIG_DFL);
        ::raise(WTERMSIG(status));
        return 128 + WTERMSIG(status); // a signal that cannot end us
    }
    return WEXITSTATUS(status);
}

Child::Child(std::string folder) : m_folder(std::move(folder)) {}

void Child::set(const std::string& name, const base::Secret& value) {
    m_set.insert_or_assign(name, value.clone());
}

void Child::unset(const std::string& name) {
    m_set.erase(name);
    m_unset.push_back(name);
}

void Child::setFile(const std::vector<std::string>& names, const base::Secret& content) {
    m_files.push_back({names, content.clone()});
}

client::Result<void> Child::writeFiles(pid_t owner) {
    for (const File& file : m_files) {
        std::string path = m_folder + "/" + prefixOf(owner) + "XXXXXX";
        const base::UniqueFd fd(::mkostemp(path.data(), O_CLOEXEC)); // mode 0600
        const std::string_view text = file.content.reveal();
        if (!fd || ::write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
            return base::fail(
                failure("storage_error", "cannot write a file in " + m_folder + ": " + std::strerror(errno), 6));
        }
        for (const std::string& name : file.names) {
            m_set.insert_or_assign(name, base::Secret(path));
        }
    }
    return {};
}

void Child::removeFiles(const std::function<bool(pid_t owner)>& isOver) const {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(m_folder.c_str()), &::closedir);
    for (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr; entry != nullptr;
         entry = ::readdir(folder.get())) {
        const std::string name = entry->d_name;
        pid_t owner = 0;
        const char* const begin = name.c_str() + kPrefix.size();
        if (name.starts_with(kPrefix) && std::from_chars(begin, name.c_str() + name.size(), owner).ec == std::errc() &&
            owner > 0 && name.starts_with(prefixOf(owner)) && isOver(owner)) {
            ::unlink((m_folder + "/" + name).c_str());
        }
    }
}

std::vector<std::string> Child::environment() const {
    std::vector<std::string> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        const std::string name(text.substr(0, text.find('=')));
        if (!m_set.contains(name) && std::ranges::find(m_unset, name) == m_unset.end()) {
            variables.emplace_back(text);
        }
    }
    for (const auto& [name, value] : m_set) {
        std::string text;
        text.reserve(name.size() + 1 + value.size());
        text.append(name).append("=").append(value.reveal());
        variables.push_back(std::move(text));
    }
    return variables;
}

Outcome Child::run(const std::vector<std::string>& command) {
    if (m_files.empty()) {
        return base::fail(become(command, environment()));
    }
    if (auto made = base::makePrivateDir(m_folder); !made) {
        return base::fail(failure("storage_error", made.error(), 6));
    }
    // What a run that was killed has left behind, once its program has ended, too.
    removeFiles([](pid_t owner) { return ::kill(owner, 0) != 0 && errno == ESRCH; });
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::sigprocmask(SIG_BLOCK, &all, &before); // no signal between the fork and the handlers
    const pid_t child = ::fork();
    if (child == 0) {
        ::sigprocmask(SIG_SETMASK, &before, nullptr);
        const auto written = writeFiles(::getpid());
        const client::Error why = written ? become(command, environment()) : written.error();
        ::_exit(report(why, false));
    }
    gChild = child;
    for (const int signal : kPassedOn) {
        std::signal(signal, passOn);
    }
    for (const int signal : kTerminalSignals) {
        std::signal(signal, SIG_IGN);
    }
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    const int status = child < 0 ? 126 << 8 : waitFor(child);
    removeFiles([child](pid_t owner) { return owner == child; });
    return exitCodeOf(status);
}

} // namespace keybearer::cli
