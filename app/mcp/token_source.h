#pragma once
/// \file
/// Access tokens from the broker, and the sign-ins that they take.

#include "app/common/browser.h"
#include "app/mcp/problem.h"
#include "app/mcp/token.h"
#include "app/model/broker_link.h"
#include "ipc/base/result.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::mcp {

/// Which tokens. With no account the broker looks for the one that signed in for the server's address.
struct TokenTarget {
    std::string url;
    std::string account;
    std::string resource; ///< RFC 8707; empty: the account's own

    /// What `keybearer login` takes, and `account.login`.
    [[nodiscard]] const std::string& provider() const { return account.empty() ? url : account; }
};

/// What a proof is made for, where the tokens are bound to a key: one request.
struct ProofTarget {
    std::string method; ///< of HTTP
    std::string url;
    std::string nonce; ///< that the server gave last; empty: none
};

/// Main thread. Whoever asks for the same thing at the same time gets the same answer: there is one refresh, and one
/// window, at a time. Every call has one answer, later.
class TokenSource final : public QObject {
    Q_OBJECT
public:
    using Reply = base::Result<Token, Problem>;
    using Done = std::function<void(const Reply&)>;
    /// Nothing, or why get() would bring nothing new.
    using Outcome = base::Result<void, Problem>;
    using Ready = std::function<void(const Outcome&)>;

    /// The link outlives it.
    TokenSource(model::BrokerLink& link, TokenTarget target) : m_link(link), m_target(std::move(target)) {}

    /// A good one: the broker renews it when it is due. With a proof for this one request where it is bound to a key.
    void get(ProofTarget request, QObject* context, Done done);
    /// Sees to it that get() gives one that is not `refused`, which the server did not take.
    void renew(const Token& refused, QObject* context, Ready done);
    /// Has the person sign in in the browser, for these scopes beside those that there are. When another sign-in is
    /// under way, waits for that one.
    void signIn(const Scopes& scopes, QObject* context, Ready done);
    /// False: the next call would have to start the broker.
    [[nodiscard]] bool isConnected() const { return m_link.state() == model::BrokerLink::State::Open; }
    [[nodiscard]] bool isSigningIn() const noexcept { return !m_signingIn.empty(); }

private:
    struct Waiting {
        QPointer<QObject> context;
        Ready done;
    };
    using Queue = std::vector<Waiting>;

    void whenOpen(std::function<void()> act);
    void ask(const std::string& method, nlohmann::json params, QObject* context,
             std::function<void(const model::BrokerLink::Reply&)> done);
    [[nodiscard]] nlohmann::json accountParams() const;
    void getPlain(const ProofTarget& request, QObject* context, Done done);
    void getBound(const ProofTarget& request, QObject* context, Done done);
    void tell(Queue& waiting, const Outcome& outcome);
    void beginLogin();
    void follow(const std::string& state);
    void loginStep(const model::BrokerLink::Reply& reply);
    void loginEnded(const std::optional<Problem>& problem);
    [[nodiscard]] Problem problemOf(const client::Error& error) const;
    [[nodiscard]] Problem needsPerson(std::string why) const;

    model::BrokerLink& m_link;
    TokenTarget m_target;
    bool m_areBound = false; ///< the tokens that came last
    Queue m_renewing;
    Queue m_signingIn;
    Scopes m_scopes;
    std::string m_loginId;
    std::optional<common::Browser> m_browser;
};

} // namespace keybearer::mcp
