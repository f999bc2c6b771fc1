#include "app/model/broker_state.h"

#include "app/model/reading.h"

#include <utility>

namespace keybearer::model {
namespace {

using nlohmann::json;

constexpr int kWait = 300;               // seconds; the broker says earlier when there is something
constexpr int kAfterFailure = 60 * 1000; // milliseconds

AccountState accountFrom(const json& row) {
    AccountState account;
    account.name = textOf(row, "account");
    account.provider = textOf(row, "provider");
    account.issuer = textOf(row, "issuer");
    account.reason = textOf(row, "reason");
    account.isSignedIn = textOf(row, "status") != QLatin1String("login_required");
    account.expiresAt = numberOf(row, "expires_at");
    return account;
}

Question questionFrom(const json& row) {
    const json& client = objectOf(row, "client");
    Question question;
    question.id = exactOf(row, "question_id");
    question.clientName = textOf(client, "name");
    question.clientKind = textOf(client, "kind");
    question.clientPath = textOf(client, "path");
    question.exactPath = exactOf(client, "path");
    question.clientProblem = textOf(client, "problem");
    question.isRootOwned = isTrue(client, "root_owned");
    question.isWeak = isTrue(client, "weak");
    for (const json& ancestor : listOf(client, "ancestors")) {
        question.ancestors << textOf(ancestor, "name");
    }
    question.wants = textOf(row, "wants");
    question.purpose = textOf(row, "purpose");
    question.reason = textOf(row, "reason");
    question.scopes = textsOf(row, "scopes");
    question.availableScopes = textsOf(row, "available_scopes");
    question.canBeKept = isTrue(row, "can_be_kept");
    question.hasSession = isTrue(row, "has_session");
    question.waiting = static_cast<int>(numberOf(row, "waiting").value_or(0));
    question.expiresAt = numberOf(row, "expires_at").value_or(0);
    return question;
}

} // namespace

BrokerState::BrokerState(BrokerLink& link, QObject* parent) : QObject(parent), m_link(link) {
    connect(&link, &BrokerLink::stateChanged, this, &BrokerState::linkChanged);
    linkChanged();
}

Mood BrokerState::mood() const {
    if (!m_isLive) {
        return Mood::Gone;
    }
    if (m_isLocked) {
        return Mood::Locked;
    }
    if (!m_questions.isEmpty()) {
        return Mood::Question;
    }
    if (!m_signIns.isEmpty()) {
        return Mood::SignIn;
    }
    return m_policy == QLatin1String("deny") ? Mood::Paused : Mood::Well;
}

void BrokerState::linkChanged() {
    ++m_connection;
    clear();
    if (m_link.state() == BrokerLink::State::Open) {
        askStatus(true);
        attach();
    }
}

void BrokerState::clear() {
    const bool hadQuestions = !m_questions.isEmpty();
    m_isLive = false;
    m_revision.clear();
    m_questionsVersion = 0;
    m_accounts.clear();
    m_signIns.clear();
    m_questions.clear();
    m_policy.clear();
    m_keychainBackend.clear();
    m_keychainState.clear();
    m_approverProblem.clear();
    m_isLocked = false;
    Q_EMIT changed();
    if (hadQuestions) {
        Q_EMIT questionsChanged();
    }
}

void BrokerState::refresh() {
    m_link.call("system.status", json::object(), this, [this, connection = m_connection](const auto& reply) {
        if (reply && connection == m_connection) {
            takeStatus(*reply);
        }
    });
}

void BrokerState::askStatus(bool atOnce) {
    json params{{"wait", kWait}};
    if (!atOnce) {
        params["known_revision"] = m_revision;
    }
    m_link.call("system.status", std::move(params), this, [this, connection = m_connection](const auto& reply) {
        if (connection != m_connection) {
            return;
        }
        if (reply) {
            takeStatus(*reply);
            askStatus(false);
        } else { // an older broker, or one with too much to do
            QTimer::singleShot(kAfterFailure, this, [this, connection] {
                if (connection == m_connection) {
                    askStatus(true);
                }
            });
        }
    });
}

void BrokerState::takeStatus(const json& status) {
    const std::string revision = exactOf(status, "revision");
    if (m_isLive && revision == m_revision) {
        return;
    }
    m_isLive = true;
    m_revision = revision;
    m_accounts.clear();
    for (const json& row : listOf(status, "accounts")) {
        m_accounts << accountFrom(row);
    }
    m_signIns.clear();
    for (const json& row : listOf(status, "sign_in_needed")) {
        m_signIns << WaitingSignIn{textOf(row, "provider"), textOf(row, "account"), textOf(row, "reason")};
    }
    m_policy = textOf(status, "policy");
    m_isLocked = objectOf(status, "locked").contains("since");
    m_keychainBackend = textOf(objectOf(status, "keychain"), "backend");
    m_keychainState = textOf(objectOf(status, "keychain"), "state");
    Q_EMIT changed();
}

void BrokerState::attach() {
    m_link.call("approval.attach", json::object(), this, [this, connection = m_connection](const auto& reply) {
        if (connection != m_connection) {
            return;
        }
        if (!reply) {
            m_approverProblem = shownText(reply.error().message);
            Q_EMIT changed();
            return;
        }
        QStringList grants;
        for (const json& grant : listOf(*reply, "new_grants")) {
            grants << tr("%1 may have %2").arg(textOf(grant, "path"), textOf(grant, "credential"));
        }
        if (!grants.isEmpty()) {
            Q_EMIT grantsWereMade(grants);
        }
        askQuestions();
    });
}

void BrokerState::askQuestions() {
    const json params{{"known_version", m_questionsVersion}, {"wait", kWait}};
    m_link.call("approval.list", params, this, [this, connection = m_connection](const auto& reply) {
        if (connection != m_connection) {
            return;
        }
        if (!reply) {
            m_approverProblem = shownText(reply.error().message);
            Q_EMIT changed();
            return;
        }
        m_questionsVersion = numberOf(*reply, "version").value_or(0);
        m_questions.clear();
        for (const json& row : listOf(*reply, "questions")) {
            m_questions << questionFrom(row);
        }
        Q_EMIT questionsChanged();
        Q_EMIT changed();
        askQuestions();
    });
}

} // namespace keybearer::model
