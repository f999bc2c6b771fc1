#pragma once
/// \file
/// Opens the person's own browser, without a shell and without leaking anything into it.

#include "ipc/base/paths.h"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace keybearer::common {

using Command = std::vector<std::string>;

/// True for an absolute http or https URL of visible ASCII characters: nothing that a program could take for an option,
/// a file or another scheme.
[[nodiscard]] bool isWebUrl(std::string_view url);

/// What to try, in order: each entry of $BROWSER (separated by colons, split at spaces, "%s" stands for the URL, "%%"
/// for a percent sign; the URL goes last where there is no "%s"), else xdg-open where there is a display. Empty when
/// there is no way to open a browser here, or when `url` is not a web URL.
[[nodiscard]] std::vector<Command> browserCommands(const base::Environment& environment, const std::string& url);

/// Whether a browser is given the variable of this name: not Keybearer's own, and none whose name says that its value
/// is a secret ("OPENAI_API_KEY", "GITHUB_TOKEN"), which every page's helper process could read. Pure.
[[nodiscard]] bool goesToBrowser(std::string_view name);

/// Runs the commands one after the other until one is found and does not fail.
class Browser {
public:
    explicit Browser(std::vector<Command> commands) : m_commands(std::move(commands)) {}

    /// Starts the next command that can be executed. False when none is left.
    [[nodiscard]] bool start();
    /// False once the running command has failed and no other could be started. Returns at once.
    [[nodiscard]] bool stillHopeful();

private:
    std::vector<Command> m_commands;
    std::size_t m_next = 0;
    pid_t m_child = -1;
    bool m_failed = false;
};

} // namespace keybearer::common
