#include "app/model/login_flow.h"

#include "app/common/browser.h"
#include "app/model/reading.h"
#include "ipc/protocol/errors.h"

#include <QPointer>

#include <utility>

namespace keybearer::model {
namespace {

using nlohmann::json;

constexpr int kLoginWait = 300; // seconds; the broker says earlier when there is something

json paramsOf(const LoginRequest& request) {
    json params{{"provider", request.provider}, {"attended", true}};
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) {
            params[name] = value;
        }
    };
    add("account", request.account);
    add("client_id", request.clientId);
    if (request.device) {
        params["flow"] = "device";
    }
    if (request.fresh) {
        params["fresh"] = true;
    }
    return params;
}

client::Error errorIn(const json& status) {
    const json& error = objectOf(status, "error");
    const std::string kind = exactOf(error, "kind");
    const protocol::ErrorInfo* known = protocol::errorByName(kind);
    return {kind.empty() ? "login_failed" : kind, exactOf(error, "message"), json::object(),
            known != nullptr ? known->exitCode : 1};
}

} // namespace

LoginFlow::LoginFlow(BrokerLink& link, QObject* parent) : QObject(parent), m_link(link) {}

LoginFlow::~LoginFlow() {
    leave();
}

bool LoginFlow::isUnderWay() const noexcept {
    return m_stage == Stage::Starting || m_stage == Stage::Waiting || m_stage == Stage::Exchanging;
}

/// The broker closes its listener when the last who waits for the sign-in has gone.
void LoginFlow::leave() {
    ++m_run;
    if (isUnderWay() && !m_loginId.empty()) {
        m_link.call("account.login_cancel", {{"login_id", m_loginId}}, &m_link, [](const auto&) {});
    }
    m_loginId.clear();
}

void LoginFlow::start(LoginRequest request, const base::Secret& clientSecret) {
    leave();
    m_request = std::move(request);
    m_url.clear();
    m_error = {};
    m_label.clear();
    m_credential.clear();
    json params = paramsOf(m_request);
    if (!clientSecret.empty()) {
        params["client_secret"] = std::string(clientSecret.reveal());
    }
    become(Stage::Starting);
    m_link.call("account.login", std::move(params), this, [this, run = m_run](const auto& reply) {
        if (run == m_run) {
            begun(reply);
        } else if (reply) { // cancelled before it had begun
            m_link.call("account.login_cancel", {{"login_id", exactOf(*reply, "login_id")}}, &m_link,
                        [](const auto&) {});
        }
    });
}

void LoginFlow::begun(const BrokerLink::Reply& reply) {
    if (!reply) {
        fail(reply.error());
        return;
    }
    m_loginId = exactOf(*reply, "login_id");
    m_isJoined = isTrue(*reply, "joined");
    m_account = textOf(*reply, "account");
    m_issuer = textOf(*reply, "issuer");
    m_scopes = textsOf(*reply, "scopes");
    m_userCode = textOf(*reply, "user_code");
    m_verificationUri = textOf(*reply, "verification_uri");
    m_expiresAt = numberOf(*reply, "expires_at").value_or(0);
    m_state = "waiting_for_browser";
    takeUrl(*reply);
    become(Stage::Waiting);
    if (!m_request.device && !m_isJoined && !isTrue(*reply, "screen_locked") && m_url.isValid()) {
        Q_EMIT browserWanted(m_url);
    }
    follow();
}

void LoginFlow::takeUrl(const json& answer) {
    m_isUrlGoodOnce = numberOf(answer, "url_expires_at").has_value();
    // The broker has checked it; what is handed to another program is checked once more.
    if (const std::string url = exactOf(answer, "authorization_url"); common::isWebUrl(url)) {
        m_url = QUrl(QString::fromStdString(url), QUrl::StrictMode);
    }
}

void LoginFlow::withUrl(QObject* context, std::function<void(const QUrl&)> use) {
    if (!m_isUrlGoodOnce) {
        use(m_url);
        return;
    }
    m_link.call("account.login_url", {{"login_id", m_loginId}}, this,
                [this, run = m_run, context = QPointer<QObject>(context), use = std::move(use)](const auto& reply) {
                    if (run != m_run || !context) {
                        return;
                    }
                    if (reply) {
                        takeUrl(*reply);
                    }
                    use(m_url); // the earlier one may still open
                });
}

void LoginFlow::follow() {
    const json params{{"login_id", m_loginId}, {"known_state", m_state}, {"wait", kLoginWait}};
    m_link.call("account.login_status", params, this, [this, run = m_run](const auto& reply) {
        if (run != m_run) {
            return;
        }
        if (!reply) {
            fail(reply.error());
            return;
        }
        take(*reply);
    });
}

void LoginFlow::take(const json& status) {
    m_state = exactOf(status, "state");
    if (m_state == "done") {
        m_account = textOf(status, "account");
        m_label = textOf(status, "label");
        m_credential = textOf(status, "credential");
        m_loginId.clear();
        become(Stage::Done);
    } else if (m_state == "failed") {
        fail(errorIn(status));
    } else if (m_state == "cancelled") {
        m_loginId.clear();
        become(Stage::Cancelled);
    } else {
        become(m_state == "exchanging" ? Stage::Exchanging : Stage::Waiting);
        follow();
    }
}

void LoginFlow::fail(client::Error error) {
    m_loginId.clear();
    m_error = std::move(error);
    become(Stage::Failed);
}

void LoginFlow::cancel() {
    if (isUnderWay()) {
        leave();
        become(Stage::Cancelled);
    }
}

void LoginFlow::become(Stage stage) {
    m_stage = stage;
    Q_EMIT changed();
}

} // namespace keybearer::model
