#pragma once
/// \file
/// A request with a token that the server takes: what it takes to get there is done on the way.

#include "app/mcp/remote.h"
#include "app/mcp/token_source.h"

#include <optional>
#include <set>
#include <string>

namespace keybearer::mcp {

/// What one bridge has tried in vain, so that it is not tried again for each request.
struct Attempts {
    bool signedInForNothing = false; ///< the server refused a token that came from a sign-in for it
    bool signedInToNothing = false;  ///< after a sign-in the broker knew no account for the address still
    std::set<Scopes> steppedUp;      ///< scopes that a sign-in was made for because the server wanted them
};

/// Belongs in a Cancelled<>.
class AuthorizedRequest final : public QObject {
    Q_OBJECT
public:
    struct Request {
        std::string method;
        Headers headers;
        std::string body;
        bool maySignIn = false; ///< somebody waits for the answer: a person's browser may be opened
    };

    /// Begins at once. Everything named outlives it.
    AuthorizedRequest(Remote& remote, TokenSource& tokens, Attempts& attempts, Request request,
                      ExchangeHandlers handlers);

    void pause(bool stop);
    /// Gives the request up; no handler is called any more. A sign-in goes on: a person may be in the middle of it.
    void cancel();

private:
    /// Gets a token, and a proof for this request alone where it takes one.
    void authorize();
    void goOn(const TokenSource::Outcome& outcome);
    void send(const TokenSource::Reply& token);
    void lacksToken(const Problem& problem);
    void headArrived(const Head& head);
    void refused(const Head& head);
    void refusedProof(const Head& head, bool wantsNonce);
    void stepUp(const Head& head);
    void signIn(const Scopes& scopes);
    void fail(Problem problem);

    Remote& m_remote;
    TokenSource& m_tokens;
    Attempts& m_attempts;
    Request m_request;
    ExchangeHandlers m_handlers;
    Cancelled<Exchange> m_exchange;
    Token m_token;
    bool m_isSent = false;
    bool m_isPaused = false;
    bool m_isOver = false;
    bool m_hadNonce = false; ///< it was sent once more because the server wanted another nonce
    bool m_wasRenewed = false;
    bool m_wasSignedIn = false;
    int m_stepUps = 0;
};

} // namespace keybearer::mcp
