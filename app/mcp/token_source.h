#pragma once
/// \file
/// Access tokens from the broker, and the sign-ins that they take.

#include "app/common/browser.h"
#include "app/mcp/problem.h"
#include "app/model/broker_link.h"
#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace keybearer::mcp {

using Scopes = std::set<std::string>;

/// Scope tokens in a text that separates them by spaces.
[[nodiscard]] Scopes scopesIn(std::string_view text);

/// Which tokens. With no account the broker looks for the one that signed in for the server's address.
struct TokenTarget {
    std::string url;
    std::string account;
    std::string resource; ///< RFC 8707; empty: the account's own

    /// What `keybearer login` takes, and `account.login`.
    [[nodiscard]] const std::string& provider() const { return account.empty() ? url : account; }
};

struct Token {
    std::shared_ptr<const base::Secret> value;
    Scopes scopes; ///< granted
};

/// Main thread. Whoever asks for the same thing at the same time gets the same answer: there is one refresh, and one
/// window, at a time. Every call has one answer, later.
class TokenSource final : public QObject {
    Q_OBJECT
public:
    using Reply = base::Result<Token, Problem>;
    using Done = std::function<void(const Reply&)>;

    /// The link outlives it.
    TokenSource(model::BrokerLink& link, TokenTarget target) : m_link(link), m_target(std::move(target)) {}

    /// A good one: the broker renews it when it is due.
    void get(QObject* context, Done done);
    /// One that is not `refused`, which the server did not take.
    void renew(const Token& refused, QObject* context, Done done);
    /// After a sign-in in the person's browser, for these scopes beside those that there are. When another sign-in is
    /// under way, after that one.
    void signIn(const Scopes& scopes, QObject* context, Done done);
    /// False: the next call would have to start the broker.
    [[nodiscard]] bool isConnected() const { return m_link.state() == model::BrokerLink::State::Open; }
    [[nodiscard]] bool isSigningIn() const noexcept { return !m_signingIn.empty(); }

private:
    struct Waiting {
        QPointer<QObject> context;
        Done done;
    };
    using Queue = std::vector<Waiting>;

    void whenOpen(std::function<void()> act);
    void ask(bool refresh, QObject* context, Done done);
    void beginLogin();
    void follow(const std::string& state);
    void loginStep(const model::BrokerLink::Reply& reply);
    void loginEnded(const std::optional<Problem>& problem);
    [[nodiscard]] Problem problemOf(const client::Error& error) const;
    [[nodiscard]] Problem needsPerson(std::string why) const;

    model::BrokerLink& m_link;
    TokenTarget m_target;
    Queue m_renewing;
    Queue m_signingIn;
    Scopes m_scopes;
    std::string m_loginId;
    std::optional<common::Browser> m_browser;
};

} // namespace keybearer::mcp
