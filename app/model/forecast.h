#pragma once
/// \file
/// What ends when, and what is worth a notice. Pure.

#include <QDate>
#include <QMap>
#include <QString>
#include <QStringList>
#include <QTimeZone>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace keybearer::model {

enum class TermKind {
    SignIn,    ///< a sign-in waits for a person now
    Session,   ///< the provider's session ends: its refresh token has a limit
    Token,     ///< an access token that nothing renews
    ClientKey, ///< a key of a container or a CI job
    OldKey,    ///< a client key that was replaced, and is good for a while more
    Grant,     ///< what a program may have
};

/// Something that ends.
struct Term {
    std::int64_t when = 0; ///< UTC seconds
    TermKind kind = TermKind::SignIn;
    QString what;
    QString hint;              ///< what to do, or what happens then
    QString id;                ///< the same for the same thing and the same end
    QString provider, account; ///< to sign in to; empty: there is no sign-in to be done
};

/// The broker's answers to account.list, client_key.list and grant.list, and `sign_in_needed` of system.status. Any of
/// them may be empty or lack members.
struct ForecastAnswers {
    nlohmann::json accounts, clientKeys, grants, signIns;
};

/// What has not ended at `now` (UTC seconds), the earliest first.
[[nodiscard]] std::vector<Term> forecastOf(const ForecastAnswers& answers, std::int64_t now);

/// The days on which something ends, and the places in `terms` of what does.
[[nodiscard]] QMap<QDate, QList<std::size_t>> daysOf(const std::vector<Term>& terms, const QTimeZone& zone);

/// What was told before.
struct NoticeMemory {
    QDate day;        ///< of the last notice
    QStringList told; ///< Term::id
};

/// What is to be told now, all in one: what ends within a week, or within three days where a program's own key or grant
/// does, and has not been told. Empty: nothing, or something was told today already. A sign-in that waits is not among
/// them: it has a notice of its own.
[[nodiscard]] std::vector<Term> noticeFor(const std::vector<Term>& terms, const NoticeMemory& memory, std::int64_t now,
                                          const QTimeZone& zone);
/// What is remembered after `given` was told. Of what has ended nothing needs to be.
[[nodiscard]] NoticeMemory remembered(const NoticeMemory& memory, const std::vector<Term>& terms,
                                      const std::vector<Term>& given, std::int64_t now, const QTimeZone& zone);

/// What the desktop knows about the person; unset: it does not say.
struct Presence {
    std::optional<std::int64_t> inputSecondsAgo; ///< in one of our windows
    std::optional<bool> isActive;                ///< the session is the one on the screen
    std::optional<bool> isIdle;
    std::optional<bool> isLocked;
};
/// Whether a notice would be seen. Where nobody says anything it would not.
[[nodiscard]] bool isThere(const Presence& presence);

} // namespace keybearer::model
