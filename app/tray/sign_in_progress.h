#pragma once
/// \file
/// The second half of a sign-in: what the person has to do now, how much time is left, and how it ended.

#include "app/model/login_flow.h"
#include "app/tray/form.h"

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTimer>
#include <QWidget>

namespace keybearer::tray {

/// Main thread.
class SignInProgress : public QWidget {
    Q_OBJECT
public:
    /// The flow outlives it.
    explicit SignInProgress(model::LoginFlow& flow, QWidget* parent = nullptr);

    /// No browser could be opened.
    void browserFailed();

Q_SIGNALS:
    void browserWanted(const QUrl& url);
    /// Begin anew, in this way.
    void startWanted(const model::LoginRequest& request, const base::Secret& clientSecret);
    void closeWanted();

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void build();
    void flowChanged();
    void showWaiting();
    void showFailed();
    void showTime();
    void tryAgain(bool device);

    model::LoginFlow& m_flow;
    QLabel* m_title;
    QLabel* m_text;
    QLabel* m_where;
    QLabel* m_account;
    QLabel* m_scopes;
    QLabel* m_code;
    QLabel* m_qr;
    QLabel* m_time;
    Form* m_form;
    QLineEdit* m_clientId;
    QLineEdit* m_clientSecret;
    QPushButton* m_open;
    QPushButton* m_copy;
    QPushButton* m_device;
    QPushButton* m_again;
    QPushButton* m_close;
    QTimer m_second;
};

} // namespace keybearer::tray
