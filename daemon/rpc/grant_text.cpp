#include "daemon/rpc/grant_text.h"

#include "daemon/rpc/or_null.h"
#include "ipc/base/ascii.h"
#include "ipc/base/text.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using access::Client;
using access::ClientKind;
using access::Grant;
using access::Wanted;
using nlohmann::json;

constexpr std::size_t kMaxShownPath = 300;

std::string shownPath(const std::string& path) {
    return base::printable(path, kMaxShownPath);
}

std::string listed(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        out += out.empty() ? "" : ", ";
        out += base::printable(word);
    }
    return out;
}

/// As one word of a shell.
std::string quoted(const std::string& text) {
    const auto isPlain = [](char c) {
        return base::isAlnum(c) || std::string_view("/._-+:@%,=").find(c) != std::string_view::npos;
    };
    if (!text.empty() && std::ranges::all_of(text, isPlain)) {
        return text;
    }
    std::string out = "'";
    for (const char c : text) {
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return out + "'";
}

/// As a basic string of TOML; JSON's escapes are a part of its own.
std::string tomlText(const std::string& text) {
    std::string out;
    base::appendJsonString(out, text);
    return out;
}

std::string tomlList(const std::vector<std::string>& words) {
    std::string out;
    for (const std::string& word : words) {
        out += out.empty() ? "" : ", ";
        out += tomlText(word);
    }
    return "[" + out + "]";
}

} // namespace

std::string clientText(const Client& client) {
    if (client.kind == ClientKind::Unknown) {
        return "a program that could not be identified";
    }
    const std::string name = base::printable(client.name);
    const std::string path = shownPath(client.path);
    if (client.kind == ClientKind::Terminal) {
        return "your terminal (" + name + ")";
    }
    return name == path || name.empty() ? path : name + " (" + path + ")";
}

std::string wantedText(const Wanted& wanted) {
    const std::string credential = base::printable(wanted.credential);
    if (credential.empty()) {
        return "that";
    }
    if (credential.starts_with("account:")) {
        return (credential.size() == 8 ? "a token of no named account" : "a token of account " + credential.substr(8)) +
               (wanted.scopes.empty() ? std::string() : " for " + listed(wanted.scopes)) +
               (wanted.audience.empty() ? std::string() : " at " + base::printable(wanted.audience));
    }
    return "the key " + credential.substr(4);
}

std::string grantCommand(const Client& client, const Wanted& wanted) {
    std::string command = "keybearer grant allow " + quoted(wanted.credential) + " --" +
                          std::string(access::toString(client.kind)) + " " + quoted(client.path);
    for (const std::string& scope : wanted.scopes) {
        command += " --scope " + quoted(scope);
    }
    if (!wanted.audience.empty()) {
        command += " --audience " + quoted(wanted.audience);
    }
    return command;
}

std::string scopeMend(const Wanted& wanted) {
    access::KeyScope scope{wanted.credential, wanted.scopes, wanted.audience, {}};
    if (!access::isCredentialPattern(scope.credential)) { // no account was named, or one by an address
        scope.credential = "account:ACCOUNT";
    }
    return "make one that may with: keybearer key create NAME --scope " + quoted(access::formatScope(scope));
}

std::string testMend(const Wanted& wanted) {
    constexpr std::string_view kKeyHead = "key:";
    if (!wanted.credential.starts_with(kKeyHead)) {
        return "tokens of accounts are for live keys";
    }
    const std::string_view place = std::string_view(wanted.credential).substr(kKeyHead.size());
    const std::size_t provider = std::min(place.find('/'), place.size() - 1) + 1;
    const std::size_t name = std::min(place.find('/', provider), place.size());
    return "store a value for test with: keybearer provider set " +
           quoted(std::string(place.substr(provider, name - provider))) + " --test";
}

std::string grantToml(const Client& client, const Wanted& wanted) {
    std::string text =
        "[[grant]]\n" + std::string(access::toString(client.kind)) + " = " + tomlText(client.path) + "\n";
    if (!client.isRootOwned && !client.digest.empty()) {
        text += "sha256 = " + tomlText(client.digest) + "\n";
    }
    text += "credential = " + tomlText(wanted.credential) + "\n";
    if (!wanted.scopes.empty()) {
        text += "scopes = " + tomlList(wanted.scopes) + "\n";
    }
    if (!wanted.audience.empty()) {
        text += "audience = " + tomlText(wanted.audience) + "\n";
    }
    return text;
}

json clientJson(const Client& client) {
    json ancestors = json::array();
    for (const access::Ancestor& ancestor : client.ancestors) {
        ancestors.push_back({{"pid", ancestor.pid}, {"name", base::printable(ancestor.name)}});
    }
    return json{{"kind", access::toString(client.kind)},
                {"name", base::printable(client.name)},
                {"path", shownPath(client.path)},
                {"pid", client.pid},
                {"sha256", orNull(client.digest)},
                {"root_owned", client.isRootOwned},
                {"weak", client.isWeak},
                {"ancestors", std::move(ancestors)},
                {"problem", orNull(client.problem)}};
}

json grantJson(const Grant& grant) {
    return json{{"grant_id", grant.id},
                {"kind", access::toString(grant.kind)},
                {"path", shownPath(grant.path)},
                {"sha256", orNull(grant.digest)},
                {"credential", base::printable(grant.credential)},
                {"scopes", grant.scopes},
                {"audience", orNull(grant.audience)},
                {"fields", grant.fields},
                {"span", access::toString(grant.span)},
                {"until", grant.until == 0 ? json() : json(grant.until)},
                {"per_minute", grant.perMinute == 0 ? json() : json(grant.perMinute)},
                {"reason", orNull(base::printable(grant.reason))},
                {"created_by", grant.createdBy},
                {"created_at", grant.createdAt == 0 ? json() : json(grant.createdAt)},
                {"last_used_at", grant.lastUsedAt == 0 ? json() : json(grant.lastUsedAt)},
                {"uses", grant.uses}};
}

json questionJson(const Question& question) {
    return json{
        {"question_id", question.id},
        {"client", clientJson(question.client)},
        {"method", question.method},
        {"wants", question.wanted.credential.empty() ? "to call " + question.method : wantedText(question.wanted)},
        {"credential", orNull(base::printable(question.wanted.credential))},
        {"scopes", question.wanted.scopes},
        {"audience", orNull(question.wanted.audience)},
        {"fields", question.wanted.fields},
        {"purpose", orNull(question.purpose)},
        {"reason", question.reason},
        {"can_be_kept", question.canBeKept && question.client.isRecognizable()},
        {"has_session", question.canBeKept},
        {"waiting", question.waiting},
        {"asked_at", question.askedAt},
        {"expires_at", question.expiresAt}};
}

} // namespace keybearer::rpc
