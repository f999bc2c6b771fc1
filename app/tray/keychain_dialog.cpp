#include "app/tray/keychain_dialog.h"

#include "app/model/reading.h"

#include <QFormLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace keybearer::tray {

using namespace Qt::Literals::StringLiterals;

KeychainDialog::KeychainDialog(model::BrokerState& state, QWidget* parent)
    : QDialog(parent),
      m_state(state),
      m_service(new QRadioButton(tr("The desktop's &keyring"))),
      m_sealed(new QRadioButton(tr("A &file, sealed with a passphrase"))),
      m_plain(new QRadioButton(tr("A file that is &not encrypted"))),
      m_passphrase(new QLineEdit),
      m_again(new QLineEdit),
      m_note(new QLabel),
      m_buttons(new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel)) {
    setObjectName(u"keychain"_s);
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Where tokens and keys rest"));
    m_service->setObjectName(u"service"_s);
    m_sealed->setObjectName(u"sealed"_s);
    m_plain->setObjectName(u"plain"_s);
    m_passphrase->setObjectName(u"passphrase"_s);
    m_again->setObjectName(u"passphraseAgain"_s);
    m_note->setObjectName(u"note"_s);
    m_note->setTextFormat(Qt::PlainText);
    m_note->setWordWrap(true);
    for (QLineEdit* line : {m_passphrase, m_again}) {
        line->setEchoMode(QLineEdit::Password);
        connect(line, &QLineEdit::textChanged, this, &KeychainDialog::choiceChanged);
    }
    auto* form = new QFormLayout;
    form->addRow(tr("&Passphrase"), m_passphrase);
    form->addRow(tr("&Once more"), m_again);
    auto* all = new QVBoxLayout(this);
    for (QRadioButton* choice : {m_service, m_sealed, m_plain}) {
        all->addWidget(choice);
        connect(choice, &QRadioButton::toggled, this, &KeychainDialog::choiceChanged);
    }
    all->addLayout(form);
    all->addWidget(m_note);
    all->addWidget(m_buttons);
    (state.keychainBackend() == "secret-service"_L1 ? m_sealed : m_service)->setChecked(true);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &KeychainDialog::move);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &KeychainDialog::reject);
    choiceChanged();
}

void KeychainDialog::choiceChanged() {
    const bool isSealed = m_sealed->isChecked();
    m_passphrase->setEnabled(isSealed);
    m_again->setEnabled(isSealed);
    const bool isSame = m_passphrase->text() == m_again->text();
    m_note->setText(m_plain->isChecked() ? tr("Every program that can read your files could read your tokens.")
                    : isSealed && !isSame && !m_again->text().isEmpty() ? tr("The two are not the same.")
                    : isSealed ? tr("You will be asked for it after each start. Without it nothing can be read again.")
                               : QString());
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(!isSealed || (!m_passphrase->text().isEmpty() && isSame));
}

void KeychainDialog::move() {
    nlohmann::json params{{"backend", m_service->isChecked()  ? "secret-service"
                                      : m_sealed->isChecked() ? "file-sealed"
                                                              : "file-plain"}};
    if (m_sealed->isChecked()) {
        params["passphrase"] = m_passphrase->text().toStdString();
    }
    m_passphrase->clear();
    m_again->clear();
    setEnabled(false);
    m_state.link().call("keychain.migrate", std::move(params), this, [this](const auto& reply) {
        setEnabled(true);
        if (reply) {
            m_state.refresh();
            accept();
        } else {
            choiceChanged();
            m_note->setText(model::shownText(reply.error().message));
        }
    });
}

} // namespace keybearer::tray
