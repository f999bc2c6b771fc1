#pragma once
/// \file
/// The table of accounts and keys.

#include "app/model/credentials.h"

#include <QAbstractTableModel>

namespace keybearer::model {

/// Main thread. A name can be edited: renameWanted() says so, and the row keeps its name until the broker has another.
class CredentialsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Provider, Status, Identity, Set, Used, Ends, ColumnCount };
    /// What a column is sorted by: texts, and times in UTC seconds with the unknown ones last.
    static constexpr int kSortRole = Qt::UserRole;
    static constexpr int kLeavingRole = Qt::UserRole + 1; ///< whether the row is being removed

    using QAbstractTableModel::QAbstractTableModel;

    /// The same list with other contents keeps its rows, and with them the selection; fingerprints stay with values
    /// that are the same.
    void setCredentials(QList<Credential> credentials);
    /// Those that are being removed.
    void setLeaving(QList<CredentialId> leaving);
    void setFingerprint(const CredentialId& id, const QString& fingerprint);

    [[nodiscard]] const Credential* at(int row) const;
    /// -1: it is not there.
    [[nodiscard]] int rowOf(const CredentialId& id) const;
    [[nodiscard]] bool isLeaving(const CredentialId& id) const { return m_leaving.contains(id); }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;

Q_SIGNALS:
    void renameWanted(const keybearer::model::CredentialId& id, const QString& newName);

private:
    [[nodiscard]] QString textAt(const Credential& row, int column) const;
    [[nodiscard]] QString toolTipAt(const Credential& row, int column) const;
    [[nodiscard]] QString statusOf(const Credential& row) const;
    [[nodiscard]] QVariant sortKey(const Credential& row, int column) const;
    void rowsChanged(int first, int last);

    QList<Credential> m_rows;
    QList<CredentialId> m_leaving;
};

} // namespace keybearer::model
