#include "app/model/forecast.h"

#include "app/model/reading.h"

#include <QCoreApplication>
#include <QDateTime>

#include <algorithm>
#include <array>
#include <iterator>

namespace keybearer::model {
namespace {

using nlohmann::json;

constexpr std::int64_t kDayLength = 86'400;
constexpr std::int64_t kJustNow = 5 * 60; // seconds after which somebody may have left

struct TermRule {
    TermKind kind;
    const char* name;    ///< in Term::id, which outlives the program
    std::int64_t notice; ///< seconds before its end; 0: never
    const char* hint;
};
constexpr std::array kTermRules{
    TermRule{TermKind::SignIn, "sign_in", 0, QT_TRANSLATE_NOOP("Forecast", "Sign in again")},
    TermRule{TermKind::Session, "session", 7 * kDayLength,
             QT_TRANSLATE_NOOP("Forecast", "The session at the provider ends; sign in again before")},
    TermRule{TermKind::Token, "token", 7 * kDayLength,
             QT_TRANSLATE_NOOP("Forecast", "The provider renews nothing; sign in again then")},
    TermRule{TermKind::ClientKey, "client_key", 3 * kDayLength,
             QT_TRANSLATE_NOOP("Forecast", "Make another key: keybearer key rotate")},
    TermRule{TermKind::OldKey, "old_key", 3 * kDayLength,
             QT_TRANSLATE_NOOP("Forecast", "Programs that still show the key before its rotation are refused then")},
    TermRule{TermKind::Grant, "grant", 3 * kDayLength,
             QT_TRANSLATE_NOOP("Forecast", "You are asked again when the program wants it")},
};

const TermRule& ruleOf(TermKind kind) {
    return *std::ranges::find(kTermRules, kind, &TermRule::kind);
}

QString forecastText(const char* text) {
    return QCoreApplication::translate("Forecast", text);
}

class Terms {
public:
    explicit Terms(std::int64_t now) : m_now(now) {}

    Term* add(TermKind kind, std::optional<std::int64_t> when, const std::string& id, const QString& what) {
        if (!when || *when <= m_now) {
            return nullptr;
        }
        const TermRule& rule = ruleOf(kind);
        const QString key =
            QStringLiteral("%1/%2@%3").arg(QLatin1String(rule.name), QString::fromStdString(id)).arg(*when);
        m_terms.push_back({*when, kind, what, forecastText(rule.hint), key, {}, {}});
        return &m_terms.back();
    }
    /// What needs a person now ends, as it were, at this moment.
    void addNow(const QString& provider, const QString& account) {
        const TermRule& rule = ruleOf(TermKind::SignIn);
        m_terms.push_back({m_now, TermKind::SignIn, account, forecastText(rule.hint), QString(), provider, account});
    }
    std::vector<Term> take() {
        std::ranges::stable_sort(m_terms, {}, &Term::when);
        return std::move(m_terms);
    }

private:
    std::int64_t m_now;
    std::vector<Term> m_terms;
};

void addAccounts(Terms& terms, const json& answer) {
    for (const json& row : listOf(answer, "accounts")) {
        if (textOf(row, "status") == QLatin1String("login_required")) {
            continue; // it has ended, and waits among the sign-ins
        }
        const json& renewable = row.is_object() && row.contains("renewable") ? row["renewable"] : json();
        const std::string name = exactOf(row, "account");
        const QString shown = textOf(row, "account");
        const auto add = [&](TermKind kind, const char* member) {
            if (Term* term = terms.add(kind, numberOf(row, member), name, shown)) {
                term->provider = textOf(row, "provider");
                term->account = shown;
            }
        };
        add(TermKind::Session, "refresh_expires_at");
        if (renewable == false) {
            add(TermKind::Token, "expires_at");
        }
    }
}

void addClientKeys(Terms& terms, const json& answer) {
    for (const json& row : listOf(answer, "client_keys")) {
        if (textOf(row, "status") != QLatin1String("live")) {
            continue;
        }
        const std::string id = exactOf(row, "client_key_id");
        const QString name = textOf(row, "name");
        terms.add(TermKind::ClientKey, numberOf(row, "expires_at"), id,
                  forecastText(QT_TRANSLATE_NOOP("Forecast", "Client key %1")).arg(name));
        terms.add(TermKind::OldKey, numberOf(row, "overlap_until"), id,
                  forecastText(QT_TRANSLATE_NOOP("Forecast", "Client key %1 before its rotation")).arg(name));
    }
}

void addGrants(Terms& terms, const json& answer) {
    for (const json& row : listOf(answer, "grants")) {
        const QString path = textOf(row, "path");
        terms.add(TermKind::Grant, numberOf(row, "until"), exactOf(row, "grant_id"),
                  forecastText(QT_TRANSLATE_NOOP("Forecast", "%1 may have %2"))
                      .arg(path.mid(path.lastIndexOf(QLatin1Char('/')) + 1), textOf(row, "credential")));
    }
}

} // namespace

std::vector<Term> forecastOf(const ForecastAnswers& answers, std::int64_t now) {
    Terms terms(now);
    if (answers.signIns.is_array()) {
        for (const json& row : answers.signIns) {
            terms.addNow(textOf(row, "provider"), textOf(row, "account"));
        }
    }
    addAccounts(terms, answers.accounts);
    addClientKeys(terms, answers.clientKeys);
    addGrants(terms, answers.grants);
    return terms.take();
}

QMap<QDate, QList<std::size_t>> daysOf(const std::vector<Term>& terms, const QTimeZone& zone) {
    QMap<QDate, QList<std::size_t>> days;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        days[QDateTime::fromSecsSinceEpoch(terms[i].when, zone).date()] << i;
    }
    return days;
}

std::vector<Term> noticeFor(const std::vector<Term>& terms, const NoticeMemory& memory, std::int64_t now,
                            const QTimeZone& zone) {
    std::vector<Term> due;
    if (memory.day == QDateTime::fromSecsSinceEpoch(now, zone).date()) {
        return due;
    }
    std::ranges::copy_if(terms, std::back_inserter(due), [&](const Term& term) {
        return term.when > now && term.when - now <= ruleOf(term.kind).notice && !memory.told.contains(term.id);
    });
    return due;
}

NoticeMemory remembered(const NoticeMemory& memory, const std::vector<Term>& terms, const std::vector<Term>& given,
                        std::int64_t now, const QTimeZone& zone) {
    NoticeMemory next;
    next.day = QDateTime::fromSecsSinceEpoch(now, zone).date();
    for (const Term& term : terms) {
        const bool isGiven = std::ranges::find(given, term.id, &Term::id) != given.end();
        if (!term.id.isEmpty() && (isGiven || memory.told.contains(term.id))) {
            next.told << term.id;
        }
    }
    return next;
}

bool isThere(const Presence& presence) {
    if (presence.isLocked.value_or(false) || !presence.isActive.value_or(true)) {
        return false;
    }
    if (presence.inputSecondsAgo && *presence.inputSecondsAgo <= kJustNow) {
        return true;
    }
    return presence.isIdle && !*presence.isIdle;
}

} // namespace keybearer::model
