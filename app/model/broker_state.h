#pragma once
/// \file
/// What the broker says about itself, as long as it says it: the accounts, what waits for a person, and the questions.

#include "app/model/broker_link.h"

#include <QList>
#include <QString>
#include <QStringList>

#include <cstdint>
#include <optional>
#include <string>

namespace keybearer::model {

struct AccountState {
    QString name;
    QString provider; ///< its name, or the issuer
    QString issuer;
    QString reason; ///< why it has to sign in again; empty: it has not
    bool isSignedIn = false;
    std::optional<std::int64_t> expiresAt; ///< of the cached access token, UTC seconds
};

struct WaitingSignIn {
    QString provider;
    QString account;
    QString reason; ///< as PROTOCOL.md has it: "ended", "screen_locked", "not_answered"
};

/// A program's question, as approval.list has it.
struct Question {
    std::string id;
    QString clientName, clientKind, clientPath, clientProblem;
    std::string exactPath; ///< of the client's file, in its own bytes
    bool isRootOwned = false;
    bool isWeak = false;
    QStringList ancestors; ///< its parent first
    QString wants, purpose, reason;
    QStringList scopes;
    QStringList availableScopes; ///< of the account, where `scopes` is empty
    bool canBeKept = false;
    bool hasSession = false;
    int waiting = 0; ///< calls; 0: they were refused, and may be repeated
    std::int64_t expiresAt = 0;
};

/// What a glance at the icon must tell, the most urgent first.
enum class Mood { Gone, Locked, Question, SignIn, Paused, Well };

/// Main thread. It asks, and waits for the answer to change: no timer runs while nothing happens. Without a connection
/// everything in it is empty.
class BrokerState : public QObject {
    Q_OBJECT
public:
    /// The link outlives it.
    explicit BrokerState(BrokerLink& link, QObject* parent = nullptr);

    [[nodiscard]] BrokerLink& link() const noexcept { return m_link; }
    /// False until the broker has answered for the first time, and while there is no connection.
    [[nodiscard]] bool isLive() const noexcept { return m_isLive; }
    [[nodiscard]] Mood mood() const;
    [[nodiscard]] const QList<AccountState>& accounts() const noexcept { return m_accounts; }
    [[nodiscard]] const QList<WaitingSignIn>& signIns() const noexcept { return m_signIns; }
    [[nodiscard]] const QList<Question>& questions() const noexcept { return m_questions; }
    [[nodiscard]] const QString& policy() const noexcept { return m_policy; }
    [[nodiscard]] bool isLocked() const noexcept { return m_isLocked; }
    /// "secret-service", "file-sealed", "file-plain", "unset", and its state, as system.status has them.
    [[nodiscard]] const QString& keychainBackend() const noexcept { return m_keychainBackend; }
    [[nodiscard]] const QString& keychainState() const noexcept { return m_keychainState; }
    /// Why questions cannot be answered here; empty: they can.
    [[nodiscard]] const QString& approverProblem() const noexcept { return m_approverProblem; }

    /// Asks again now.
    void refresh();

Q_SIGNALS:
    void changed();
    /// A question came, went, or is waited for by more or fewer calls.
    void questionsChanged();
    /// Sentences about grants that were made while nobody was asked.
    void grantsWereMade(const QStringList& grants);

private:
    void linkChanged();
    void askStatus(bool atOnce);
    void takeStatus(const nlohmann::json& status);
    void attach();
    void askQuestions();
    void clear();

    BrokerLink& m_link;
    unsigned m_connection = 0; ///< answers of an earlier one are not this one's
    bool m_isLive = false;
    std::string m_revision;
    std::int64_t m_questionsVersion = 0;
    QList<AccountState> m_accounts;
    QList<WaitingSignIn> m_signIns;
    QList<Question> m_questions;
    QString m_policy, m_keychainBackend, m_keychainState, m_approverProblem;
    bool m_isLocked = false;
};

} // namespace keybearer::model
