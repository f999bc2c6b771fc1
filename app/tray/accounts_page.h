#pragma once
/// \file
/// The page "Accounts and keys".

#include "app/model/credential_calls.h"
#include "app/model/credentials_model.h"
#include "app/model/removals.h"
#include "app/tray/notice_bar.h"
#include "app/tray/page.h"

#include <QAction>
#include <QDialog>
#include <QHBoxLayout>
#include <QPointer>
#include <QSortFilterProxyModel>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>
#include <QToolButton>
#include <QUrl>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace keybearer::tray {

/// Every account and every stored key, and what a person does with them. A removed key stays, struck through, until it
/// cannot be taken back any more: for some seconds, or until the page is out of sight.
class AccountsPage : public Page {
    Q_OBJECT
public:
    /// `grace` is how long a removal can be taken back.
    explicit AccountsPage(model::BrokerState& state, std::chrono::milliseconds grace = model::Removals::kGrace,
                          QWidget* parent = nullptr);
    AccountsPage(const AccountsPage&) = delete;
    AccountsPage& operator=(const AccountsPage&) = delete;
    ~AccountsPage() override;

    void refresh() override;
    void clear() override;

protected:
    void hideEvent(QHideEvent* event) override;

private:
    /// What can be done with a row.
    struct Verb {
        QAction* action;
        bool (*applies)(const model::Credential& row, bool isLeaving);
        QToolButton* button; ///< null: it is in the menu alone
    };

    void build();
    [[nodiscard]] QWidget* buildEmpty();
    [[nodiscard]] QWidget* buildTable();
    void buildVerbs();
    void addButton(QToolButton* button, const QString& name);
    void connectParts();

    void ask(const std::string& method, std::optional<nlohmann::json>& place,
             nlohmann::json params = nlohmann::json::object());
    void showRows();
    void restoreSelection();
    [[nodiscard]] const model::Credential* selected() const;
    void selectionChanged();
    void askFingerprint();
    void removalsChanged();
    void say(const QString& text);

    void addKey();
    void openKeyDialog(bool isNext);
    void signInAgain();
    void rename();
    void askToSignOut();
    void explain();
    void copyName();

    model::CredentialsModel m_model;
    QSortFilterProxyModel* m_sorted;
    model::CredentialCalls m_calls;
    model::Removals m_removals;
    unsigned m_run = 0; ///< answers from before clear() are not shown
    std::optional<nlohmann::json> m_accounts, m_keys, m_providers;
    std::optional<model::CredentialId> m_selected;
    QStringList m_notRemoved;  ///< keys whose removal was given up
    QTimer m_fingerprintPause; ///< each question leaves a line in the audit record: not one for each row on the way
    std::pair<model::CredentialId, std::optional<std::int64_t>> m_asked; ///< the key of the last one, and since when
    QPointer<QDialog> m_dialog; ///< with something in it that is not to be seen when the page is cleared
    QStackedWidget* m_stack;
    QTableView* m_table;
    NoticeBar* m_undo;
    NoticeBar* m_notice;
    QHBoxLayout* m_buttons;
    QList<Verb> m_verbs;
    QToolButton* m_more;
};

} // namespace keybearer::tray
