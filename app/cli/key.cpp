#include "app/cli/broker.h"
#include "app/cli/duration.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "ipc/base/private_file.h"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

constexpr const char* kKeyArgument = "KEY";

struct KeyOptions {
    std::string key; ///< a name, or an id
};

struct KeyCreateOptions {
    std::string name;
    std::vector<std::string> scopes;
    std::string expires;
    std::string file;
    bool test = false;
};

struct KeyRotateOptions : KeyOptions {
    std::string overlap;
    std::string file;
};

client::Result<json> secondsOf(const char* option, const std::string& text) {
    const auto duration = parseDuration(text);
    if (!duration) {
        return base::fail(usageError(std::string(option) + " is a time such as 90m, 12h or 30d"));
    }
    return json(duration->count());
}

/// The id of the key that is meant: by its id, or by the name of one that is not revoked.
client::Result<std::string> keyIdOf(const std::string& key) {
    const auto result = askBroker(Start::IfNeeded, "client_key.list");
    if (!result) {
        return base::fail(result.error());
    }
    std::vector<std::string> names;
    for (const json& known : listOf(*result, "client_keys")) {
        if (textOf(known, "client_key_id") == key ||
            (textOf(known, "name") == key && textOf(known, "status") != "revoked")) {
            return textOf(known, "client_key_id");
        }
        names.push_back(textOf(known, "name"));
    }
    const bool isSecret = key.starts_with("kb_");
    return base::fail(usageError(isSecret
                                     ? "name the client key by its name or id, not by the key itself, which "
                                       "every program of this machine could see here"
                                     : "there is no client key \"" + shown(key, 64) + "\"; run: keybearer key list"));
}

/// Prints the key, or writes it to the file; then it is gone from here.
client::Result<void> handOver(json& result, const std::string& file, bool asJson) {
    auto& key = result.at("key").get_ref<std::string&>();
    if (!file.empty()) {
        key.push_back('\n');
        const auto written = base::writePrivateFile(file, key);
        base::wipe(key);
        if (!written) {
            return base::fail(failure("storage_error", written.error(), 6));
        }
        result["key"] = nullptr;
        result["file"] = file;
        return print(asJson ? jsonText(result) : "Wrote the key to " + shown(file) + ".\n");
    }
    std::string text = asJson ? jsonText(result) : key + "\n";
    auto printed = print(text);
    base::wipe(text);
    base::wipe(key);
    return printed;
}

void say(const std::string& sentence, bool asJson) {
    if (!asJson) {
        note(sentence + "\n");
    }
}

Outcome createKey(const KeyCreateOptions& options, bool asJson) {
    json params{{"name", options.name}, {"kind", options.test ? "test" : "live"}, {"scopes", options.scopes}};
    if (!options.expires.empty()) {
        auto seconds = secondsOf("--expires", options.expires);
        if (!seconds) {
            return base::fail(seconds.error());
        }
        params["expires_in"] = std::move(*seconds);
    }
    if (!options.file.empty() && ::access(options.file.c_str(), F_OK) == 0) {
        return base::fail(usageError(shown(options.file) + " is there already; name another file"));
    }
    auto result = askBroker(Start::IfNeeded, "client_key.create", params);
    if (!result) {
        return base::fail(result.error());
    }
    const std::string id = textOf(*result, "client_key_id");
    if (const auto given = handOver(*result, options.file, asJson); !given) {
        // A key that nobody has is not to stay good.
        const auto revoked = askBroker(Start::IfNeeded, "client_key.revoke", {{"client_key_id", id}});
        static_cast<void>(revoked);
        return base::fail(given.error());
    }
    say("This is the only time that the key " + shown(options.name) + " (" + shown(id) + ") can be seen." +
            (options.scopes.empty() ? " It has no --scope, so it is good for nothing." : ""),
        asJson);
    return 0;
}

std::string usedText(const json& key) {
    const auto used = numberOf(key, "last_used_at");
    return used ? relativeTime(*used, currentTime()) + " (" + std::to_string(numberOf(key, "use_count").value_or(0)) +
                      ")"
                : "never";
}

Cell keyStatusOf(const json& key) {
    const std::string status = textOf(key, "status");
    if (status != "live") {
        return {status, Style::Warning};
    }
    const bool overlaps = numberOf(key, "overlap_until").has_value();
    return {overlaps ? "live, rotated" : "live", Style::Good};
}

struct KeyListOptions {};

Outcome listKeys(const KeyListOptions&, bool asJson) {
    const auto result = askBroker(Start::IfNeeded, "client_key.list");
    if (!result) {
        return base::fail(result.error());
    }
    if (asJson) {
        return print(jsonText(*result)).map([] { return 0; });
    }
    Table table({"Name", "Id", "Key", "Status", "Scopes", "Used", "Expires"});
    for (const json& key : listOf(*result, "client_keys")) {
        const auto expires = numberOf(key, "expires_at");
        table.add({{textOf(key, "name")},
                   {textOf(key, "client_key_id")},
                   {textOf(key, "prefix") + "..."},
                   keyStatusOf(key),
                   {joinedOf(key, "scopes", ", ")},
                   {usedText(key)},
                   {expires ? relativeTime(*expires, currentTime()) : "never"}});
    }
    return print(table.empty() ? "There are no client keys. Make one with: keybearer key create NAME --scope openai/*\n"
                               : table.render(colourOnStdout()))
        .map([] { return 0; });
}

Outcome revokeKey(const KeyOptions& options, bool asJson) {
    const auto id = keyIdOf(options.key);
    if (!id) {
        return base::fail(id.error());
    }
    return askBroker(Start::IfNeeded, "client_key.revoke", {{"client_key_id", *id}})
        .and_then([&](const json& result) {
            return print(asJson ? jsonText(result)
                                : "Revoked " + shown(options.key) + ". Nothing that it opened is open any more.\n");
        })
        .map([] { return 0; });
}

Outcome rotateKey(const KeyRotateOptions& options, bool asJson) {
    json params = json::object();
    if (!options.overlap.empty()) {
        auto seconds = secondsOf("--overlap", options.overlap);
        if (!seconds) {
            return base::fail(seconds.error());
        }
        params["overlap"] = std::move(*seconds);
    }
    const auto id = keyIdOf(options.key);
    if (!id) {
        return base::fail(id.error());
    }
    params["client_key_id"] = *id;
    auto result = askBroker(Start::IfNeeded, "client_key.rotate", params);
    if (!result) {
        return base::fail(result.error());
    }
    const auto until = numberOf(*result, "overlap_until");
    return handOver(*result, options.file, asJson).map([&] {
        say(until ? "The key before it is good until " + localTime(*until) + "." : "The key before it has ended.",
            asJson);
        return 0;
    });
}

void addKeyCreate(CLI::App& group, Invocation& invocation) {
    CLI::App* verb = group.add_subcommand("create", "Make a key, and print it once");
    auto options = std::make_shared<KeyCreateOptions>();
    verb->add_option("name", options->name, "A name for it")->type_name("NAME")->required();
    verb->add_flag("--test", options->test, "Good for what was stored with `provider set --test` and for nothing else");
    verb->add_option("--scope", options->scopes,
                     "What it is good for: account:NAME, PROVIDER/NAME, key:TENANT/PROVIDER/NAME, with * for any name; "
                     "\"account:work scope=email\" and \"openai/* field=api_key\" limit it further; repeat it for more "
                     "than one")
        ->type_name("PATTERN")
        ->expected(1)
        ->take_all();
    verb->add_option("--expires", options->expires, "End after this time, such as 12h or 30d")->type_name("TIME");
    verb->add_option("--file", options->file, "Write it there, readable by nobody else, instead of printing it")
        ->type_name(kFileArgument);
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer key create ci --scope openai/default --expires 30d --file ci.key",
                             "keybearer key create tests --test --scope 'anthropic/*'"},
                            {0, 2, 5, 6, 8}));
    onRun(*verb, invocation, options, createKey);
}

void addKeyRotate(CLI::App& group, Invocation& invocation) {
    CLI::App* verb = group.add_subcommand("rotate", "Make another key in its place, and print it once");
    auto options = std::make_shared<KeyRotateOptions>();
    verb->add_option("key", options->key, "Its name or id")->type_name(kKeyArgument)->required();
    verb->add_option("--overlap", options->overlap, "How long the key before stays good; 24h when left out, 0 for not")
        ->type_name("TIME");
    verb->add_option("--file", options->file, "Write it there, in the place of what is there, instead of printing it")
        ->type_name(kFileArgument);
    addJsonFlag(*verb, invocation);
    verb->footer(
        helpFooter({"keybearer key rotate ci --file ci.key", "keybearer key rotate ci --overlap 0"}, {0, 2, 5, 6, 8}));
    onRun(*verb, invocation, options, rotateKey);
}

} // namespace

void addKey(CLI::App& root, Invocation& invocation) {
    CLI::App* group =
        root.add_subcommand("key", "Keys for programs in containers and on CI, which show them to the broker");
    group->require_subcommand(1);
    group->footer(
        helpFooter({"keybearer key create ci --scope openai/default", "keybearer key list"}, {0, 2, 5, 6, 8}));
    addKeyCreate(*group, invocation);

    CLI::App* listVerb = group->add_subcommand("list", "Show the keys, without the keys themselves");
    addJsonFlag(*listVerb, invocation);
    listVerb->footer(helpFooter({"keybearer key list", "keybearer key list --json"}, {0, 5, 8}));
    onRun(*listVerb, invocation, std::make_shared<KeyListOptions>(), listKeys);

    CLI::App* revokeVerb = group->add_subcommand("revoke", "End a key, also where it is in use");
    auto revoked = std::make_shared<KeyOptions>();
    revokeVerb->add_option("key", revoked->key, "Its name or id")->type_name(kKeyArgument)->required();
    addJsonFlag(*revokeVerb, invocation);
    revokeVerb->footer(helpFooter({"keybearer key revoke ci"}, {0, 2, 5, 6, 8}));
    onRun(*revokeVerb, invocation, revoked, revokeKey);
    addKeyRotate(*group, invocation);
}

} // namespace keybearer::cli
