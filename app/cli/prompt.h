#pragma once
/// \file
/// How a secret gets in: typed at the terminal without echo, or from a file. Never from the command line, where every
/// program of the machine can read it.

#include "ipc/base/secret.h"
#include "ipc/base/unique_fd.h"
#include "ipc/client/client.h"

#include <string>
#include <string_view>

namespace keybearer::cli {

/// The terminal that the person sits at, whatever standard input and output are.
class Terminal {
public:
    /// Fails ("no_terminal") for a program without one: cron, CI, a service.
    [[nodiscard]] static client::Result<Terminal> open(const char* path = "/dev/tty");

    /// Reads one line without echo. Whatever ends the wait, a signal included, the terminal is as it was before.
    [[nodiscard]] client::Result<base::Secret> readSecret(std::string_view prompt);
    /// Reads one line, with echo.
    [[nodiscard]] client::Result<std::string> readLine(std::string_view prompt);
    /// Whether readLine() would not wait.
    [[nodiscard]] bool hasLine() const;
    void say(std::string_view text);

private:
    explicit Terminal(base::UniqueFd fd) : m_fd(std::move(fd)) {}
    client::Result<base::Secret> readUntilNewline(std::string_view prompt, bool echo);

    base::UniqueFd m_fd;
};

/// One line from `path`, or from standard input for "-". The line feed at its end is not part of the secret.
[[nodiscard]] client::Result<base::Secret> readSecretFile(const std::string& path);
/// The same, of several lines: a key in PEM, a service account's JSON.
[[nodiscard]] client::Result<base::Secret> readSecretText(const std::string& path);

} // namespace keybearer::cli
