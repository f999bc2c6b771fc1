#include "app/cli/broker.h"
#include "app/cli/consent.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

constexpr int kApprovalWait = 60; // seconds; the broker says earlier when there is something

struct ApproveOptions {
    std::string question;
    std::string answer;
    bool list = false;
};

client::Result<json> openQuestions(client::Client& broker, std::int64_t version, int wait) {
    return broker.call("approval.list", {{"known_version", version}, {"wait", wait}});
}

void showNewGrants(const json& attached) {
    for (const json& grant : listOf(attached, "new_grants")) {
        note("Allowed while nobody was here: " + shown(textOf(grant, "path"), 300) + " may have " +
             shown(textOf(grant, "credential")) + "; take it back with: keybearer grant revoke " +
             shown(textOf(grant, "grant_id")) + "\n");
    }
}

/// Answers what is asked until the person ends it.
Outcome stand(client::Client& broker) {
    const auto attached = broker.call("approval.attach", json::object());
    if (!attached) {
        return base::fail(attached.error());
    }
    showNewGrants(*attached);
    note("Waiting for programs that ask. Ctrl-C ends it.\n");
    std::int64_t version = 0;
    for (;;) {
        const auto open = openQuestions(broker, version, kApprovalWait);
        if (!open) {
            return base::fail(open.error());
        }
        version = numberOf(*open, "version").value_or(0);
        const json& questions = listOf(*open, "questions");
        if (questions.empty()) {
            continue;
        }
        const auto answered = answerAtTerminal(broker, questions.front());
        if (!answered && answered.error().kind != "invalid_value") { // somebody else was quicker, or it has ended
            return base::fail(answered.error());
        }
        version = 0; // there may be more than the first
    }
}

Outcome listQuestions(client::Client& broker, bool asJson) {
    const auto open = openQuestions(broker, 0, 0);
    if (!open) {
        return base::fail(open.error());
    }
    if (asJson) {
        return print(jsonText(*open)).map([] { return 0; });
    }
    std::string text;
    for (const json& question : listOf(*open, "questions")) {
        text += shown(textOf(question, "question_id")) + "  " + questionText(question);
    }
    return print(text.empty() ? "Nothing is asked.\n" : text).map([] { return 0; });
}

Outcome approve(const ApproveOptions& options, bool asJson) {
    auto broker = connectToStay();
    if (!broker) {
        return base::fail(broker.error());
    }
    if (!options.question.empty()) {
        const auto decided =
            broker->call("approval.decide", {{"question_id", options.question},
                                             {"answer", options.answer.empty() ? "once" : options.answer}});
        return decided ? Outcome(0) : Outcome(base::fail(decided.error()));
    }
    return options.list || asJson ? listQuestions(*broker, asJson) : stand(*broker);
}

} // namespace

void addApprove(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("approve", "Answer for programs that ask for a credential, at this terminal");
    auto options = std::make_shared<ApproveOptions>();
    verb->add_option("question", options->question, "Answer this question and no other")->type_name("QUESTION");
    verb->add_option("answer", options->answer, "once, session, always or deny; once when left out")
        ->type_name("ANSWER");
    verb->add_flag("--list", options->list, "Show what is asked, and end");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer approve", "keybearer approve --list", "keybearer approve q_1a2b3c session"},
                            {0, 2, 5, 8}));
    onRun(*verb, invocation, options, approve);
}

} // namespace keybearer::cli
