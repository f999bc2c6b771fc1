#pragma once
/// \file
/// Signing in: choose where, follow it, and hear how it ended.

#include "app/model/broker_state.h"
#include "app/model/login_flow.h"
#include "app/tray/provider_list.h"
#include "app/tray/sign_in_progress.h"

#include <QDialog>
#include <QLineEdit>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>

namespace keybearer::tray {

/// Main thread. One dialog, used again for each sign-in. Closing it cancels what is under way.
class SignInDialog : public QDialog {
    Q_OBJECT
public:
    /// State and settings outlive it.
    SignInDialog(model::BrokerState& state, QSettings& settings, QWidget* parent = nullptr);

    /// Lets the person choose.
    void choose();
    /// No browser could be opened for the sign-in that is under way.
    void browserFailed() { m_progress->browserFailed(); }
    /// Begins at once: the person has said where. The window comes to the front when a sign-in is under way.
    void begin(const QString& provider, const QString& account);

Q_SIGNALS:
    void browserWanted(const QUrl& url);

public Q_SLOTS:
    void reject() override;

private:
    [[nodiscard]] QWidget* buildChoice();
    void choiceChanged();
    void continueChoice();
    void start(model::LoginRequest request);
    void remember(const QString& provider);
    void flowChanged();

    model::BrokerState& m_state;
    QSettings& m_settings;
    model::LoginFlow m_flow;
    QStackedWidget* m_stack;
    ProviderList* m_providers;
    QWidget* m_other;
    QLineEdit* m_issuer;
    QLineEdit* m_clientId;
    QLineEdit* m_account;
    QPushButton* m_continue;
    SignInProgress* m_progress;
};

} // namespace keybearer::tray
