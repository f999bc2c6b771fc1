#include "app/cli/account_folder.h"
#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::cli {
namespace {

using nlohmann::json;

struct TokenOptions {
    std::string account;
    std::optional<int> minValid;
    bool refresh = false;
    std::vector<std::string> scopes;
    std::string resource;
    std::string audience;
    std::vector<std::string> request; ///< method and URL
    std::string nonce;
};

/// For `curl -H @-`.
std::string headersOf(const json& answer, std::string_view token) {
    const std::string proof = textOf(answer, "proof");
    std::string text;
    text.reserve(token.size() + proof.size() + 64); // appending must not leave a shorter copy behind
    text.append("Authorization: DPoP ").append(token).append("\nDPoP: ").append(proof).push_back('\n');
    return text;
}

Outcome token(const TokenOptions& options, bool asJson) {
    json params = json::object();
    if (!options.account.empty()) {
        params["account"] = options.account;
    } else if (auto directory = realDirectory(".")) {
        params["directory"] = std::move(*directory);
    }
    if (options.minValid) {
        params["min_valid"] = *options.minValid;
    }
    if (options.refresh) {
        params["refresh"] = true;
    }
    if (!options.scopes.empty()) {
        params["scopes"] = options.scopes;
    }
    if (!options.resource.empty()) {
        params["resource"] = options.resource;
    }
    if (!options.audience.empty()) {
        params["audience"] = options.audience;
    }
    const bool isForRequest = !options.request.empty();
    if (isForRequest) {
        params["htm"] = options.request.front();
        params["htu"] = options.request.back();
    }
    if (!options.nonce.empty()) {
        params["nonce"] = options.nonce;
    }
    auto result = askBroker(Start::IfNeeded, isForRequest ? "dpop.proof" : "token.get", params);
    if (!result) {
        return base::fail(result.error());
    }
    const auto found = result->find("access_token");
    if (found == result->end() || !found->is_string()) {
        return base::fail(failure("internal", "the broker answered without a token", 1));
    }
    std::string& secret = found->get_ref<std::string&>();
    std::string text;
    if (asJson) {
        text = jsonText(*result);
    } else if (isForRequest) {
        text = headersOf(*result, secret);
    } else {
        text.reserve(secret.size() + 1); // appending must not leave a shorter copy behind
        text.append(secret).push_back('\n');
    }
    const auto printed = print(text);
    base::wipe(secret);
    base::wipe(text);
    return printed.map([] { return 0; });
}

} // namespace

void addToken(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("token", "Print an access token that is good for a while, and nothing else");
    auto options = std::make_shared<TokenOptions>();
    verb->add_option("account", options->account,
                     "Name of the account; when left out, the one that this folder is bound to, or the only one")
        ->type_name(kAccountArgument);
    verb->add_option("--min-valid", options->minValid, "Seconds that the token must live at least (60)")
        ->type_name("SECONDS")
        ->check(CLI::Range(0, 86400).description(""));
    verb->add_flag("--refresh", options->refresh, "Ask the provider for a new token even if the present one is good");
    verb->add_option("--scope", options->scopes,
                     "Ask for this part of the granted scopes only; repeat it for more than one")
        ->type_name("SCOPE")
        ->expected(1)
        ->take_all();
    verb->add_option("--resource", options->resource,
                     "What the token is for: one of the `resources` of the provider's file")
        ->type_name("URI");
    verb->add_option("--audience", options->audience,
                     "Whom the token is for, by token exchange: one of the `audiences` of the provider's file")
        ->type_name("NAME");
    CLI::Option* request =
        verb->add_option(
                "--dpop", options->request,
                "Print the headers Authorization and DPoP for this one request, with a token that is bound to a "
                "key (RFC 9449)")
            ->type_name("METHOD URL")
            ->expected(2);
    verb->add_option("--nonce", options->nonce, "What the server's header DPoP-Nonce said last")
        ->type_name("NONCE")
        ->needs(request);
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter(
        {"keybearer token work",
         "keybearer token work | sed 's/^/Authorization: Bearer /' | curl -H @- https://api.example.com/me",
         "keybearer token work --dpop GET https://api.example.com/me | curl -H @- https://api.example.com/me",
         "keybearer token work --min-valid 600 --json"},
        {0, 2, 4, 5, 6, 7, 8}));
    onRun(*verb, invocation, options, token);
}

} // namespace keybearer::cli
