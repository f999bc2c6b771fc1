#include "app/model/program_report.h"

#include "app/model/reading.h"
#include "app/model/words.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>

namespace keybearer::model {
namespace {

using nlohmann::json;

struct StateWord {
    const char* word; ///< lease.list's, or grant.list's
    const char* text;
};
constexpr std::array kStateWords{
    StateWord{"valid", QT_TRANSLATE_NOOP("Program", "still works")},
    StateWord{"expired", QT_TRANSLATE_NOOP("Program", "expired")},
    StateWord{"revoked", QT_TRANSLATE_NOOP("Program", "revoked")},
    StateWord{"replaced", QT_TRANSLATE_NOOP("Program", "replaced by another")},
    StateWord{"removed", QT_TRANSLATE_NOOP("Program", "removed here; it may still work")},
    StateWord{"signed_out", QT_TRANSLATE_NOOP("Program", "signed out; it may still work")},
    StateWord{"unknown", QT_TRANSLATE_NOOP("Program", "not known")},
};
constexpr std::array kGrantSpans{
    StateWord{"once", QT_TRANSLATE_NOOP("Program", "once")},
    StateWord{"session", QT_TRANSLATE_NOOP("Program", "while it runs")},
    StateWord{"always", QT_TRANSLATE_NOOP("Program", "always")},
};

struct ResultWord {
    const char* word; ///< lease.revoke's
    Taken result;
    const char* text;
};
constexpr std::array kResultWords{
    ResultWord{"not_revoked", Taken::NotRevoked, QT_TRANSLATE_NOOP("Program", "NOT revoked")},
    ResultWord{"revoked", Taken::Revoked, QT_TRANSLATE_NOOP("Program", "revoked")},
    ResultWord{"ended", Taken::Ended, QT_TRANSLATE_NOOP("Program", "had ended before")},
};

QString say(const char* text) {
    return QCoreApplication::translate("Program", text);
}

QString stateText(const auto& table, const QString& word) {
    const auto found =
        std::ranges::find_if(table, [&](const StateWord& one) { return word == QLatin1String(one.word); });
    return found == table.end() ? word : say(found->text);
}

QString whatWas(const json& item) {
    const QString credential = textOf(item, "credential");
    return textOf(item, "kind") == QLatin1String("token")
               ? say(QT_TRANSLATE_NOOP("Program", "token of %1")).arg(credential)
               : credential;
}

QString lengthOf(const json& grant) {
    const auto until = numberOf(grant, "until");
    return until ? say(QT_TRANSLATE_NOOP("Program", "until %1")).arg(localTime(*until))
                 : stateText(kGrantSpans, textOf(grant, "span"));
}

/// What the broker does not know is taken for the worst: that it is still out.
const ResultWord& resultOf(const json& item) {
    const std::string word = exactOf(item, "result");
    const auto found = std::ranges::find_if(kResultWords, [&](const ResultWord& one) { return word == one.word; });
    return found == kResultWords.end() ? kResultWords.front() : *found;
}

} // namespace

std::vector<LeaseLine> leasesOf(const json& answer, const std::string& client) {
    std::vector<LeaseLine> lines;
    for (const json& lease : listOf(answer, "leases")) {
        if (exactOf(lease, "client") != client) {
            continue;
        }
        const QString state = textOf(lease, "state");
        lines.push_back({whatWas(lease), stateText(kStateWords, state), numberOf(lease, "first").value_or(0),
                         numberOf(lease, "last").value_or(0), numberOf(lease, "count").value_or(0),
                         state == QLatin1String("valid")});
    }
    return lines;
}

std::vector<GrantLine> grantsOf(const json& answer, const std::string& client) {
    std::vector<GrantLine> lines;
    for (const json& grant : listOf(answer, "grants")) {
        if (exactOf(grant, "path") != client) {
            continue;
        }
        const QStringList parts = textsOf(grant, "scopes") + textsOf(grant, "fields");
        const QString credential = textOf(grant, "credential");
        lines.push_back(
            {exactOf(grant, "grant_id"),
             parts.isEmpty()
                 ? credential
                 : say(QT_TRANSLATE_NOOP("Program", "%1: %2")).arg(credential, parts.join(QStringLiteral(", "))),
             lengthOf(grant), textOf(grant, "created_by")});
    }
    return lines;
}

std::vector<TakenLine> takenOf(const json& answer) {
    std::vector<TakenLine> lines;
    for (const json& item : listOf(answer, "items")) {
        const ResultWord& result = resultOf(item);
        const QString detail = textOf(item, "detail");
        lines.push_back({result.result, whatWas(item),
                         detail.isEmpty() ? say(result.text)
                                          : say(QT_TRANSLATE_NOOP("Program", "%1; %2")).arg(say(result.text), detail)});
    }
    for (const QString& place : textsOf(answer, "grants_left")) {
        lines.push_back({Taken::GrantLeft, say(QT_TRANSLATE_NOOP("Program", "a grant in %1")).arg(place),
                         say(QT_TRANSLATE_NOOP("Program", "still there; remove it there and restart the broker"))});
    }
    if (const auto removed = listOf(answer, "grants_removed").size(); removed > 0) {
        lines.push_back({Taken::GrantsRemoved,
                         QCoreApplication::translate("Program", "%n grant(s)", nullptr, static_cast<int>(removed)),
                         say(QT_TRANSLATE_NOOP("Program", "removed"))});
    }
    std::stable_partition(lines.begin(), lines.end(), [](const TakenLine& line) { return !isAllTaken({line}); });
    return lines;
}

bool isAllTaken(const std::vector<TakenLine>& lines) {
    return std::ranges::none_of(lines, [](const TakenLine& line) {
        return line.result == Taken::NotRevoked || line.result == Taken::GrantLeft;
    });
}

} // namespace keybearer::model
