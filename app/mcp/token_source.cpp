#include "app/mcp/token_source.h"

#include "app/common/shown.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <utility>

namespace keybearer::mcp {
namespace {

using nlohmann::json;

/// Seconds between two looks at the browser that was started.
constexpr int kLoginWait = 2;

std::string textAt(const json& object, const char* name) {
    const auto found = object.is_object() ? object.find(name) : object.end();
    return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>()
                                                                             : std::string();
}

bool isVisible(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

bool isBound(const json& answer) {
    return textAt(answer, "token_type") == "DPoP";
}

/// A bound one without a proof is none that could be sent.
base::Result<Token, Problem> tokenIn(const json& answer) {
    const auto unusable = [](const char* why) { return base::fail(Problem{"unsupported", why, 0}); };
    auto value = std::make_shared<base::Secret>(textAt(answer, "access_token"));
    if (!isVisible(value->reveal())) {
        return unusable("the access token holds characters that no header can carry");
    }
    std::string proof;
    if (isBound(answer)) {
        proof = textAt(answer, "proof");
    }
    if (isBound(answer) ? !isVisible(proof) : textAt(answer, "token_type") != "Bearer") {
        return unusable("this account's tokens are of a kind that cannot be sent to a server");
    }
    return Token{std::move(value), std::move(proof), scopesIn(textAt(answer, "scope"))};
}

} // namespace

Scopes scopesIn(std::string_view text) {
    Scopes scopes;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (end > 0) {
            scopes.emplace(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return scopes;
}

Problem TokenSource::needsPerson(std::string why) const {
    if (why.find("keybearer login") == std::string::npos) {
        why += "; when you are there, run: keybearer login " + common::shown(m_target.provider());
    }
    return {"login_required", std::move(why), 0};
}

Problem TokenSource::problemOf(const client::Error& error) const {
    if (error.kind == "login_required" || error.kind == "unknown_account" || error.kind == "login_failed" ||
        error.kind == "login_cancelled") {
        Problem problem = needsPerson(common::shown(error.message));
        problem.kind = error.kind;
        return problem;
    }
    return {error.kind, common::shown(error.message), 0};
}

/// A broker that has gone is started again for this; what is asked meanwhile waits for that attempt's end.
void TokenSource::whenOpen(std::function<void()> act) {
    if (m_link.state() == model::BrokerLink::State::Lost) {
        m_link.open();
    }
    if (m_link.state() != model::BrokerLink::State::Opening) {
        act();
        return;
    }
    // Once, also where acting changes the state again.
    connect(&m_link, &model::BrokerLink::stateChanged, this, std::move(act), Qt::SingleShotConnection);
}

void TokenSource::ask(const std::string& method, json params, QObject* context,
                      std::function<void(const model::BrokerLink::Reply&)> done) {
    const QPointer<QObject> guard(context);
    whenOpen([this, method, params = std::move(params), guard, done = std::move(done)] {
        if (guard) {
            m_link.call(method, params, guard, done);
        }
    });
}

json TokenSource::accountParams() const {
    json params{{"account", m_target.provider()}};
    if (!m_target.resource.empty()) {
        params["resource"] = m_target.resource;
    }
    return params;
}

void TokenSource::get(ProofTarget request, QObject* context, Done done) {
    if (!m_areBound) {
        getPlain(request, context, std::move(done));
        return;
    }
    const QPointer<QObject> guard(context);
    getBound(request, context, [this, request, guard, done = std::move(done)](const Reply& token) {
        if (token || token.error().kind != "unsupported") {
            done(token);
            return;
        }
        m_areBound = false; // somebody may have signed in anew, and otherwise
        getPlain(request, guard, done);
    });
}

/// Its type says whether it may be sent as it is.
void TokenSource::getPlain(const ProofTarget& request, QObject* context, Done done) {
    const QPointer<QObject> guard(context);
    ask("token.get", accountParams(), context,
        [this, request, guard, done = std::move(done)](const model::BrokerLink::Reply& reply) {
            if (!reply) {
                done(base::fail(problemOf(reply.error())));
                return;
            }
            m_areBound = isBound(*reply);
            if (m_areBound) {
                getBound(request, guard, done);
            } else {
                done(tokenIn(*reply));
            }
        });
}

void TokenSource::getBound(const ProofTarget& request, QObject* context, Done done) {
    json params = accountParams();
    params["htm"] = request.method;
    params["htu"] = request.url;
    if (!request.nonce.empty()) {
        params["nonce"] = request.nonce;
    }
    ask("dpop.proof", std::move(params), context,
        [this, done = std::move(done)](const model::BrokerLink::Reply& reply) {
            done(reply ? tokenIn(*reply) : base::fail(problemOf(reply.error())));
        });
}

void TokenSource::tell(Queue& waiting, const Outcome& outcome) {
    for (const Waiting& one : std::exchange(waiting, {})) {
        if (one.context) {
            one.done(outcome);
        }
    }
}

void TokenSource::renew(const Token& refused, QObject* context, Ready done) {
    const bool isFirst = m_renewing.empty();
    m_renewing.push_back({context, std::move(done)});
    if (!isFirst) {
        return;
    }
    const auto end = [this](const model::BrokerLink::Reply& reply) {
        tell(m_renewing, reply ? Outcome() : base::fail(problemOf(reply.error())));
    };
    // Another request may have had it renewed meanwhile.
    ask("token.get", accountParams(), this, [this, end, refused](const model::BrokerLink::Reply& known) {
        if (!known || !(base::Secret(textAt(*known, "access_token")) == *refused.value)) {
            end(known);
            return;
        }
        json params = accountParams();
        params["refresh"] = true;
        ask("token.get", std::move(params), this, end);
    });
}

void TokenSource::signIn(const Scopes& scopes, QObject* context, Ready done) {
    const bool isFirst = m_signingIn.empty();
    m_signingIn.push_back({context, std::move(done)});
    if (isFirst) {
        m_scopes = scopes;
        whenOpen([this] { beginLogin(); });
    }
}

void TokenSource::beginLogin() {
    json params{{"provider", m_target.provider()}};
    if (!m_scopes.empty()) {
        params["add_scopes"] = m_scopes;
    }
    m_link.call("account.login", std::move(params), this, [this](const model::BrokerLink::Reply& reply) {
        if (!reply) {
            loginEnded(problemOf(reply.error()));
            return;
        }
        m_loginId = textAt(*reply, "login_id");
        if (!reply->value("joined", false)) {
            m_browser.emplace(common::browserCommands(base::processEnvironment(), textAt(*reply, "authorization_url")));
            if (!m_browser->start()) {
                m_browser.reset();
                m_link.call("account.login_cancel", {{"login_id", m_loginId}}, this, [](const auto&) {});
                loginEnded(needsPerson("no browser could be opened for the sign-in"));
                return;
            }
        }
        follow("waiting_for_browser");
    });
}

void TokenSource::follow(const std::string& state) {
    m_link.call("account.login_status", {{"login_id", m_loginId}, {"known_state", state}, {"wait", kLoginWait}}, this,
                [this](const model::BrokerLink::Reply& reply) { loginStep(reply); });
}

void TokenSource::loginStep(const model::BrokerLink::Reply& reply) {
    if (!reply) {
        loginEnded(problemOf(reply.error()));
        return;
    }
    const std::string state = textAt(*reply, "state");
    if (state == "done") {
        loginEnded(std::nullopt);
    } else if (state == "failed") {
        const json error = reply->value("error", json::object());
        loginEnded(problemOf({"login_failed", "the sign-in failed: " + textAt(error, "message"), json::object(), 4}));
    } else if (state == "cancelled") {
        loginEnded(problemOf({"login_cancelled", "nobody finished the sign-in", json::object(), 4}));
    } else if (m_browser && !m_browser->stillHopeful()) {
        m_link.call("account.login_cancel", {{"login_id", m_loginId}}, this, [](const auto&) {});
        loginEnded(needsPerson("the browser could not be started"));
    } else {
        follow(state);
    }
}

void TokenSource::loginEnded(const std::optional<Problem>& problem) {
    m_browser.reset();
    tell(m_signingIn, problem ? Outcome(base::fail(*problem)) : Outcome());
}

} // namespace keybearer::mcp
