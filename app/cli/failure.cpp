#include "app/cli/failure.h"

#include "app/cli/output.h"

namespace keybearer::cli {
namespace {

using nlohmann::json;

/// What only the command line knows: the commands that mend it.
std::string advice(const client::Error& error) {
    if (error.kind == "client_id_required") {
        const std::string where = textOf(error.data, "register_url");
        const std::string redirect = textOf(error.data, "redirect_uri");
        std::string out;
        if (!where.empty()) {
            out += "  Register a client at:    " + shown(where) + "\n";
        }
        if (!redirect.empty()) {
            out += "  Redirect URI to enter:   " + shown(redirect) + "\n";
        }
        return out + "  Then sign in with:       keybearer login PROVIDER --client-id ID\n";
    }
    if (error.kind == "client_secret_required") {
        return "  Give it with --client-secret-file FILE (\"-\" reads standard input), or run this at a terminal.\n";
    }
    if (error.kind == "keychain_unset") {
        return "  Choose where tokens are kept, then run this again:\n"
               "    keybearer keychain migrate --to file --passphrase-file FILE   (encrypted with a passphrase)\n"
               "    keybearer keychain migrate --to file --no-passphrase          (not encrypted)\n";
    }
    if (error.kind == "no_broker" || error.kind == "unsafe") {
        return "  \"keybearer doctor\" says more.\n";
    }
    return {};
}

} // namespace

client::Error failure(const char* kind, std::string message, int exitCode) {
    return client::Error{kind, std::move(message), json::object(), exitCode};
}

client::Error usageError(std::string message) {
    return failure("usage", std::move(message), 2);
}

std::string failureText(const client::Error& error) {
    return "keybearer: " + shown(error.message) + "\n" + advice(error);
}

json failureJson(const client::Error& error) {
    return json{{"error", {{"kind", error.kind}, {"message", error.message}, {"data", error.data}}}};
}

int report(const client::Error& error, bool asJson) {
    if (!asJson || !print(jsonText(failureJson(error)))) {
        note(failureText(error));
    }
    return error.exitCode;
}

} // namespace keybearer::cli
