#pragma once
/// \file
/// What a person can change without an editor.

#include "app/tray/autostart.h"
#include "app/tray/page.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHash>
#include <QLabel>
#include <QPushButton>

namespace keybearer::tray {

/// Main thread. What config.toml decides is shown and cannot be changed here.
class SettingsPage : public Page {
    Q_OBJECT
public:
    explicit SettingsPage(model::BrokerState& state, QWidget* parent = nullptr);

    void refresh() override;
    void clear() override;

private:
    [[nodiscard]] QWidget* buildPrograms();
    [[nodiscard]] QWidget* buildLock();
    [[nodiscard]] QWidget* buildKeychain();
    [[nodiscard]] QWidget* buildSession();
    [[nodiscard]] QCheckBox* addSwitch(const QString& name, const QString& text);
    void showPolicy(const nlohmann::json& policy);
    void showSettings(const nlohmann::json& settings);
    void change(const char* method, nlohmann::json params);

    QComboBox* m_policy;
    QComboBox* m_shadow;
    QHash<QString, QCheckBox*> m_switches; ///< by the setting's name
    QLabel* m_keychain;
    QPushButton* m_move;
    QCheckBox* m_autostart;
    QLabel* m_fixed;
};

} // namespace keybearer::tray
