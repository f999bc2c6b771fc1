#include "app/cli/app.h"
#include "app/cli/completion_script.h"
#include "app/cli/output.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace keybearer::cli {
namespace {

struct CompletionOptions {
    std::string shell;
};

Outcome completion(const CompletionOptions& options, bool) {
    Invocation unused;
    const auto tree = buildTree(unused, nullptr);
    const Shell shell = options.shell == "bash" ? Shell::Bash : options.shell == "zsh" ? Shell::Zsh : Shell::Fish;
    return print(completionScript(*tree, shell)).map([] { return 0; });
}

} // namespace

void addCompletion(CLI::App& root, Invocation& invocation) {
    CLI::App* verb =
        root.add_subcommand("completion", "Print the script that teaches your shell to complete these verbs");
    auto options = std::make_shared<CompletionOptions>();
    verb->add_option("shell", options->shell, "Your shell")
        ->type_name("bash|zsh|fish")
        ->check([](const std::string& value) {
            return value == "bash" || value == "zsh" || value == "fish" ? std::string() : "must be bash, zsh or fish";
        })
        ->required();
    verb->footer(helpFooter({"eval \"$(keybearer completion bash)\"          (in ~/.bashrc)",
                             "keybearer completion zsh > ~/.zfunc/_keybearer",
                             "keybearer completion fish > ~/.config/fish/completions/keybearer.fish"},
                            {0, 2}));
    onRun(*verb, invocation, options, completion);
}

} // namespace keybearer::cli
