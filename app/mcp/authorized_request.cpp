#include "app/mcp/authorized_request.h"

#include "ipc/base/challenge.h"
#include "ipc/base/text.h"

#include <utility>

namespace keybearer::mcp {
namespace {

constexpr int kMostStepUps = 2;
/// More than any server asks for at a time; a sign-in asks for no more.
constexpr std::size_t kMostScopes = 64;

/// What the server wants beside what the token has (RFC 6750 section 3.1); none when it is not about that.
Scopes wantedScopes(const Head& head) {
    const auto challenge = base::findTokenChallenge(head.challenge, "error");
    const std::string* scope = challenge ? challenge->parameter("scope") : nullptr;
    return scope != nullptr && *challenge->parameter("error") == "insufficient_scope" ? scopesIn(*scope) : Scopes();
}

/// The code of RFC 6750 section 3.1 or RFC 9449 section 12.2; empty where the server gives none.
std::string errorIn(const Head& head) {
    const auto challenge = base::findTokenChallenge(head.challenge, "error");
    return challenge ? *challenge->parameter("error") : std::string();
}

std::string listed(const Scopes& scopes) {
    std::string text;
    for (const std::string& scope : scopes) {
        text += (text.empty() ? "" : " ") + scope;
    }
    return text;
}

} // namespace

AuthorizedRequest::AuthorizedRequest(Remote& remote, TokenSource& tokens, Attempts& attempts, Request request,
                                     ExchangeHandlers handlers)
    : m_remote(remote),
      m_tokens(tokens),
      m_attempts(attempts),
      m_request(std::move(request)),
      m_handlers(std::move(handlers)) {
    authorize();
}

void AuthorizedRequest::authorize() {
    m_tokens.get({m_request.method, m_remote.address(), m_remote.dpopNonce()}, this,
                 [this](const TokenSource::Reply& token) { send(token); });
}

void AuthorizedRequest::cancel() {
    m_isOver = true;
    m_exchange.reset();
}

void AuthorizedRequest::pause(bool stop) {
    m_isPaused = stop;
    if (m_exchange) {
        m_exchange->pause(stop);
    }
}

void AuthorizedRequest::goOn(const TokenSource::Outcome& outcome) {
    if (m_isOver) {
        return;
    }
    m_hadNonce = false; // the last one may have ended meanwhile
    outcome ? authorize() : lacksToken(outcome.error());
}

void AuthorizedRequest::lacksToken(const Problem& problem) {
    const bool isUnknown = problem.kind == "unknown_account";
    m_attempts.signedInToNothing = m_attempts.signedInToNothing || (isUnknown && m_wasSignedIn);
    const bool mayHelp = problem.kind == "login_required" || (isUnknown && !m_attempts.signedInToNothing);
    if (mayHelp && m_request.maySignIn && !m_wasSignedIn) {
        signIn({});
    } else {
        fail(problem);
    }
}

void AuthorizedRequest::send(const TokenSource::Reply& token) {
    if (m_isOver) {
        return;
    }
    if (!token) {
        lacksToken(token.error());
        return;
    }
    m_attempts.signedInToNothing = false;
    m_token = *token;
    ExchangeHandlers handlers;
    handlers.sent = [this] {
        if (!std::exchange(m_isSent, true) && m_handlers.sent) {
            m_handlers.sent();
        }
    };
    handlers.head = [this](const Head& head) { headArrived(head); };
    handlers.body = m_handlers.body;
    handlers.ended = [this](const std::optional<Problem>& problem) { m_handlers.ended(problem); };
    m_exchange = m_remote.send(m_request.method, m_request.headers, m_request.body, m_token, std::move(handlers));
    m_exchange->pause(m_isPaused);
}

void AuthorizedRequest::headArrived(const Head& head) {
    if (head.status == 401) {
        m_exchange.reset();
        refused(head);
    } else if (head.status == 403 && !wantedScopes(head).empty()) {
        m_exchange.reset();
        stepUp(head);
    } else {
        m_attempts.signedInForNothing = false;
        m_handlers.head(head);
    }
}

/// RFC 6750 section 3.1: once with a new token, once more after a sign-in. No new token mends a proof.
void AuthorizedRequest::refused(const Head& head) {
    const std::string error = m_token.isBound() ? errorIn(head) : std::string();
    if (error == "use_dpop_nonce" || error == "invalid_dpop_proof") {
        refusedProof(head, error == "use_dpop_nonce");
    } else if (!m_wasRenewed && !m_wasSignedIn && !m_attempts.signedInForNothing) {
        m_wasRenewed = true;
        m_tokens.renew(m_token, this, [this](const TokenSource::Outcome& outcome) { goOn(outcome); });
    } else if (!m_wasSignedIn && m_request.maySignIn && !m_attempts.signedInForNothing) {
        signIn({});
    } else {
        m_attempts.signedInForNothing = m_attempts.signedInForNothing || m_wasSignedIn;
        fail({"unauthorized",
              !m_token.isBound() && base::wantsBoundTokens(head.challenge)
                  ? "the server takes only tokens that are bound to a key (DPoP): sign in with its address, or write "
                    "dpop = true into the provider's file and sign in again"
                  : "the server does not take the tokens of this account",
              head.status});
    }
}

/// RFC 9449 section 9: once with the nonce that came with the refusal.
void AuthorizedRequest::refusedProof(const Head& head, bool wantsNonce) {
    if (!wantsNonce) {
        fail({"unauthorized",
              "the server does not take the proofs that go with this account's tokens; check this "
              "machine's clock",
              head.status});
    } else if (head.dpopNonce.empty()) {
        fail({"unauthorized", "the server wants a nonce in the proof and gives none", head.status});
    } else if (std::exchange(m_hadNonce, true)) {
        fail({"unauthorized", "the server wants another nonce for each proof and takes none", head.status});
    } else {
        authorize();
    }
}

/// Once for the same scopes in a bridge's life: whoever signs in and gets less is not asked again.
void AuthorizedRequest::stepUp(const Head& head) {
    const Scopes wanted = wantedScopes(head);
    Scopes all = wanted;
    all.insert(m_token.scopes.begin(), m_token.scopes.end());
    const bool isOurs = !m_tokens.isSigningIn(); // else whoever signs in may bring them along
    if (!m_request.maySignIn || m_stepUps >= kMostStepUps || all.size() > kMostScopes ||
        (isOurs && !m_attempts.steppedUp.insert(all).second)) {
        fail({"insufficient_scope",
              "the server wants the scope " + base::printable(listed(wanted)) + ", which a sign-in did not bring",
              head.status});
        return;
    }
    m_stepUps += isOurs ? 1 : 0;
    signIn(wanted);
}

void AuthorizedRequest::signIn(const Scopes& scopes) {
    m_wasSignedIn = m_wasSignedIn || scopes.empty();
    m_tokens.signIn(scopes, this, [this](const TokenSource::Outcome& outcome) { goOn(outcome); });
}

void AuthorizedRequest::fail(Problem problem) {
    m_exchange.reset();
    m_handlers.ended(std::move(problem));
}

} // namespace keybearer::mcp
