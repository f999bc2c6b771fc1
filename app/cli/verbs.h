#pragma once
/// \file
/// The verbs. Each add function declares one verb with its options on the command-line tree; parsing then sets the
/// invocation's `run`.

#include "ipc/client/client.h"

#include <CLI/App.hpp>

#include <array>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::cli {

/// The exit code, or the error to report.
using Outcome = client::Result<int>;

/// What the command line asked for.
struct Invocation {
    bool json = false;                ///< --json was given to the verb
    std::vector<std::string> command; ///< what stands behind "--"
    std::function<Outcome()> run;
};

void addLogin(CLI::App& root, Invocation& invocation);
void addLogout(CLI::App& root, Invocation& invocation);
void addToken(CLI::App& root, Invocation& invocation);
void addStatus(CLI::App& root, Invocation& invocation);
void addAccount(CLI::App& root, Invocation& invocation);
void addProvider(CLI::App& root, Invocation& invocation);
/// The verbs of the group `provider` that are about stored keys.
void addProviderKeys(CLI::App& group, Invocation& invocation);
void addTenant(CLI::App& root, Invocation& invocation);
void addVault(CLI::App& root, Invocation& invocation);
void addResolve(CLI::App& root, Invocation& invocation);
void addExplain(CLI::App& root, Invocation& invocation);
void addGrant(CLI::App& root, Invocation& invocation);
void addApprove(CLI::App& root, Invocation& invocation);
void addPolicy(CLI::App& root, Invocation& invocation);
void addSettings(CLI::App& root, Invocation& invocation);
void addLease(CLI::App& root, Invocation& invocation);
void addRun(CLI::App& root, Invocation& invocation);
void addMcp(CLI::App& root, Invocation& invocation);
void addForward(CLI::App& root, Invocation& invocation);
void addKey(CLI::App& root, Invocation& invocation);
void addKeychain(CLI::App& root, Invocation& invocation);
void addLock(CLI::App& root, Invocation& invocation);
void addUnlock(CLI::App& root, Invocation& invocation);
void addDaemon(CLI::App& root, Invocation& invocation);
void addAudit(CLI::App& root, Invocation& invocation);
void addDoctor(CLI::App& root, Invocation& invocation);
void addCompletion(CLI::App& root, Invocation& invocation);
void addVersion(CLI::App& root, Invocation& invocation);

struct Verb {
    std::string_view name;
    void (*add)(CLI::App& root, Invocation& invocation);
};

/// In the order in which help shows them.
inline constexpr std::array kVerbs{
    Verb{"login", addLogin},     Verb{"logout", addLogout},         Verb{"token", addToken},
    Verb{"status", addStatus},   Verb{"account", addAccount},       Verb{"provider", addProvider},
    Verb{"resolve", addResolve}, Verb{"explain", addExplain},       Verb{"run", addRun},
    Verb{"mcp", addMcp},         Verb{"forward", addForward},       Verb{"grant", addGrant},
    Verb{"approve", addApprove}, Verb{"policy", addPolicy},         Verb{"settings", addSettings},
    Verb{"lease", addLease},     Verb{"tenant", addTenant},         Verb{"vault", addVault},
    Verb{"key", addKey},         Verb{"keychain", addKeychain},     Verb{"lock", addLock},
    Verb{"unlock", addUnlock},   Verb{"audit", addAudit},           Verb{"daemon", addDaemon},
    Verb{"doctor", addDoctor},   Verb{"completion", addCompletion}, Verb{"version", addVersion},
};

/// Placeholders of arguments. The completion scripts read them off the tree.
inline constexpr const char* kAccountArgument = "ACCOUNT";
inline constexpr const char* kProviderArgument = "PROVIDER";
inline constexpr const char* kFileArgument = "FILE";

/// The end of a verb's help: what to type, and what the exit codes of this verb mean.
[[nodiscard]] std::string helpFooter(std::initializer_list<std::string_view> examples,
                                     std::initializer_list<int> exitCodes);
/// Declares --json.
void addJsonFlag(CLI::App& verb, Invocation& invocation);
/// Makes `verb` run `action` with its options.
template<class Options, class Action>
void onRun(CLI::App& verb, Invocation& invocation, std::shared_ptr<Options> options, Action action) {
    verb.callback([&invocation, options, action] {
        invocation.run = [&invocation, options, action] { return action(*options, invocation.json); };
    });
}

} // namespace keybearer::cli
