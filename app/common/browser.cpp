#include "app/common/browser.h"

#include "ipc/base/text.h"
#include "ipc/base/unique_fd.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace keybearer::common {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        if (end > 0) {
            out.emplace_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

/// True when `word` held "%s".
bool substitute(std::string& word, const std::string& url) {
    std::string out;
    bool used = false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const char next = word[i] == '%' && i + 1 < word.size() ? word[i + 1] : '\0';
        if (next == 's') {
            out += url;
            used = true;
            ++i;
        } else {
            out.push_back(word[i]);
            i += next == '%' ? 1U : 0U;
        }
    }
    word = std::move(out);
    return used;
}

Command commandFrom(const std::string& entry, const std::string& url) {
    Command command = split(entry, ' ');
    bool used = false;
    for (std::string& word : command) {
        used = substitute(word, url) || used;
    }
    if (!used && !command.empty()) {
        command.push_back(url);
    }
    return command;
}

void closeFrom(unsigned first, int keep) {
    const auto kept = static_cast<unsigned>(keep);
#ifdef SYS_close_range
    if (::syscall(SYS_close_range, kept + 1, ~0U, 0U) == 0) {
        if (kept > first) {
            ::syscall(SYS_close_range, first, kept - 1, 0U);
        }
        return;
    }
#endif
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const auto last = static_cast<unsigned>(std::min<rlim_t>(limit.rlim_cur, 65536));
    for (unsigned fd = first; fd < last; ++fd) {
        if (fd != kept) {
            ::close(static_cast<int>(fd));
        }
    }
}

/// What a word of a variable's name says about its value.
constexpr std::array<std::string_view, 15> kSecretWords{"KEY",        "KEYS",       "APIKEY",      "TOKEN",  "TOKENS",
                                                        "SECRET",     "SECRETS",    "PASSWORD",    "PASSWD", "PASS",
                                                        "PASSPHRASE", "CREDENTIAL", "CREDENTIALS", "PAT",    "AUTH"};

std::vector<char*> environmentOfBrowser() {
    std::vector<char*> variables;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view variable = *entry;
        if (goesToBrowser(variable.substr(0, variable.find('=')))) {
            variables.push_back(*entry);
        }
    }
    variables.push_back(nullptr);
    return variables;
}

/// Runs between fork and exec: async-signal-safe calls only. `failed` closes itself when the exec succeeds.
[[noreturn]] void becomeBrowser(char* const* arguments, char* const* environment, int failed) {
    ::setsid(); // Ctrl-C at our terminal is not meant for the browser
    const int null = ::open("/dev/null", O_RDWR);
    for (const int standard : {0, 1, 2}) {
        ::dup2(null, standard);
    }
    closeFrom(3, failed);
    ::execvpe(arguments[0], arguments, environment);
    [[maybe_unused]] const ssize_t told = ::write(failed, "x", 1);
    ::_exit(127);
}

/// The child's pid; -1 when the program could not be executed.
pid_t spawn(const Command& command) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
        return -1;
    }
    const base::UniqueFd readEnd(ends[0]);
    base::UniqueFd writeEnd(ends[1]);
    // The pipe must not sit where the child's standard descriptors go.
    if (writeEnd.get() < 3) {
        writeEnd.reset(::fcntl(writeEnd.get(), F_DUPFD_CLOEXEC, 3));
    }
    std::vector<char*> arguments;
    for (const std::string& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    const std::vector<char*> environment = environmentOfBrowser();
    const pid_t child = ::fork();
    if (child == 0) {
        becomeBrowser(arguments.data(), environment.data(), writeEnd.get());
    }
    writeEnd.reset();
    char told = 0;
    ssize_t got = 0;
    while (child > 0 && (got = ::read(readEnd.get(), &told, 1)) < 0 && errno == EINTR) {
    }
    if (child > 0 && got == 1) {
        ::waitpid(child, nullptr, 0);
        return -1;
    }
    return child;
}

} // namespace

bool goesToBrowser(std::string_view name) {
    if (name == "XDG_ACTIVATION_TOKEN") { // lets the window come to the front
        return true;
    }
    bool isKept = !name.starts_with("KEYBEARER_");
    while (isKept && !name.empty()) {
        const std::size_t end = std::min(name.find('_'), name.size());
        isKept = std::ranges::find(kSecretWords, name.substr(0, end)) == kSecretWords.end();
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return isKept;
}

bool isWebUrl(std::string_view url) {
    const std::string start = base::asciiLower(url.substr(0, 8));
    const std::size_t scheme = start == "https://" ? 8 : start.starts_with("http://") ? 7 : 0;
    return scheme != 0 && url.size() > scheme && url[scheme] != '/' &&
           std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7F; });
}

std::vector<Command> browserCommands(const base::Environment& environment, const std::string& url) {
    std::vector<Command> commands;
    if (!isWebUrl(url)) {
        return commands;
    }
    if (const auto browser = environment("BROWSER")) {
        for (const std::string& entry : split(*browser, ':')) {
            if (Command command = commandFrom(entry, url); !command.empty()) {
                commands.push_back(std::move(command));
            }
        }
    } else if (environment("DISPLAY") || environment("WAYLAND_DISPLAY")) {
        commands.push_back({"xdg-open", url});
    }
    return commands;
}

bool Browser::start() {
    m_child = -1;
    while (m_child < 0 && m_next < m_commands.size()) {
        m_child = spawn(m_commands[m_next++]);
    }
    return m_child > 0;
}

bool Browser::stillHopeful() {
    int status = 0;
    if (m_child > 0 && ::waitpid(m_child, &status, WNOHANG) == m_child) {
        m_child = -1;
        m_failed = !(WIFEXITED(status) && WEXITSTATUS(status) == 0) && !start();
    }
    return !m_failed;
}

} // namespace keybearer::common
