#include "app/cli/consent.h"

#include "app/cli/output.h"
#include "app/cli/prompt.h"
#include "app/common/package.h"
#include "ipc/base/text.h"

#include <array>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct Choice {
    char key;
    const char* answer;
    const char* text;
    const char* needs; ///< member of the question that must be true; null: always possible
};
constexpr std::array kChoices{
    Choice{'o', "once", "[o]nce", nullptr},
    Choice{'s', "session", "for this [s]ession", "has_session"},
    Choice{'a', "always", "[a]lways", "can_be_kept"},
    Choice{'n', "deny", "[N]o", nullptr},
};

bool isPossible(const Choice& choice, const json& question) {
    return choice.needs == nullptr || question.value(choice.needs, json()) == true;
}

/// Null where the line is none of them. Enter alone is no.
const Choice* choiceOf(const std::string& typed, const json& question) {
    const std::string line = base::asciiLower(typed); // the letter of [N]o is a large one
    for (const Choice& choice : kChoices) {
        if ((line == choice.answer || line == std::string(1, choice.key)) && isPossible(choice, question)) {
            return &choice;
        }
    }
    return line.empty() || line == "no" ? &kChoices.back() : nullptr;
}

std::string choices(const json& question) {
    std::string text;
    for (const Choice& choice : kChoices) {
        if (isPossible(choice, question)) {
            text += (text.empty() ? "Allow it " : ", ") + std::string(choice.text);
        }
    }
    return text + "? ";
}

std::string ancestry(const json& client) {
    std::string text;
    for (const json& ancestor : listOf(client, "ancestors")) {
        text += (text.empty() ? "" : " < ") + shown(textOf(ancestor, "name"));
    }
    return text;
}

} // namespace

std::string questionText(const json& question) {
    const json client = question.value("client", json::object());
    std::string text = shown(textOf(client, "name")) + "  " + shown(textOf(client, "path"), 300) + "\n";
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) {
            text += std::string("  ") + name + std::string(12 - std::string_view(name).size(), ' ') + value + "\n";
        }
    };
    add("wants", shown(textOf(question, "wants"), 300));
    add("asked", shown(textOf(question, "reason")));
    add("it says", shown(textOf(question, "purpose")));
    add("kind", shown(textOf(client, "kind")) +
                    (client.value("root_owned", json()) == true ? ", installed by root" : "") +
                    (client.value("weak", json()) == true ? ", identified by its number only" : ""));
    // Who made a file of root's is known; any other could lie beside a package's.
    add("package",
        client.value("root_owned", json()) == true ? common::packageOf(textOf(client, "path")) : std::string());
    add("started by", ancestry(client));
    return text;
}

client::Result<bool> answerAtTerminal(client::Client& broker, const json& question) {
    auto terminal = Terminal::open();
    if (!terminal) {
        return false;
    }
    terminal->say(questionText(question));
    const Choice* choice = nullptr;
    while (choice == nullptr) {
        const auto line = terminal->readLine(choices(question));
        if (!line) {
            return false;
        }
        choice = choiceOf(*line, question);
        if (choice == nullptr) {
            terminal->say("Please type one of the letters in brackets.\n");
        }
    }
    const auto decided =
        broker.call("approval.decide", {{"question_id", textOf(question, "question_id")}, {"answer", choice->answer}});
    if (!decided) {
        return base::fail(decided.error());
    }
    return true;
}

bool consentAtTerminal(client::Client& broker, const client::Error& error) {
    const std::string id = textOf(error.data, "question_id");
    if (id.empty()) {
        return false;
    }
    const auto open = broker.call("approval.list", json::object()); // refused where no person is at this terminal
    if (!open) {
        return false;
    }
    for (const json& question : listOf(*open, "questions")) {
        if (textOf(question, "question_id") == id) {
            return answerAtTerminal(broker, question).value_or(false);
        }
    }
    return false;
}

} // namespace keybearer::cli
