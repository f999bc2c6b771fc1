#include "app/model/audit_table.h"

#include "app/model/words.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace keybearer::model {
namespace {

constexpr std::array kAuditHeaders{
    QT_TRANSLATE_NOOP("Activity", "Time"),   QT_TRANSLATE_NOOP("Activity", "Program"),
    QT_TRANSLATE_NOOP("Activity", "What"),   QT_TRANSLATE_NOOP("Activity", "Credential"),
    QT_TRANSLATE_NOOP("Activity", "Answer"), QT_TRANSLATE_NOOP("Activity", "Where from"),
};
static_assert(kAuditHeaders.size() == AuditTable::kColumns);

QString cellText(const AuditRow& row, int column) {
    switch (column) {
    case AuditTable::Time: return localTime(row.time);
    case AuditTable::Program: return row.program;
    case AuditTable::What: return eventText(row);
    case AuditTable::Credential: return credentialText(row);
    case AuditTable::Verdict: {
        const QString unusual = unusualText(row);
        return unusual.isEmpty()
                   ? verdictText(row)
                   : QCoreApplication::translate("Activity", "%1; unusual: %2").arg(verdictText(row), unusual);
    }
    default: return row.origin;
    }
}

} // namespace

void AuditTable::setRows(std::vector<AuditRow> rows) {
    const auto isSame = [](const AuditRow& a, const AuditRow& b) { return a.sequence == b.sequence; };
    const auto kept =
        m_rows.empty() ? rows.end() : std::search(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(), isSame);
    if (kept == rows.end()) {
        beginResetModel();
        m_rows = std::move(rows);
        endResetModel();
        return;
    }
    const int newer = static_cast<int>(kept - rows.begin());
    const int all = static_cast<int>(rows.size());
    const int before = static_cast<int>(m_rows.size());
    if (newer > 0) {
        beginInsertRows({}, 0, newer - 1);
        m_rows.insert(m_rows.begin(), rows.begin(), kept);
        endInsertRows();
    }
    if (all > newer + before) {
        beginInsertRows({}, newer + before, all - 1);
        m_rows = std::move(rows);
        endInsertRows();
    }
}

int AuditTable::rowOf(std::int64_t sequence) const {
    const auto found = std::ranges::find(m_rows, sequence, &AuditRow::sequence);
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

int AuditTable::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int AuditTable::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant AuditTable::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) {
        return {};
    }
    const AuditRow& shown = row(index.row());
    switch (role) {
    case Qt::DisplayRole: return cellText(shown, index.column());
    // A line break of ours; whatever else looks like markup came from elsewhere and is shown as it stands.
    case Qt::ToolTipRole: return detailsOf(shown).toHtmlEscaped().replace(QLatin1Char('\n'), QStringLiteral("<br>"));
    case Qt::AccessibleDescriptionRole: return detailsOf(shown);
    case kCredentialRole: return index.column() == Credential ? QVariant(shown.credential) : QVariant();
    default: return {};
    }
}

QVariant AuditTable::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= kColumns) {
        return {};
    }
    return QCoreApplication::translate("Activity", kAuditHeaders[static_cast<std::size_t>(section)]);
}

} // namespace keybearer::model
