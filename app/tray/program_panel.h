#pragma once
/// \file
/// One program: what it ever received, what it may have, and the switch that takes all of it back.

#include "app/model/broker_link.h"
#include "app/model/program_report.h"

#include <QLabel>
#include <QPushButton>
#include <QTextEdit>
#include <QTreeWidget>
#include <QWidget>

namespace keybearer::tray {

/// Main thread. It asks when a program is shown, and after something was taken back.
class ProgramPanel : public QWidget {
    Q_OBJECT
public:
    /// The link outlives it.
    explicit ProgramPanel(model::BrokerLink& link, QWidget* parent = nullptr);

    /// `client` as AuditRow has it, `name` for the person.
    void showProgram(const std::string& client, const QString& name);
    void clear();

Q_SIGNALS:
    void failed(const client::Error& error);

private:
    [[nodiscard]] QWidget* buildQuestion();
    void ask();
    void showLeases(const nlohmann::json& answer);
    void showGrants(const nlohmann::json& answer);
    void showTaken(const std::vector<model::TakenLine>& lines);
    void revokeGrant();
    void askWhether(bool isAsked);
    void revokeAll();
    void enable();

    model::BrokerLink& m_link;
    std::string m_client;
    unsigned m_run = 0; ///< answers about another program are of no interest
    bool m_isBusy = false;
    QLabel* m_title;
    QLabel* m_note;
    QTreeWidget* m_leases;
    QTreeWidget* m_grants;
    QPushButton* m_revokeGrant;
    QPushButton* m_revokeAll;
    QWidget* m_question;
    QLabel* m_sure;
    QPushButton* m_yes;
    QPushButton* m_no;
    QLabel* m_outcome;
    QTextEdit* m_taken;
};

} // namespace keybearer::tray
