#include "daemon/access/decide.h"

#include <algorithm>
#include <array>

namespace keybearer::access {
namespace {

using protocol::Guard;
using Verdict = Decision::Verdict;

constexpr std::int64_t kMinute = 60;
constexpr std::string_view kDenied = R"(the policy is "deny"; write policy = "allow" into config.toml to change it)";

struct PolicyName {
    Policy policy;
    std::string_view name;
};
constexpr std::array kPolicies{PolicyName{Policy::Ask, "ask"}, PolicyName{Policy::Observe, "observe"},
                               PolicyName{Policy::Allow, "allow"}, PolicyName{Policy::Deny, "deny"}};

/// The nearest miss says most about why somebody has to be asked again.
struct Miss {
    Fit fit;
    std::string_view reason;
};
constexpr std::array kMisses{
    Miss{Fit::Wider, "it asks for more than was allowed"},
    Miss{Fit::Changed, "the program has changed since it was allowed"},
    Miss{Fit::Ended, "what was allowed has ended"},
    Miss{Fit::UsedUp, "what was allowed has been used"},
};

Decision allow(std::string_view reason, const Grant* grant = nullptr) {
    return {Verdict::Allow, reason, grant};
}

Decision ask(std::string_view reason) {
    return {Verdict::Ask, reason};
}

Decision deny(std::string_view reason) {
    return {Verdict::Deny, reason};
}

bool isOverRate(const Grant& grant, std::int64_t now) {
    return grant.perMinute > 0 && grant.minute == now / kMinute && grant.usesInMinute >= grant.perMinute;
}

Decision byGrant(const Client& client, const Wanted& wanted, const Rules& rules) {
    if (client.kind == ClientKind::Unknown) {
        return deny("it cannot be told which program asks");
    }
    std::array<bool, kMisses.size()> missed{};
    bool isTooFast = false;
    for (const Grant* grant : rules.grants) {
        const Fit fit = fitOf(*grant, client, wanted, rules.now);
        if (fit == Fit::Covers && !isOverRate(*grant, rules.now)) {
            return allow("a grant allows it", grant);
        }
        isTooFast = isTooFast || fit == Fit::Covers;
        for (std::size_t i = 0; i < kMisses.size(); ++i) {
            missed[i] = missed[i] || kMisses[i].fit == fit;
        }
    }
    if (isTooFast) {
        return {Verdict::Deny, "it asks more often than was allowed", nullptr, true};
    }
    const auto nearest = std::ranges::find(missed, true);
    return ask(nearest == missed.end() ? "nobody has allowed it yet"
                                       : kMisses[static_cast<std::size_t>(nearest - missed.begin())].reason);
}

/// What would have been asked, or refused, goes through and is noted.
Decision observed(const Client& client, const Wanted& wanted, const Rules& rules) {
    const Decision decision = byGrant(client, wanted, rules);
    if (decision.verdict == Verdict::Allow) {
        return decision;
    }
    Decision noted = allow("nobody is asked yet: the policy is \"observe\"");
    noted.isObserved = true;
    return noted;
}

Decision byScopes(const KeyReach& key, const Wanted& wanted) {
    if (wanted.credential.empty()) {
        return allow("the program brings what it uses itself");
    }
    if (key.isForTest && !wanted.isForTest) {
        return deny("the client key is for test, and this is not marked for test");
    }
    bool isNear = false;
    for (const KeyScope& scope : key.scopes) {
        const Fit fit = fitOf(scope, wanted);
        if (fit == Fit::Covers) {
            return allow("the client key's scopes cover it");
        }
        isNear = isNear || fit == Fit::Wider;
    }
    return deny(isNear ? "it asks for more than the client key's scopes allow"
                       : "the client key's scopes do not cover it");
}

Decision byKey(const Request& request, const KeyReach& key, Policy policy) {
    if (request.guard == Guard::Greet) {
        return allow("it says who it is");
    }
    switch (key.state) {
    case KeyReach::State::Wanted: return deny("this socket wants a client key first: call system.authenticate");
    case KeyReach::State::Ended: return deny("the client key of this connection was revoked, or its time is over");
    case KeyReach::State::Good: break;
    }
    switch (request.guard) {
    case Guard::Greet:
    case Guard::Metadata: return allow("metadata is open to whoever has a client key");
    case Guard::Own: return allow("it belongs to this connection");
    case Guard::Use: return policy == Policy::Deny ? deny(kDenied) : byScopes(key, request.wanted);
    case Guard::Propose:
    case Guard::Manage:
    case Guard::Widen:
    case Guard::Person:
    case Guard::Approve: break;
    }
    return deny("a client key is for using credentials, and not for managing them");
}

/// A person does it, at a terminal or in a window, and not a script that runs our command line.
bool isPerson(const Client& client) {
    return client.isFrontEnd && (client.kind == ClientKind::Terminal || client.kind == ClientKind::Window);
}

Decision forManaging(const Request& request, bool widens) {
    const Client& client = *request.client;
    if (widens ? isPerson(client) : client.isFrontEnd) {
        return allow("the person's own front end");
    }
    return ask(widens ? "it would let programs do more" : "it would manage what is the person's");
}

} // namespace

std::string_view toString(Policy policy) {
    return std::ranges::find(kPolicies, policy, &PolicyName::policy)->name;
}

std::optional<Policy> policyOf(std::string_view name) {
    const auto* const found = std::ranges::find(kPolicies, name, &PolicyName::name);
    return found == kPolicies.end() ? std::nullopt : std::optional(found->policy);
}

bool needsClient(Guard guard, Policy policy) {
    switch (guard) {
    case Guard::Greet:
    case Guard::Metadata:
    case Guard::Own:
    case Guard::Propose: return false;
    case Guard::Person:
    case Guard::Approve: return true;
    case Guard::Use: return policy == Policy::Ask || policy == Policy::Observe;
    case Guard::Manage:
    case Guard::Widen: return policy == Policy::Ask;
    }
    return true;
}

Decision decide(const Request& request, const Rules& rules) {
    const bool isProven = request.uid == rules.ownUid || (request.key != nullptr && request.key->anyUser);
    if (!isProven) {
        return deny("the program runs as another user");
    }
    if (request.key != nullptr) {
        return byKey(request, *request.key, rules.policy);
    }
    if (request.client == nullptr && needsClient(request.guard, rules.policy)) {
        return deny("it cannot be told which program asks");
    }
    switch (request.guard) {
    case Guard::Greet: return allow("it says who it is");
    case Guard::Metadata: return allow("metadata is open to every program of this user");
    case Guard::Own: return allow("it belongs to this connection");
    case Guard::Propose:
        return rules.policy == Policy::Deny ? deny("the policy is \"deny\"")
                                            : allow("a program may ask for it, and the person decides in the browser");
    case Guard::Approve:
        return isPerson(*request.client) ? allow("the person's own terminal or window")
                                         : deny("only a person at a terminal or window of this installation decides");
    // The person must be able to look and to mend, whatever programs are denied.
    case Guard::Manage:
    case Guard::Widen:
        return rules.policy == Policy::Ask ? forManaging(request, request.guard == Guard::Widen)
                                           : allow("every program of this user may manage");
    case Guard::Person:
        return isPerson(*request.client) ? allow("the person's own terminal or window")
                                         : ask("only a person may do that");
    case Guard::Use: break;
    }
    switch (rules.policy) {
    case Policy::Allow: return allow("the policy is \"allow\" for every program of this user");
    case Policy::Deny: return deny(kDenied);
    case Policy::Ask: return byGrant(*request.client, request.wanted, rules);
    case Policy::Observe: return observed(*request.client, request.wanted, rules);
    }
    return deny("the method has no guard");
}

} // namespace keybearer::access
