#include "app/model/audit_row.h"

#include "app/model/reading.h"
#include "app/model/words.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace keybearer::model {
namespace {

using nlohmann::json;

struct RowWord {
    const char* word; ///< the record's
    const char* text;
};
constexpr std::array kEventWords{
    RowWord{"token.release", QT_TRANSLATE_NOOP("Activity", "Token")},
    RowWord{"credential.release", QT_TRANSLATE_NOOP("Activity", "Key")},
};
constexpr std::array kVerdictWords{
    RowWord{"allow", QT_TRANSLATE_NOOP("Activity", "Allowed")},
    RowWord{"deny", QT_TRANSLATE_NOOP("Activity", "Refused")},
};
constexpr std::array kUnusualWords{
    RowWord{"new_client", QT_TRANSLATE_NOOP("Activity", "first time for this program")},
    RowWord{"burst", QT_TRANSLATE_NOOP("Activity", "many at once")},
    RowWord{"new_hour", QT_TRANSLATE_NOOP("Activity", "new hour of the day")},
};

QString inWords(const auto& table, const QString& word) {
    const auto found = std::ranges::find_if(table, [&](const RowWord& one) { return word == QLatin1String(one.word); });
    return found == table.end() ? word : QCoreApplication::translate("Activity", found->text);
}

/// "api_key from store, base_url from default"
QString originOf(const json& row) {
    const QStringList fields = textOf(row, "fields").split(QLatin1Char(','), Qt::SkipEmptyParts);
    const QStringList layers = textOf(row, "layers").split(QLatin1Char(','));
    QStringList origins;
    if (const QString source = textOf(row, "source"); !source.isEmpty()) {
        origins << source;
    }
    for (qsizetype i = 0; i < fields.size(); ++i) {
        origins << QCoreApplication::translate("Activity", "%1 from %2").arg(fields[i], layers.value(i));
    }
    return origins.join(QStringLiteral(", "));
}

} // namespace

bool AuditRow::isRelease() const {
    return std::ranges::any_of(kEventWords, [this](const RowWord& one) { return event == QLatin1String(one.word); });
}

AuditRow auditRowFrom(const json& row) {
    AuditRow out;
    out.sequence = numberOf(row, "sequence").value_or(0);
    out.time = numberOf(row, "time").value_or(0);
    out.pid = numberOf(row, "pid").value_or(0);
    const std::string exe = exactOf(row, "exe");
    const std::string key = exactOf(row, "client_key");
    out.client = key.empty() ? exe : exe + "#" + key;
    out.path = shownText(exe);
    out.program = shownText(exe.substr(exe.rfind('/') + 1));
    if (out.program.isEmpty()) {
        out.program = QCoreApplication::translate("Activity", "process %1").arg(out.pid);
    }
    out.clientKey = shownText(key);
    if (!key.empty()) {
        out.program = QCoreApplication::translate("Activity", "%1 with key %2").arg(out.program, out.clientKey);
    }
    out.event = textOf(row, "event");
    out.verdict = textOf(row, "verdict");
    out.reason = textOf(row, "reason");
    out.credential = textOf(row, "credential");
    out.account = textOf(row, "account");
    out.purpose = textOf(row, "purpose");
    out.grant = textOf(row, "grant");
    out.origin = originOf(row);
    out.unusual = textsOf(row, "unusual");
    return out;
}

QString eventText(const AuditRow& row) {
    return inWords(kEventWords, row.event);
}

QString verdictText(const AuditRow& row) {
    return inWords(kVerdictWords, row.verdict);
}

QString unusualText(const AuditRow& row) {
    QStringList texts;
    for (const QString& word : row.unusual) {
        texts << inWords(kUnusualWords, word);
    }
    return texts.join(QStringLiteral(", "));
}

QString credentialText(const AuditRow& row) {
    if (row.account.isEmpty() || row.account == row.credential) {
        return row.credential;
    }
    return QCoreApplication::translate("Activity", "%1 of %2").arg(row.credential, row.account);
}

QString summaryOf(const AuditRow& row) {
    QStringList parts{localTime(row.time), row.program, eventText(row)};
    for (const QString& part : {credentialText(row), verdictText(row), unusualText(row)}) {
        if (!part.isEmpty()) {
            parts << part;
        }
    }
    return parts.join(QStringLiteral(" · "));
}

QString detailsOf(const AuditRow& row) {
    struct Line {
        const char* text;
        QString value;
    };
    const std::array lines{
        Line{QT_TRANSLATE_NOOP("Activity", "Where from: %1"), row.origin},
        Line{QT_TRANSLATE_NOOP("Activity", "Why: %1"), row.reason},
        Line{QT_TRANSLATE_NOOP("Activity", "It said: “%1”"), row.purpose},
        Line{QT_TRANSLATE_NOOP("Activity", "Grant: %1"), row.grant},
        Line{QT_TRANSLATE_NOOP("Activity", "File: %1"), row.path},
        Line{QT_TRANSLATE_NOOP("Activity", "Process: %1"), row.pid == 0 ? QString() : QString::number(row.pid)},
    };
    QStringList out{summaryOf(row)};
    for (const Line& line : lines) {
        if (!line.value.isEmpty()) {
            out << QCoreApplication::translate("Activity", line.text).arg(line.value);
        }
    }
    return out.join(QLatin1Char('\n'));
}

bool passes(const AuditFilter& filter, const AuditRow& row) {
    if (!filter.withManagement && !row.isRelease() && !row.isRefused()) {
        return false;
    }
    if ((filter.refusedOnly && !row.isRefused()) || (filter.unusualOnly && row.unusual.isEmpty()) ||
        (!filter.client.empty() && filter.client != row.client) ||
        (!filter.credential.isEmpty() && filter.credential != row.credential)) {
        return false;
    }
    return filter.text.isEmpty() || detailsOf(row).contains(filter.text, Qt::CaseInsensitive);
}

} // namespace keybearer::model
