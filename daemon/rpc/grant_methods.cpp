#include "daemon/rpc/approvals.h"
#include "daemon/rpc/grant_text.h"
#include "daemon/rpc/handlers.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <sstream>

namespace keybearer::rpc {
namespace {

using access::Grant;
using access::Span;
using accounts::failure;
using nlohmann::json;
using protocol::ErrorKind;

constexpr std::int64_t kMaxApprovalWait = 300;
constexpr std::int64_t kMaxPerMinute = 100'000;
constexpr std::int64_t kLongestGrant = std::int64_t{3650} * 86'400; // seconds
constexpr std::size_t kMaxGrantReason = 200;

/// Seconds from now to a moment; 0 when none is named.
protocol::Result<std::int64_t> untilOf(const Services& services, const protocol::Params& params) {
    const auto given = params.integer("seconds");
    if (!given) {
        return std::int64_t{0};
    }
    return protocol::inRange("seconds", *given, 1, kLongestGrant).map([&](std::int64_t checked) {
        return services.clock.utcSeconds() + checked;
    });
}

/// What of a grant the caller says; whom it is for comes from the broker's own look at the file.
protocol::Result<Grant> grantOf(const Services& services, const protocol::Params& params) {
    Grant grant;
    grant.credential = params.requiredString("credential");
    if (!access::isCredentialPattern(grant.credential)) {
        return base::fail(
            failure(ErrorKind::InvalidValue,
                    "`credential` is \"account:NAME\", \"key:TENANT/PROVIDER/NAME\", one of them with * at "
                    "its end, or \"*\""));
    }
    grant.kind = access::clientKindOf(params.requiredString("kind"));
    grant.path = params.requiredString("path");
    grant.scopes = params.stringList("scopes").value_or(std::vector<std::string>());
    grant.audience = params.string("audience").value_or(std::string());
    grant.reason = base::printable(params.string("reason").value_or(std::string()), kMaxGrantReason);
    const auto rate = protocol::inRange("per_minute", params.integer("per_minute").value_or(0), 0, kMaxPerMinute);
    const auto until = untilOf(services, params);
    if (!rate || !until) {
        return base::fail(rate ? until.error() : rate.error());
    }
    grant.perMinute = *rate;
    grant.until = *until;
    grant.span = *until == 0 ? Span::Always : Span::Until;
    return grant;
}

access::Client clientOf(const Grant& seen) {
    access::Client client;
    client.kind = seen.kind;
    client.path = seen.path;
    client.name = seen.path.substr(seen.path.rfind('/') + 1);
    client.digest = seen.digest;
    client.isRootOwned = seen.digest.empty();
    return client;
}

/// What a token would be for, where nothing less was asked for.
std::vector<std::string> availableScopes(const Services& services, const access::Wanted& wanted) {
    constexpr std::string_view kOfAccount = "account:";
    std::vector<std::string> scopes;
    if (!wanted.scopes.empty() || !wanted.credential.starts_with(kOfAccount)) {
        return scopes;
    }
    if (const auto* account = services.authority.accounts().byName(wanted.credential.substr(kOfAccount.size()))) {
        std::istringstream words(account->scope);
        for (std::string word; words >> word;) {
            scopes.push_back(base::printable(word));
        }
    }
    return scopes;
}

} // namespace

QCoro::Task<Reply> grantList(Services& services, Call) {
    json grants = json::array();
    for (const Grant* grant : services.grants.all()) {
        grants.push_back(grantJson(*grant));
    }
    co_return json{{"grants", std::move(grants)}};
}

QCoro::Task<Reply> grantAllow(Services& services, Call call) {
    auto grant = grantOf(services, call.params);
    if (!grant) {
        co_return base::fail(std::move(grant.error()));
    }
    auto file = co_await services.describeFile(grant->kind, grant->path);
    if (!file) {
        co_return base::fail(failure(ErrorKind::InvalidValue, file.error()));
    }
    grant->path = std::move(file->path);
    grant->digest = std::move(file->digest);
    grant->createdBy = "terminal";
    grant->isAnnounced = services.approvals.approvers() > 0;
    const auto made = services.grants.add(std::move(*grant));
    if (!made) {
        co_return base::fail(failure(ErrorKind::StorageError, made.error()));
    }
    co_return grantJson(**made);
}

QCoro::Task<Reply> grantRevoke(Services& services, Call call) {
    const auto removed = services.grants.remove(call.params.requiredString("grant_id"));
    if (!removed) {
        co_return base::fail(failure(ErrorKind::InvalidValue, removed.error()));
    }
    if (!*removed) {
        co_return base::fail(failure(ErrorKind::InvalidValue, "there is no such grant"));
    }
    co_return json{{"removed", true}};
}

QCoro::Task<Reply> grantPropose(Services& services, Call) {
    json grants = json::array();
    json notPossible = json::array();
    std::string toml;
    for (const Grant& seen : services.observations.all()) {
        const access::Client client = clientOf(seen);
        const access::Wanted wanted{seen.credential, seen.scopes, seen.audience, seen.fields};
        if (client.isRecognizable()) {
            grants.push_back(grantJson(seen));
            toml += (toml.empty() ? "" : "\n") + grantToml(client, wanted);
        } else {
            notPossible.push_back({{"client", clientText(client)}, {"wants", wantedText(wanted)}});
        }
    }
    co_return json{{"grants", std::move(grants)}, {"toml", toml}, {"not_possible", std::move(notPossible)}};
}

QCoro::Task<Reply> grantAccept(Services& services, Call) {
    json grants = json::array();
    const std::vector<Grant> observed = services.observations.all();
    for (const Grant& seen : observed) {
        if (!clientOf(seen).isRecognizable()) {
            continue;
        }
        Grant grant = seen;
        grant.uses = 0;
        grant.lastUsedAt = 0;
        grant.createdBy = "terminal";
        grant.reason = "observed";
        grant.isAnnounced = services.approvals.approvers() > 0;
        const auto made = services.grants.add(std::move(grant));
        if (!made) {
            co_return base::fail(failure(ErrorKind::StorageError, made.error()));
        }
        grants.push_back(grantJson(**made));
    }
    services.observations.clear();
    co_return json{{"grants", std::move(grants)}};
}

QCoro::Task<Reply> policyGet(Services& services, Call) {
    co_return json{{"policy", access::toString(services.policy.current())}, {"source", services.policy.source()}};
}

QCoro::Task<Reply> policySet(Services& services, Call call) {
    const auto policy = access::policyOf(call.params.requiredString("policy"));
    if (!policy) {
        co_return base::fail(failure(ErrorKind::InvalidValue, R"(`policy` is "ask", "observe", "allow" or "deny")"));
    }
    if (const auto set = services.policy.set(*policy); !set) {
        co_return base::fail(failure(ErrorKind::InvalidValue, set.error()));
    }
    co_return json{{"policy", access::toString(*policy)}, {"source", services.policy.source()}};
}

QCoro::Task<Reply> approvalAttach(Services& services, Call call) {
    services.approvals.attach(call.connection);
    json grants = json::array();
    for (const Grant& grant : services.grants.takeUnannounced()) {
        grants.push_back(grantJson(grant));
    }
    co_return json{{"approvers", services.approvals.approvers()}, {"new_grants", std::move(grants)}};
}

QCoro::Task<Reply> approvalList(Services& services, Call call) {
    const auto wait = protocol::inRange("wait", call.params.integer("wait").value_or(0), 0, kMaxApprovalWait);
    if (!wait) {
        co_return base::fail(wait.error());
    }
    const auto known = static_cast<std::uint64_t>(call.params.integer("known_version").value_or(0));
    co_await services.approvals.change(known, std::chrono::seconds(*wait));
    json questions = json::array();
    for (const Question& question : services.approvals.open()) {
        json row = questionJson(question);
        row["available_scopes"] = availableScopes(services, question.wanted);
        questions.push_back(std::move(row));
    }
    co_return json{{"version", services.approvals.version()},
                   {"approvers", services.approvals.approvers()},
                   {"questions", std::move(questions)}};
}

QCoro::Task<Reply> approvalDecide(Services& services, Call call) {
    Answer answer;
    const std::string said = call.params.requiredString("answer");
    const auto span = access::spanOf(said);
    if (said != "deny" && !span) {
        co_return base::fail(
            failure(ErrorKind::InvalidValue, R"(`answer` is "once", "session", "until", "always" or "deny")"));
    }
    const auto until = untilOf(services, call.params);
    if (!until || (span == Span::Until) != (until.value_or(0) != 0)) {
        co_return base::fail(until ? failure(ErrorKind::InvalidValue, "`seconds` goes with the answer \"until\"")
                                   : until.error());
    }
    answer.allow = said != "deny";
    answer.span = span.value_or(Span::Once);
    answer.until = *until;
    answer.scopes = call.params.stringList("scopes").value_or(std::vector<std::string>());
    answer.by = "terminal";
    const auto decided = services.approvals.decide(call.params.requiredString("question_id"), answer);
    if (!decided) {
        co_return base::fail(failure(ErrorKind::InvalidValue, decided.error()));
    }
    co_return json{{"answer", said}};
}

} // namespace keybearer::rpc
