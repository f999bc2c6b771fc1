#pragma once
/// \file
/// Rows of the audit record (audit.query), as the window shows them.

#include <QString>
#include <QStringList>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace keybearer::model {

struct AuditRow {
    std::int64_t sequence = 0; ///< number in the record; larger is later
    std::int64_t time = 0;     ///< UTC seconds
    std::int64_t pid = 0;
    std::string client; ///< as lease.list has it: the path in its own bytes, "#" and a client key's id behind it
    QString program;    ///< its file name, or its number where there is none
    QString path;
    QString event, verdict, reason, credential, account, purpose, grant, clientKey;
    QString origin; ///< "cache", "api_key from store"
    QStringList unusual;

    [[nodiscard]] bool isRefused() const { return verdict == QLatin1String("deny"); }
    /// A credential was given out, or was to be.
    [[nodiscard]] bool isRelease() const;
};

/// Members that are missing or of another type are empty.
[[nodiscard]] AuditRow auditRowFrom(const nlohmann::json& row);

/// In words.
[[nodiscard]] QString eventText(const AuditRow& row);
[[nodiscard]] QString verdictText(const AuditRow& row);
[[nodiscard]] QString unusualText(const AuditRow& row);
/// Name of what was wanted, and the account that it comes from where that is another name.
[[nodiscard]] QString credentialText(const AuditRow& row);
/// One line.
[[nodiscard]] QString summaryOf(const AuditRow& row);
/// All that the row says, a line for each thing.
[[nodiscard]] QString detailsOf(const AuditRow& row);

/// What of the record is to be seen. Empty: all.
struct AuditFilter {
    std::string client; ///< AuditRow::client
    QString credential; ///< AuditRow::credential
    QString text;       ///< a part of anything that is shown, in either case of letters
    bool refusedOnly = false;
    bool unusualOnly = false;
    bool withManagement = false; ///< what was managed, too, and what the record says about itself
};

[[nodiscard]] bool passes(const AuditFilter& filter, const AuditRow& row);

} // namespace keybearer::model
