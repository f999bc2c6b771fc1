#include "app/model/credentials_model.h"

#include "app/model/reading.h"
#include "app/model/words.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace keybearer::model {
namespace {

const std::optional<std::int64_t>& timeOf(const Credential& row, int column) {
    switch (column) {
    case CredentialsModel::Set: return row.setAt;
    case CredentialsModel::Used: return row.usedAt;
    default: return row.sessionEnd;
    }
}

bool isTime(int column) {
    return column == CredentialsModel::Set || column == CredentialsModel::Used || column == CredentialsModel::Ends;
}

} // namespace

void CredentialsModel::setCredentials(QList<Credential> credentials) {
    for (Credential& row : credentials) {
        const Credential* before = at(rowOf(row.id));
        if (before != nullptr && before->setAt == row.setAt && before->previews == row.previews) {
            row.fingerprint = before->fingerprint;
        }
    }
    const auto isSame = [](const Credential& one, const Credential& other) { return one.id == other.id; };
    if (std::ranges::equal(m_rows, credentials, isSame)) {
        for (int row = 0; row < m_rows.size(); ++row) {
            if (m_rows[row] != credentials[row]) { // a name that is just being typed elsewhere stays
                m_rows[row] = credentials[row];
                rowsChanged(row, row);
            }
        }
        return;
    }
    beginResetModel();
    m_rows = std::move(credentials);
    endResetModel();
}

void CredentialsModel::setLeaving(QList<CredentialId> leaving) {
    m_leaving = std::move(leaving);
    if (!m_rows.isEmpty()) {
        rowsChanged(0, rowCount() - 1);
    }
}

void CredentialsModel::setFingerprint(const CredentialId& id, const QString& fingerprint) {
    const int row = rowOf(id);
    if (row >= 0) {
        m_rows[row].fingerprint = fingerprint;
        rowsChanged(row, row);
    }
}

void CredentialsModel::rowsChanged(int first, int last) {
    Q_EMIT dataChanged(index(first, 0), index(last, ColumnCount - 1));
}

const Credential* CredentialsModel::at(int row) const {
    return row >= 0 && row < m_rows.size() ? &m_rows[row] : nullptr;
}

int CredentialsModel::rowOf(const CredentialId& id) const {
    const auto found = std::ranges::find(m_rows, id, &Credential::id);
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

int CredentialsModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int CredentialsModel::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant CredentialsModel::data(const QModelIndex& index, int role) const {
    const Credential* row = at(index.row());
    if (row == nullptr) {
        return {};
    }
    switch (role) {
    case Qt::DisplayRole: return textAt(*row, index.column());
    case Qt::EditRole: return index.column() == Name ? QVariant(QString::fromStdString(row->id.name)) : QVariant();
    case Qt::ToolTipRole: return toolTipAt(*row, index.column());
    case kSortRole: return sortKey(*row, index.column());
    case kLeavingRole: return isLeaving(row->id);
    default: return {};
    }
}

QString CredentialsModel::textAt(const Credential& row, int column) const {
    switch (column) {
    case Name: return row.name;
    case Provider: return row.providerName;
    case Status: return statusOf(row);
    case Identity:
        return row.fingerprint.isEmpty() ? row.identity : QStringLiteral("%1  [%2]").arg(row.identity, row.fingerprint);
    case Set: return row.setAt ? relativeTime(*row.setAt, currentTime()) : QString();
    case Used: return row.usedAt ? relativeTime(*row.usedAt, currentTime()) : tr("never");
    case Ends:
        if (row.id.isKey()) {
            return tr("no end known");
        }
        if (!row.isSignedIn) {
            return {};
        }
        if (row.sessionEnd) {
            return tr("ends %1").arg(relativeTime(*row.sessionEnd, currentTime()));
        }
        return row.isRenewed ? tr("renews itself") : tr("is not renewed");
    default: return {};
    }
}

QString CredentialsModel::statusOf(const Credential& row) const {
    if (isLeaving(row.id)) {
        return tr("being removed");
    }
    if (!row.id.isKey()) {
        return row.isSignedIn ? tr("signed in") : tr("sign-in needed");
    }
    QStringList words{row.id.isShared       ? tr("key, shared")
                      : row.id.isOfTenant() ? tr("key of %1").arg(shownText(row.id.tenant))
                                            : tr("key")};
    if (row.isForTest) {
        words << tr("for test");
    }
    if (row.previews.empty()) {
        words << tr("only a value to follow");
    } else if (row.hasNext) {
        words << tr("another is ready");
    }
    return words.join(QStringLiteral(", "));
}

QString CredentialsModel::toolTipAt(const Credential& row, int column) const {
    if (isTime(column)) {
        const auto& time = timeOf(row, column);
        return time ? localTime(*time) : QString();
    }
    switch (column) {
    case Status: return row.reason;
    case Identity: return row.id.isKey() ? row.details : QString();
    default: return {};
    }
}

QVariant CredentialsModel::sortKey(const Credential& row, int column) const {
    if (isTime(column)) {
        return qlonglong{timeOf(row, column).value_or(std::numeric_limits<std::int64_t>::max())};
    }
    return textAt(row, column);
}

QVariant CredentialsModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
    case Name: return tr("Name");
    case Provider: return tr("Provider");
    case Status: return tr("Status");
    case Identity: return tr("Account or key");
    case Set: return tr("Set");
    case Used: return tr("Last used");
    case Ends: return tr("Ends");
    default: return {};
    }
}

Qt::ItemFlags CredentialsModel::flags(const QModelIndex& index) const {
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    const Credential* row = at(index.row());
    flags.setFlag(Qt::ItemIsEditable, row != nullptr && index.column() == Name && !isLeaving(row->id));
    return flags;
}

bool CredentialsModel::setData(const QModelIndex& index, const QVariant& value, int role) {
    const Credential* row = at(index.row());
    const QString newName = value.toString().trimmed();
    if (role != Qt::EditRole || row == nullptr || !flags(index).testFlag(Qt::ItemIsEditable) || newName.isEmpty() ||
        newName.toStdString() == row->id.name) {
        return false;
    }
    Q_EMIT renameWanted(row->id, newName);
    return true;
}

} // namespace keybearer::model
