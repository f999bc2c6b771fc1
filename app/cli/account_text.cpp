#include "app/cli/account_text.h"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace keybearer::cli {
namespace {

bool isPlainWord(const std::string& word) {
    return !word.empty() && word.front() != '-' && std::ranges::all_of(word, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("._@:/+-").find(c) != std::string_view::npos;
    });
}

} // namespace

std::string providerOf(const nlohmann::json& account) {
    if (std::string resource = textOf(account, "resource"); !resource.empty()) {
        return resource; // it says more than who gives its tokens
    }
    const std::string provider = textOf(account, "provider");
    return provider.empty() ? textOf(account, "issuer") : provider;
}

Cell accountStatus(const nlohmann::json& account) {
    const std::string status = textOf(account, "status");
    const std::string reason = textOf(account, "reason");
    const std::string text = reason.empty() ? status : status + " (" + reason + ")";
    return {text, status == "signed_in" ? Style::Good : Style::Warning};
}

Cell expiryOf(const nlohmann::json& account, std::int64_t now) {
    const auto at = numberOf(account, "expires_at");
    return {at ? relativeTime(*at, now) : ""};
}

Cell signInEndOf(const nlohmann::json& account, std::int64_t now) {
    const bool endsWithToken = account.value("renewable", nlohmann::json()) == false;
    const auto at = numberOf(account, endsWithToken ? "expires_at" : "refresh_expires_at");
    return {at ? relativeTime(*at, now) : ""};
}

std::string nameLines(const nlohmann::json& objects, const char* key) {
    std::string out;
    for (const nlohmann::json& object : objects) {
        if (const std::string name = textOf(object, key); isPlainWord(name)) {
            out += name + "\n";
        }
    }
    return out;
}

void addNamesFlag(CLI::App& verb, bool& names) {
    verb.add_flag("--names", names, "Only the names, one on each line; starts no broker");
}

} // namespace keybearer::cli
