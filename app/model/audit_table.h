#pragma once
/// \file
/// Rows of the audit record as a table.

#include "app/model/audit_row.h"

#include <QAbstractTableModel>

#include <vector>

namespace keybearer::model {

/// Main thread.
class AuditTable : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Time, Program, What, Credential, Verdict, Origin, kColumns };
    /// QString: AuditRow::credential; only of the column Credential.
    static constexpr int kCredentialRole = Qt::UserRole;

    using QAbstractTableModel::QAbstractTableModel;

    /// The newest first. What stays keeps its place, and with it the view its selection.
    void setRows(std::vector<AuditRow> rows);
    [[nodiscard]] const AuditRow& row(int row) const { return m_rows[static_cast<std::size_t>(row)]; }
    /// -1: it is not here.
    [[nodiscard]] int rowOf(std::int64_t sequence) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<AuditRow> m_rows;
};

} // namespace keybearer::model
