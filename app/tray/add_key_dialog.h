#pragma once
/// \file
/// Storing a key: a new one, another value for one that is there, or the value that is to follow.

#include "app/model/credentials.h"
#include "app/model/key_form.h"
#include "app/tray/key_field_edit.h"
#include "app/tray/provider_list.h"

#include <QCheckBox>
#include <QDialog>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QUrl>

namespace keybearer::tray {

/// Main thread. One dialog for one key: it deletes itself when it has been closed and the broker has answered.
class AddKeyDialog : public QDialog {
    Q_OBJECT
public:
    /// The link outlives it.
    explicit AddKeyDialog(model::BrokerLink& link, QWidget* parent = nullptr);

    /// A new key; `there` are those that it must not overwrite.
    void add(QList<model::CredentialId> there);
    /// Another value for this key, or the one that is to follow it.
    void change(const model::Credential& key, bool isNext);

    void done(int result) override;

Q_SIGNALS:
    void saved();
    void browserWanted(const QUrl& url);

private:
    [[nodiscard]] QWidget* buildForm();
    void addTenant();
    void askFor(const std::string& provider);
    void showForm(const model::KeyForm& form);
    void addFields();
    void formChanged();
    [[nodiscard]] QString problem() const;
    [[nodiscard]] std::string tenant() const;
    [[nodiscard]] bool canSave() const;
    void goOn();
    void save();
    void answered(const model::BrokerLink::Reply& reply);
    void say(const QString& text);

    model::BrokerLink& m_link;
    QList<model::CredentialId> m_there;
    model::Credential m_changed; ///< the key that gets another value; without a provider: a new key
    bool m_isNext = false;
    bool m_isSaving = false;
    bool m_isSaved = false;
    model::KeyForm m_keyForm;
    QList<KeyFieldEdit*> m_edits;
    QStackedWidget* m_stack;
    ProviderList* m_providers;
    QLabel* m_title;
    QFormLayout* m_form;
    QLineEdit* m_name;
    QLineEdit* m_tenant = nullptr; ///< for who has tenants
    QCheckBox* m_forTest;
    QPushButton* m_dashboard;
    QLabel* m_message;
    QPushButton* m_back;
    QPushButton* m_go; ///< "Continue", then "Save"
    QPushButton* m_close;
};

} // namespace keybearer::tray
