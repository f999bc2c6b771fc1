#include "app/tray/unlock.h"

#include <QCoreApplication>
#include <QInputDialog>
#include <QLineEdit>

#include <utility>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

QString words(const char* text) {
    return QCoreApplication::translate("Unlock", text);
}

} // namespace

void askToUnlock(model::BrokerState& state, QWidget* parent, std::function<void(const client::Error&)> failed) {
    const auto unlock = [&state, failed = std::move(failed)](nlohmann::json params) {
        state.link().call("system.unlock", std::move(params), &state, [failed](const auto& reply) {
            if (!reply) {
                failed(reply.error());
            }
        });
    };
    if (state.keychainBackend() != "file-sealed"_L1) {
        unlock(nlohmann::json::object());
        return;
    }
    auto* dialog = new QInputDialog(parent);
    dialog->setObjectName(u"unlock"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(words(QT_TRANSLATE_NOOP("Unlock", "Unlock Keybearer")));
    dialog->setLabelText(words(QT_TRANSLATE_NOOP("Unlock", "Passphrase of the keychain file:")));
    dialog->setTextEchoMode(QLineEdit::Password);
    QObject::connect(dialog, &QInputDialog::textValueSelected, dialog, [dialog, unlock](const QString& text) {
        unlock({{"passphrase", text.toStdString()}});
        dialog->setTextValue({});
    });
    dialog->open();
    dialog->raise();
    dialog->activateWindow();
}

} // namespace keybearer::tray
