#include "app/cli/account_folder.h"
#include "app/cli/broker.h"
#include "app/cli/credential_options.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace keybearer::cli {
namespace {

using nlohmann::json;

std::string placeOf(const json& place) {
    const std::string from = textOf(place, "from");
    return textOf(place, "source") + (from.empty() ? "" : " (" + from + ")");
}

/// The chain as a person reads it: what is taken, from where, and what that hides or passes over.
std::string drawn(const json& result) {
    const bool colour = colourOnStdout();
    std::string text = styled(shown(textOf(result, "provider")), Style::Bold, colour) +
                       "  looked at: " + shown(joinedOf(result, "looked_at", " > ")) + "\n";
    for (const json& field : listOf(result, "fields")) {
        const std::string fingerprint = textOf(field, "fingerprint");
        text += "  " + shown(textOf(field, "field")) + "  <- " + styled(shown(placeOf(field)), Style::Good, colour) +
                (fingerprint.empty() ? "" : "  [" + shown(fingerprint) + "]") +
                (field.value("test", json()) == true ? "  (for test)" : "") + "\n";
        for (const json& hidden : listOf(result, "shadowed")) {
            if (textOf(hidden, "field") == textOf(field, "field")) {
                text += "      hides " + shown(placeOf(hidden)) + "\n";
            }
        }
    }
    for (const json& place : listOf(result, "ignored")) {
        const bool isIncomplete = textOf(place, "why") == "incomplete";
        text += "  " + shown(textOf(place, "field")) + "  x  " + shown(placeOf(place)) +
                (isIncomplete ? ": a part of a credential only, and another place has a whole one\n"
                              : ": the secrets come from another place\n");
    }
    for (const json& warning : listOf(result, "warnings")) {
        text += styled("Warning", Style::Warning, colour) + "  " +
                shown(warning.is_string() ? warning.get_ref<const std::string&>() : std::string()) + "\n";
    }
    if (result.value("complete", json()) != true) {
        text += styled("Not complete", Style::Bad, colour) + ": store a key with keybearer provider set " +
                shown(textOf(result, "provider")) + "\n";
    }
    return text;
}

/// The accounts that are signed in to the provider, or the one of this name, and which of them this folder chooses.
client::Result<json> accountsOf(client::Client& broker, const std::string& wanted, const std::string& id) {
    const auto listed = broker.call("account.list", json::object());
    if (!listed) {
        return base::fail(listed.error());
    }
    json params = json::object();
    if (auto directory = realDirectory(".")) {
        params["directory"] = std::move(*directory);
    }
    const auto chosen = broker.call("account.which", params);
    json out = json::array();
    for (const json& account : listOf(*listed, "accounts")) {
        const std::string name = textOf(account, "account");
        const std::string provider = textOf(account, "provider");
        if (name != wanted && provider != wanted && (id.empty() || provider != id)) {
            continue;
        }
        const bool isChosen = chosen && textOf(*chosen, "account") == name;
        out.push_back({{"account", name},
                       {"chosen", isChosen},
                       {"why", isChosen ? json(textOf(*chosen, "why")) : json()},
                       {"bound_by", isChosen ? chosen->value("bound_by", json()) : json()}});
    }
    return out;
}

std::string drawnAccounts(const json& result) {
    std::string text;
    for (const json& account : listOf(result, "accounts")) {
        const std::string boundBy = textOf(account, "bound_by");
        text += "  account " + shown(textOf(account, "account"));
        if (account.value("chosen", json()) == true) {
            text += boundBy.empty() ? "  <- there is no other account" : "  <- " + shown(boundBy) + " is bound to it";
        }
        text += "\n";
    }
    return text;
}

client::Result<json> explained(client::Client& broker, const ResolveOptions& options) {
    auto result =
        client::resolveParams(broker, requestOf(options), base::processEnvironment()).and_then([&](const json& params) {
            return broker.call("credential.explain", params);
        });
    // Who signs in there needs no keys; an account's own name will do as well.
    if (!result && result.error().kind != "unknown_provider" && result.error().kind != "unsupported") {
        return result;
    }
    auto accounts = accountsOf(broker, options.provider, result ? textOf(*result, "provider") : std::string());
    if (!accounts) {
        return base::fail(accounts.error());
    }
    if (!result && accounts->empty()) {
        return result;
    }
    json out = result ? std::move(*result) : json{{"provider", nullptr}};
    out["accounts"] = std::move(*accounts);
    return out;
}

Outcome explain(const ResolveOptions& options, bool asJson) {
    return withBroker(Start::IfNeeded, [&](client::Client& broker) { return explained(broker, options); })
        .and_then([&](const json& result) {
            if (asJson) {
                return print(jsonText(result));
            }
            return print((textOf(result, "provider").empty() ? std::string() : drawn(result)) + drawnAccounts(result));
        })
        .map([] { return 0; });
}

} // namespace

void addExplain(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand(
        "explain", "Show where a provider's key comes from, what that hides, and which account a folder means");
    auto options = std::make_shared<ResolveOptions>();
    addResolveOptions(*verb, *options);
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer explain openai", "keybearer explain openai --only environment"}, {0, 2, 6, 8}));
    onRun(*verb, invocation, options, explain);
}

} // namespace keybearer::cli
