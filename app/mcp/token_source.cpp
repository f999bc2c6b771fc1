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

base::Result<Token, Problem> tokenIn(const json& answer) {
    auto value = std::make_shared<base::Secret>(textAt(answer, "access_token"));
    if (textAt(answer, "token_type") != "Bearer") {
        return base::fail(
            Problem{"unsupported", "this account's tokens are bound to a key (DPoP), which no bridge has", 0});
    }
    const std::string_view text = value->reveal();
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; })) {
        return base::fail(Problem{"unsupported", "the access token holds characters that no header can carry", 0});
    }
    return Token{std::move(value), scopesIn(textAt(answer, "scope"))};
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
    auto* once = new QObject(this);
    connect(&m_link, &model::BrokerLink::stateChanged, once, [once, act = std::move(act)] {
        once->deleteLater();
        once->disconnect();
        act();
    });
}

void TokenSource::ask(bool refresh, QObject* context, Done done) {
    json params = json::object();
    params["account"] = m_target.provider();
    if (!m_target.resource.empty()) {
        params["resource"] = m_target.resource;
    }
    if (refresh) {
        params["refresh"] = true;
    }
    const QPointer<QObject> guard(context);
    whenOpen([this, params, guard, done = std::move(done)] {
        if (!guard) {
            return;
        }
        m_link.call("token.get", params, guard, [this, done](const model::BrokerLink::Reply& reply) {
            done(reply ? tokenIn(*reply) : base::fail(problemOf(reply.error())));
        });
    });
}

void TokenSource::get(QObject* context, Done done) {
    ask(false, context, std::move(done));
}

void TokenSource::renew(const Token& refused, QObject* context, Done done) {
    const bool isFirst = m_renewing.empty();
    m_renewing.push_back({context, std::move(done)});
    if (!isFirst) {
        return;
    }
    const auto tell = [this](const Reply& reply) {
        for (const Waiting& one : std::exchange(m_renewing, {})) {
            if (one.context) {
                one.done(reply);
            }
        }
    };
    // Another request may have had it renewed meanwhile.
    ask(false, this, [this, tell, refused](const Reply& known) {
        if (!known || !(*known->value == *refused.value)) {
            tell(known);
            return;
        }
        ask(true, this, tell);
    });
}

void TokenSource::signIn(const Scopes& scopes, QObject* context, Done done) {
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
    const auto tell = [this](const Reply& reply) {
        for (const Waiting& one : std::exchange(m_signingIn, {})) {
            if (one.context) {
                one.done(reply);
            }
        }
    };
    if (problem) {
        tell(base::fail(*problem));
    } else {
        ask(false, this, tell);
    }
}

} // namespace keybearer::mcp
