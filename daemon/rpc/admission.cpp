#include "daemon/rpc/admission.h"

#include "daemon/platform/process.h"
#include "daemon/rpc/approvals.h"
#include "daemon/rpc/grant_text.h"
#include "daemon/rpc/wanted.h"
#include "ipc/base/text.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using access::Decision;
using protocol::ErrorKind;
using protocol::Guard;
using Verdict = access::Decision::Verdict;

constexpr std::size_t kMaxPurpose = 200;
constexpr std::string_view kMakerEnded = "the program that made this connection has ended";
/// A person may narrow what was asked for; then the call is refused, and not asked about again.
constexpr int kMaxQuestions = 2;

bool isAboutTheCall(Guard guard) {
    return guard == Guard::Manage || guard == Guard::Widen || guard == Guard::Person;
}

std::string purposeOf(const protocol::Params& params) {
    return base::printable(params.string("purpose").value_or(std::string()), kMaxPurpose);
}

/// Who has a connection whose maker has ended is nobody that can be told.
void forgetIfEnded(Caller& caller) {
    if (!platform::isAlive(caller.process)) {
        caller.client.emplace();
        caller.client->problem = kMakerEnded;
        caller.grants.clear();
    }
}

/// `shown` is `wanted` in the caller's own words.
std::string keyMend(const clientkeys::ClientKey& key, const access::Wanted& wanted, const access::Wanted& shown) {
    if (key.kind == clientkeys::KeyKind::Test && !wanted.isForTest) {
        return testMend(wanted);
    }
    const bool isNear = std::ranges::any_of(key.scopes, [&](const access::KeyScope& scope) {
        return access::coversCredential(scope.credential, wanted.credential);
    });
    return (isNear ? "ask for less, or " : "") + scopeMend(shown);
}

} // namespace

protocol::Guard Admission::guardOf(const protocol::Method& method, const protocol::Params& params) const {
    if (method.name == "keychain.migrate" && m_services.keychain.backend() == keychain::Selection::Unset) {
        return Guard::Manage;
    }
    // A passphrase is proof enough; and where nothing is locked, nothing is opened.
    if (method.name == "system.unlock" &&
        (!m_services.lock.isLocked() || m_services.keychain.backend() == keychain::Selection::FileSealed)) {
        return Guard::Manage;
    }
    if (method.name != "credential.set") {
        return method.guard;
    }
    const providers::Profile* profile = m_services.catalogue.find(params.requiredString("provider"));
    const bool isSecretOnly =
        profile != nullptr && std::ranges::all_of(params.secretNames("fields"), [&](const auto& name) {
            const providers::Field* field = profile->field(name);
            return field != nullptr && field->secret;
        });
    return isSecretOnly ? method.guard : Guard::Widen;
}

Admission::Judgement Admission::judge(Caller& caller, const protocol::Method& method, const protocol::Params& params) {
    static const access::Wanted kNothing;
    if (const auto key = m_services.connectionKeys.reachOf(caller.connection)) {
        return judgeByKey(caller, *key, method, params);
    }
    const access::Policy policy = m_services.policy.current();
    const bool isKnown = caller.client.has_value();
    if (isKnown && caller.generation != m_services.grants.generation()) {
        caller.grants = m_services.grants.of(*caller.client);
        caller.generation = m_services.grants.generation();
    }
    const access::Rules rules{policy, m_uid, caller.grants, m_services.clock.utcSeconds()};
    const access::Client* client = isKnown ? &*caller.client : nullptr;
    const Guard guard = guardOf(method, params);
    const auto about = [&](const access::Wanted& wanted) {
        return access::decide({caller.peer.uid, client, guard, wanted}, rules);
    };
    if (guard != Guard::Use || !access::needsClient(guard, policy)) {
        return {about(kNothing), {}, {}, {}};
    }
    Judgement judgement;
    judgement.decision = {Verdict::Allow, "the program brings what it uses itself"};
    for (access::Wanted& wanted : wantedBy(m_services, method, params)) {
        judgement.decision = about(wanted);
        if (judgement.decision.verdict == Verdict::Ask && isForToken(method)) {
            judgement.narrowed = access::narrowed(wanted, rules.grants, *client, rules.now);
            judgement.decision = judgement.narrowed ? about(*judgement.narrowed) : judgement.decision;
        }
        if (judgement.decision.verdict != Verdict::Allow) {
            judgement.wanted = std::move(wanted);
            return judgement;
        }
        if (judgement.decision.isObserved) {
            m_services.observations.note(*client, wanted);
        } else {
            judgement.grants.push_back(judgement.decision.grant->id);
        }
    }
    return judgement;
}

Admission::Judgement Admission::judgeByKey(const Caller& caller, const access::KeyReach& key,
                                           const protocol::Method& method, const protocol::Params& params) const {
    const access::Rules rules{m_services.policy.current(), m_uid, {}, m_services.clock.utcSeconds()};
    // What the person has stored is nobody's business on another machine.
    const bool isTelling =
        method.name == "provider.status" && !m_services.connectionKeys.sessionOf(caller.connection).empty();
    const Guard guard = isTelling ? Guard::Manage : guardOf(method, params);
    std::vector<access::Wanted> all;
    if (guard == Guard::Use && key.state == access::KeyReach::State::Good) {
        all = namedBy(m_services, method, params);
    }
    if (all.empty()) {
        all.emplace_back();
    }
    Judgement judgement;
    for (access::Wanted& wanted : all) {
        judgement.decision = access::decide({caller.peer.uid, nullptr, guard, wanted, &key}, rules);
        if (judgement.decision.verdict != Verdict::Allow) {
            judgement.shown = asWritten(m_services, method, params, wanted);
            judgement.wanted = std::move(wanted);
            break;
        }
    }
    return judgement;
}

Permit Admission::permitOf(const Judgement& judgement, const protocol::Params& params) {
    Permit permit{judgement.decision.reason, {}, purposeOf(params)};
    for (const std::string& id : judgement.grants) {
        m_services.grants.used(id);
        permit.grants += (permit.grants.empty() ? "" : ",") + id;
    }
    permit.narrowed = judgement.narrowed;
    return permit;
}

protocol::Error Admission::refusal(const Caller& caller, const Judgement& judgement) const {
    protocol::Error error{judgement.decision.isRateLimited ? ErrorKind::RateLimited : ErrorKind::Denied,
                          std::string(judgement.decision.reason)};
    if (caller.client && caller.client->kind == access::ClientKind::Unknown && !caller.client->problem.empty()) {
        error.message += ": " + base::printable(caller.client->problem);
    }
    const clientkeys::ClientKey* key = m_services.clientKeys.byId(m_services.connectionKeys.idOf(caller.connection));
    const bool isItsOwn = m_services.policy.current() != access::Policy::Deny; // else no other key would get it either
    if (key != nullptr && isItsOwn && clientkeys::ClientKeys::isSessionKey(key->id)) {
        error.message = judgement.wanted.credential.empty()
                            ? "this is for using what was forwarded, and for nothing else"
                            : wantedText(judgement.shown) +
                                  " was not forwarded here; name it when you begin: keybearer forward --help";
    } else if (key != nullptr && isItsOwn && !judgement.wanted.credential.empty()) {
        error.message = "the client key " + key->name + " may not have " + wantedText(judgement.shown) + ": " +
                        error.message + "; " + keyMend(*key, judgement.wanted, judgement.shown);
    }
    return error;
}

protocol::Result<void> Admission::stillHolds(const Caller& caller, const protocol::Method& method,
                                             const std::string& clientKey) const {
    if (clientKey.empty()) {
        const bool isNobody =
            access::needsClient(method.guard, m_services.policy.current()) && !platform::isAlive(caller.process);
        return isNobody ? base::fail(protocol::Error{ErrorKind::Denied, std::string(kMakerEnded)})
                        : protocol::Result<void>();
    }
    auto key = m_services.connectionKeys.reachOf(caller.connection).value_or(access::KeyReach());
    if (m_services.connectionKeys.idOf(caller.connection) != clientKey) {
        key.state = access::KeyReach::State::Ended; // another one was shown meanwhile
    }
    if (key.state == access::KeyReach::State::Good) {
        return {};
    }
    const access::Decision decision =
        access::decide({caller.peer.uid, nullptr, method.guard, {}, &key}, {m_services.policy.current(), m_uid, {}, 0});
    return base::fail(protocol::Error{ErrorKind::Denied, std::string(decision.reason)});
}

/// To a program of the installation that has taken the place of this broker's. Nobody is asked about it, as the next
/// broker knows it. It may end this one, which whoever can put a program there can do with a signal.
std::optional<protocol::Result<Permit>> Admission::toReplacement(const Caller& caller,
                                                                 const protocol::Method& method) const {
    if (!caller.client->isOtherFrontEnd || !m_services.isReplaced()) {
        return std::nullopt;
    }
    if (method.name == "system.stop") {
        return Permit{"Keybearer was upgraded, and makes room", {}, {}};
    }
    return base::fail(protocol::Error{ErrorKind::BrokerReplaced,
                                      "Keybearer was upgraded, and the broker from before ends as soon as nothing is "
                                      "under way; try again then, or run: keybearer daemon stop"});
}

std::optional<protocol::Result<Permit>> Admission::atOnce(Caller& caller, const protocol::Method& method,
                                                          const protocol::Params& params) {
    const bool hasKey = m_services.connectionKeys.reachOf(caller.connection).has_value();
    if (!hasKey && access::needsClient(method.guard, m_services.policy.current())) {
        if (!caller.client) {
            return std::nullopt;
        }
        forgetIfEnded(caller);
        if (auto answer = toReplacement(caller, method)) {
            return answer;
        }
    }
    Judgement judgement = judge(caller, method, params);
    switch (judgement.decision.verdict) {
    case Verdict::Allow: return permitOf(judgement, params);
    case Verdict::Deny: return base::fail(refusal(caller, judgement));
    case Verdict::Ask: break;
    }
    return std::nullopt;
}

QCoro::Task<> Admission::identify(std::shared_ptr<Caller> caller) {
    if (caller->identifying) {
        const auto gate = caller->identifying;
        co_await gate->wait();
        co_return;
    }
    caller->identifying = std::make_shared<accounts::Gate>();
    const int socket = m_socketOf(caller->connection);
    caller->process = platform::peerHandle(socket);
    auto client = co_await m_identify(socket, caller->connectedAt);
    caller->client = std::move(client);
    const auto gate = std::exchange(caller->identifying, nullptr);
    gate->open();
}

protocol::Error Admission::consentRequired(const Caller& caller, const Judgement& judgement,
                                           const std::string& questionId, std::string_view why) const {
    const access::Client& client = *caller.client;
    protocol::Error error{ErrorKind::ConsentRequired, clientText(client) + " may not have " +
                                                          wantedText(judgement.wanted) + ": " + std::string(why)};
    if (!questionId.empty()) {
        error.data["question_id"] = questionId;
    }
    if (client.isRecognizable() && !judgement.wanted.credential.empty()) {
        error.data["allow_with"] = grantCommand(client, judgement.wanted);
        error.data["grant"] = grantToml(client, judgement.wanted);
        error.message += "; allow it with: " + grantCommand(client, judgement.wanted);
    }
    return error;
}

QCoro::Task<protocol::Result<Permit>> Admission::decide(std::shared_ptr<Caller> caller, const protocol::Method& method,
                                                        const protocol::Params& params) {
    if (!caller->client) {
        co_await identify(caller);
    }
    for (int asked = 0;; ++asked) {
        if (auto verdict = atOnce(*caller, method, params)) {
            co_return std::move(*verdict);
        }
        Judgement judgement = judge(*caller, method, params);
        if (asked == kMaxQuestions) {
            co_return base::fail(consentRequired(*caller, judgement, {}, "less than that was allowed"));
        }
        Question question;
        question.client = *caller->client;
        question.wanted = judgement.wanted;
        question.method = std::string(method.name);
        question.purpose = purposeOf(params);
        question.reason = std::string(judgement.decision.reason);
        question.canBeKept = !isAboutTheCall(method.guard);
        const Consent answer = co_await m_services.approvals.ask(std::move(question), caller->connection);
        switch (answer.how) {
        case Answered::Allowed:
            if (isAboutTheCall(method.guard)) {
                co_return Permit{"the person allowed it", {}, {}};
            }
            break;
        case Answered::Denied: co_return base::fail(protocol::Error{ErrorKind::Denied, "the person said no"});
        case Answered::NobodyThere:
            co_return base::fail(consentRequired(*caller, judgement, answer.questionId, judgement.decision.reason));
        case Answered::NotInTime:
            co_return base::fail(consentRequired(*caller, judgement, answer.questionId, "nobody answered in time"));
        case Answered::TooMany:
            co_return base::fail(
                protocol::Error{ErrorKind::RateLimited, "too many questions of this program wait for an answer"});
        }
    }
}

} // namespace keybearer::rpc
