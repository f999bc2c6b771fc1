/// \file
/// credential.watch: tells a long-lived program that its credential is another one now. What the program has stays with
/// it; it asks credential.resolve again, so that every release goes through the same decision and record.

#include "daemon/crypto/crypto.h"
#include "daemon/rpc/credential_plan.h"
#include "daemon/rpc/handlers.h"

#include <sys/stat.h>

#include <algorithm>

namespace keybearer::rpc {
namespace {

using nlohmann::json;
using resolution::Layer;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t kMaxWatchSeconds = 300;
constexpr std::int64_t kDefaultWatchSeconds = 60;
constexpr milliseconds kFileInterval{2'000};
/// How long before its end a token that is watched is renewed; accounts::kDefaultMinValid decides whether it is.
constexpr seconds kRenewalLead{60};
constexpr std::size_t kVersionDigits = 16;

/// What distinguishes this value from the one before it, without reading it.
std::string markOf(const Services& services, const Resolution& resolution, const resolution::Choice& choice) {
    for (const auto& [layer, field] : resolution.stored) {
        if (layer == choice.layer && field.field == choice.field && field.slot == resolution.slot) {
            const auto id = layer == Layer::Store ? resolution.id : sharedOf(resolution);
            return std::to_string(field.generation) + "@" + std::to_string(field.setAt) + "-" +
                   std::to_string(services.vault.removals(id));
        }
    }
    if (choice.layer == Layer::OAuth) {
        const accounts::Account* account = services.authority.accounts().byName(choice.from);
        const auto end = account == nullptr ? std::nullopt : services.authority.view(*account).expiresAt;
        return std::to_string(end.value_or(0));
    }
    if (choice.layer == Layer::File) {
        const auto& source = *resolution.sources.at(choice.offer);
        const auto location = std::ranges::find(source, choice.field, &providers::Location::field);
        struct stat info {};
        // The change time: it moves with the permissions, too.
        if (location != source.end() && ::stat(location->argument.c_str(), &info) == 0) {
            return std::to_string(info.st_ino) + "@" + std::to_string(info.st_size) + "@" +
                   std::to_string(info.st_ctim.tv_sec) + "." + std::to_string(info.st_ctim.tv_nsec);
        }
    }
    return {};
}

/// The account whose token is part of the credential; empty: none is.
std::string watchedAccount(const Resolution& resolution) {
    const auto& choices = resolution.plan.choices;
    const auto found = std::ranges::find(choices, Layer::OAuth, &resolution::Choice::layer);
    return found == choices.end() ? std::string() : found->from;
}

/// Only a person can mend it. Anything else may pass, and the token in use may well be good for a while.
bool isFinal(protocol::ErrorKind kind) {
    return kind == protocol::ErrorKind::LoginRequired || kind == protocol::ErrorKind::UnknownAccount;
}

milliseconds nextLook(const Services& services, const Resolution& resolution, milliseconds left) {
    const auto& choices = resolution.plan.choices;
    if (std::ranges::find(choices, Layer::File, &resolution::Choice::layer) != choices.end()) {
        left = std::min(left, kFileInterval);
    }
    const accounts::Account* account = services.authority.accounts().byName(watchedAccount(resolution));
    if (const auto end = account == nullptr ? std::nullopt : services.authority.view(*account).expiresAt) {
        const seconds lead = seconds(*end - services.clock.utcSeconds()) - kRenewalLead;
        left = std::min<milliseconds>(left, std::max(lead, seconds(1)));
    }
    return left;
}

} // namespace

std::string versionOf(const Services& services, const Resolution& resolution) {
    std::string text;
    for (const resolution::Choice& choice : resolution.plan.choices) {
        if (!isWanted(resolution, choice.field)) {
            continue;
        }
        text.append(choice.field).append("=").append(resolution::toString(choice.layer)).append(":");
        text.append(choice.from).append("#").append(markOf(services, resolution, choice)).append("\n");
    }
    return crypto::sha256Hex(text).substr(0, kVersionDigits);
}

QCoro::Task<Reply> credentialWatch(Services& services, Call call) {
    const auto wait =
        protocol::inRange("wait", call.params.integer("wait").value_or(kDefaultWatchSeconds), 0, kMaxWatchSeconds);
    if (!wait) {
        co_return base::fail(wait.error());
    }
    const std::string known = call.params.requiredString("version");
    const auto end = services.clock.steady() + seconds(*wait);
    while (services.isOpen(call.connection)) {
        const std::uint64_t changes = services.changes.count();
        const auto resolution = resolutionOf(services, call.params);
        if (!resolution) {
            co_return base::fail(resolution.error());
        }
        if (auto refusal = refusalOf(services, *resolution)) {
            if (refusal->kind == protocol::ErrorKind::NoCredential) {
                co_return json{{"event", "removed"}, {"version", nullptr}};
            }
            co_return base::fail(std::move(*refusal));
        }
        bool isKnown = true;
        if (const std::string account = watchedAccount(*resolution); !account.empty()) {
            accounts::TokenRequest request; // keeps it fresh; nothing is released here
            request.account = account;
            const auto token = co_await services.authority.token(std::move(request));
            if (!token && isFinal(token.error().kind)) {
                co_return base::fail(token.error());
            }
            isKnown =
                token.has_value(); // while the provider cannot be reached nothing is told, and nothing has changed
        }
        const std::string version = isKnown ? versionOf(services, *resolution) : known;
        const auto left = std::chrono::duration_cast<milliseconds>(end - services.clock.steady());
        if (version != known || left.count() <= 0) {
            co_return json{{"event", version != known ? "renewed" : "none"}, {"version", version}};
        }
        if (changes == services.changes.count()) {
            const auto door = services.changes.next(call.connection, nextLook(services, *resolution, left));
            co_await door->wait();
        }
    }
    co_return json{{"event", "none"}, {"version", known}}; // nobody reads it
}

} // namespace keybearer::rpc
