#pragma once
/// \file
/// Which program used which credential when.

#include "app/model/activity_log.h"
#include "app/model/audit_table.h"
#include "app/tray/page.h"
#include "app/tray/program_panel.h"
#include "app/tray/timeline_view.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>

namespace keybearer::tray {

class ActivityPage : public Page {
    Q_OBJECT
public:
    explicit ActivityPage(model::BrokerState& state, QWidget* parent = nullptr);

    void refresh() override;
    void clear() override;

protected:
    void hideEvent(QHideEvent* event) override;

private:
    [[nodiscard]] QLayout* buildFilter();
    [[nodiscard]] QLayout* buildDetails();
    void buildTable();
    void load();
    void rowsChanged();
    void showRows();
    void showChoices();
    void showCurrent();
    void showProgram(const std::string& client, const QString& name);
    [[nodiscard]] model::AuditFilter filter() const;
    [[nodiscard]] std::int64_t length() const;

    model::ActivityLog m_log;
    model::AuditTable m_rows;
    QStringList m_credentials; ///< each has the mark of its place, whatever is filtered
    QComboBox* m_span;
    QComboBox* m_program;
    QComboBox* m_credential;
    QLineEdit* m_text;
    QCheckBox* m_refused;
    QCheckBox* m_unusual;
    QCheckBox* m_management;
    TimelineView* m_timeline;
    QLabel* m_details;
    QPushButton* m_more;
    QTabWidget* m_lower;
    QTableView* m_table;
    QLabel* m_extent;
    QPushButton* m_older;
    ProgramPanel* m_panel;
};

} // namespace keybearer::tray
