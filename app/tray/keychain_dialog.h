#pragma once
/// \file
/// Where tokens and keys of the vault rest: choosing a keychain, or moving everything to another.

#include "app/model/broker_state.h"

#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QRadioButton>

namespace keybearer::tray {

/// Main thread. Deletes itself when it is closed. The state outlives it.
class KeychainDialog : public QDialog {
    Q_OBJECT
public:
    explicit KeychainDialog(model::BrokerState& state, QWidget* parent = nullptr);

private:
    void choiceChanged();
    void move();

    model::BrokerState& m_state;
    QRadioButton* m_service;
    QRadioButton* m_sealed;
    QRadioButton* m_plain;
    QLineEdit* m_passphrase;
    QLineEdit* m_again;
    QLabel* m_note;
    QDialogButtonBox* m_buttons;
};

} // namespace keybearer::tray
