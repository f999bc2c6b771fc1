#include "app/common/package.h"

#include "ipc/base/ascii.h"
#include "ipc/base/unique_fd.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <vector>

namespace keybearer::common {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxAnswer = 4096;

/// What a child writes to its standard output; empty unless it ends well and in time.
std::string outputOf(std::vector<std::string> words, std::chrono::milliseconds patience) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return {};
    }
    const base::UniqueFd readEnd(ends[0]);
    base::UniqueFd writeEnd(ends[1]);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, writeEnd.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    std::vector<char*> arguments;
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    std::string locale = "LC_ALL=C"; // answers in English
    std::array<char*, 2> environment{locale.data(), nullptr};
    pid_t pid = 0;
    const bool isRunning =
        ::posix_spawn(&pid, words.front().c_str(), &actions, nullptr, arguments.data(), environment.data()) == 0;
    ::posix_spawn_file_actions_destroy(&actions);
    writeEnd.reset();
    if (!isRunning) {
        return {};
    }
    std::string out;
    const auto end = Clock::now() + patience;
    for (bool goesOn = true; goesOn;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
        pollfd entry{readEnd.get(), POLLIN, 0};
        std::array<char, 512> block{};
        const bool isReady = left > 0 && ::poll(&entry, 1, static_cast<int>(left)) > 0;
        const ssize_t got = isReady ? ::read(readEnd.get(), block.data(), block.size()) : 0;
        goesOn = got > 0 && out.size() < kMaxAnswer;
        out.append(block.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    }
    ::kill(pid, SIGKILL); // nothing, when it has ended; waitpid() has not been called, so the number is still its own
    int status = 0;
    ::waitpid(pid, &status, 0);
    return out;
}

bool isPackageName(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return base::isAlnum(c) || c == '+' || c == '-' || c == '.' || c == '_';
    });
}

std::string askDpkg(const std::string& path, std::chrono::milliseconds patience) {
    return packageInAnswer(outputOf({"/usr/bin/dpkg-query", "--search", "--", path}, patience));
}

} // namespace

std::string packageInAnswer(std::string_view answer) {
    const std::string_view line = answer.substr(0, answer.find('\n'));
    const std::string_view name = line.substr(0, line.find_first_of(":,"));
    return line.find(": /") != std::string_view::npos && isPackageName(name) ? std::string(name) : std::string();
}

std::string packageOf(const std::string& path, std::chrono::milliseconds patience) {
    // dpkg-query takes a pattern.
    if (!path.starts_with('/') || path.find_first_of("*?[\\") != std::string::npos) {
        return {};
    }
    std::string package = askDpkg(path, patience);
    constexpr std::string_view kMerged = "/usr"; // Debian has files of a merged /usr under their old names, too
    if (package.empty() && path.starts_with("/usr/") && ::access("/usr/bin/dpkg-query", X_OK) == 0) {
        package = askDpkg(path.substr(kMerged.size()), patience);
    }
    if (package.empty()) {
        const std::string name =
            outputOf({"/usr/bin/rpm", "--query", "--queryformat", "%{NAME}", "--file", path}, patience);
        package = isPackageName(name) ? name : std::string();
    }
    return package;
}

} // namespace keybearer::common
