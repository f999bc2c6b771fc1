#pragma once
/// \file
/// What is wrong, and a button for each thing that can be mended from here.

#include "app/tray/page.h"

#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace keybearer::tray {

/// Main thread. It checks when it comes into view, and when the person asks for it.
class DoctorPage : public Page {
    Q_OBJECT
public:
    explicit DoctorPage(model::BrokerState& state, QWidget* parent = nullptr);

    void refresh() override;
    void clear() override;

private:
    void run();
    void show(const nlohmann::json& checks);
    void addCheck(const nlohmann::json& check);
    /// Null when this window cannot do it.
    [[nodiscard]] QPushButton* mendButton(const nlohmann::json& check);
    void mend(const nlohmann::json& action);
    void call(const char* method, nlohmann::json params);

    QLabel* m_summary;
    QCheckBox* m_network;
    QPushButton* m_again;
    QWidget* m_list;
    QVBoxLayout* m_rows;
    bool m_isRunning = false;
};

} // namespace keybearer::tray
