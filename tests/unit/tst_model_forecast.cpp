#include "app/model/forecast.h"

#include <QTest>

using namespace keybearer;
using namespace Qt::Literals::StringLiterals;
using model::ForecastAnswers;
using model::NoticeMemory;
using model::Term;
using model::TermKind;
using nlohmann::json;

Q_DECLARE_METATYPE(model::Presence)

/// What ends when, and what of it a person is told.
class tst_ModelForecast : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everySourceInItsOrder();
    void whatHasEndedIsNotShown();
    void aTokenThatIsRenewedIsNoTerm();
    void answersWithoutMembersAreEmpty();
    void daysBeginWhereThePersonIs();
    void noticeLength_data();
    void noticeLength();
    void oneNoticeADay();
    void eachThingIsToldOnceForEachEnd();
    void whatHasEndedIsForgotten();
    void presence_data();
    void presence();
};

namespace {

constexpr std::int64_t kNow = 1'800'000'000; // 2027-01-15 08:00 UTC
constexpr std::int64_t kDay = 86'400;
const QTimeZone kUtc = QTimeZone::utc();

Term termOf(TermKind kind, std::int64_t when, const QString& id = u"x"_s) {
    Term term;
    term.kind = kind;
    term.when = when;
    term.id = id;
    return term;
}

ForecastAnswers fullAnswers() {
    ForecastAnswers answers;
    answers.accounts = {{"accounts",
                         {{{"account", "work"},
                           {"provider", "acme"},
                           {"status", "signed_in"},
                           {"expires_at", kNow + 60},
                           {"refresh_expires_at", kNow + 5 * kDay},
                           {"renewable", true}},
                          {{"account", "short"},
                           {"provider", "mini"},
                           {"status", "signed_in"},
                           {"expires_at", kNow + 3600},
                           {"renewable", false}},
                          {{"account", "over"}, {"status", "login_required"}, {"refresh_expires_at", kNow + 9}}}}};
    answers.clientKeys = {
        {"client_keys",
         {{{"client_key_id", "ck_1"},
           {"name", "ci"},
           {"status", "live"},
           {"expires_at", kNow + 2 * kDay},
           {"overlap_until", kNow + 7200}},
          {{"client_key_id", "ck_2"}, {"name", "gone"}, {"status", "revoked"}, {"expires_at", kNow + 2 * kDay}}}}};
    answers.grants = {
        {"grants",
         {{{"grant_id", "g1"}, {"path", "/usr/bin/git"}, {"credential", "account:work"}, {"until", kNow + kDay}},
          {{"grant_id", "g2"}, {"path", "/usr/bin/aws"}, {"until", nullptr}}}}};
    answers.signIns = json::array({{{"provider", "acme"}, {"account", "over"}}});
    return answers;
}

} // namespace

void tst_ModelForecast::everySourceInItsOrder() {
    const auto terms = model::forecastOf(fullAnswers(), kNow);
    QList<TermKind> kinds;
    for (const Term& term : terms) {
        kinds << term.kind;
        QVERIFY(!term.hint.isEmpty());
    }
    QCOMPARE(kinds, QList<TermKind>({TermKind::SignIn, TermKind::Token, TermKind::OldKey, TermKind::Grant,
                                     TermKind::ClientKey, TermKind::Session}));
    QCOMPARE(terms[0].account, u"over"_s);
    QCOMPARE(terms[1].what, u"short"_s);
    QCOMPARE(terms[1].provider, u"mini"_s);
    QVERIFY(terms[2].what.contains("ci"_L1));
    QCOMPARE(terms[3].what, u"git may have account:work"_s);
    QCOMPARE(terms[4].when, kNow + 2 * kDay);
    QCOMPARE(terms[5].account, u"work"_s);
    QCOMPARE(terms[5].id, u"session/work@%1"_s.arg(kNow + 5 * kDay));
}

void tst_ModelForecast::whatHasEndedIsNotShown() {
    QCOMPARE(model::forecastOf(fullAnswers(), kNow + 5 * kDay - 1).size(), 2U); // the sign-in, and the session
    QCOMPARE(model::forecastOf(fullAnswers(), kNow + 5 * kDay).size(), 1U);
}

void tst_ModelForecast::aTokenThatIsRenewedIsNoTerm() {
    for (const json& renewable : {json(true), json(), json("no")}) {
        ForecastAnswers answers;
        answers.accounts = {{"accounts", {{{"account", "a"}, {"expires_at", kNow + 9}, {"renewable", renewable}}}}};
        QVERIFY(model::forecastOf(answers, kNow).empty());
    }
}

void tst_ModelForecast::answersWithoutMembersAreEmpty() {
    QVERIFY(model::forecastOf({}, kNow).empty());
    const json odd = json::parse(R"({"accounts":[{},3,{"account":"a","refresh_expires_at":"soon"}],
                                     "client_keys":[{"status":"live"}],"grants":[null]})");
    QVERIFY(model::forecastOf({odd, odd, odd, odd}, kNow).empty());
}

void tst_ModelForecast::daysBeginWhereThePersonIs() {
    const std::int64_t midnight = QDateTime({2027, 1, 20}, {0, 0}, kUtc).toSecsSinceEpoch();
    const std::vector<Term> terms{termOf(TermKind::Grant, midnight - 1), termOf(TermKind::Grant, midnight)};
    const auto atGreenwich = model::daysOf(terms, kUtc);
    QCOMPARE(atGreenwich.keys(), QList<QDate>({{2027, 1, 19}, {2027, 1, 20}}));
    QCOMPARE(atGreenwich[QDate(2027, 1, 20)], QList<std::size_t>({1}));
    QCOMPARE(model::daysOf(terms, QTimeZone("Asia/Tokyo")).keys(), QList<QDate>({{2027, 1, 20}}));
    QCOMPARE(model::daysOf(terms, QTimeZone("America/Lima")).keys(), QList<QDate>({{2027, 1, 19}}));
}

void tst_ModelForecast::noticeLength_data() {
    QTest::addColumn<int>("kind");
    QTest::addColumn<qint64>("left");
    QTest::addColumn<bool>("told");
    const auto row = [](const char* name, TermKind kind, std::int64_t left, bool told) {
        QTest::newRow(name) << static_cast<int>(kind) << qint64(left) << told;
    };
    row("a session in a week", TermKind::Session, 7 * kDay, true);
    row("a session in more than that", TermKind::Session, 7 * kDay + 1, false);
    row("a token in a week", TermKind::Token, 7 * kDay, true);
    row("a client key in three days", TermKind::ClientKey, 3 * kDay, true);
    row("a client key in more", TermKind::ClientKey, 3 * kDay + 1, false);
    row("an old key in three days", TermKind::OldKey, 3 * kDay, true);
    row("a grant in three days", TermKind::Grant, 3 * kDay, true);
    row("a grant in more", TermKind::Grant, 3 * kDay + 1, false);
    row("a grant that has ended", TermKind::Grant, 0, false);
    row("a sign-in has a notice of its own", TermKind::SignIn, 1, false);
}

void tst_ModelForecast::noticeLength() {
    QFETCH(int, kind);
    QFETCH(qint64, left);
    QFETCH(bool, told);
    const std::vector<Term> terms{termOf(static_cast<TermKind>(kind), kNow + left)};
    QCOMPARE(model::noticeFor(terms, {}, kNow, kUtc).size(), told ? 1U : 0U);
}

void tst_ModelForecast::oneNoticeADay() {
    const std::vector<Term> first{termOf(TermKind::Session, kNow + kDay, u"a"_s)};
    const NoticeMemory memory = model::remembered({}, first, first, kNow, kUtc);
    const std::vector<Term> both{first[0], termOf(TermKind::Session, kNow + 2 * kDay, u"b"_s)};
    const std::int64_t midnight = QDateTime({2027, 1, 16}, {0, 0}, kUtc).toSecsSinceEpoch();
    QVERIFY(model::noticeFor(both, memory, midnight - 1, kUtc).empty());
    const auto later = model::noticeFor(both, memory, midnight, kUtc);
    QCOMPARE(later.size(), 1U);
    QCOMPARE(later[0].id, u"b"_s);
    // A day is the person's.
    QCOMPARE(model::noticeFor(both, memory, midnight, QTimeZone("America/Lima")).size(), 0U);
}

void tst_ModelForecast::eachThingIsToldOnceForEachEnd() {
    const std::vector<Term> terms{termOf(TermKind::Session, kNow + 3 * kDay, u"session/work@1"_s)};
    const NoticeMemory memory = model::remembered({}, terms, terms, kNow, kUtc);
    QVERIFY(model::noticeFor(terms, memory, kNow + kDay, kUtc).empty());
    const std::vector<Term> longer{termOf(TermKind::Session, kNow + 4 * kDay, u"session/work@2"_s)};
    QCOMPARE(model::noticeFor(longer, memory, kNow + kDay, kUtc).size(), 1U);
}

void tst_ModelForecast::whatHasEndedIsForgotten() {
    const NoticeMemory before{QDate(2027, 1, 1), {u"old"_s, u"held"_s}};
    const std::vector<Term> terms{termOf(TermKind::Grant, kNow + 9, u"held"_s),
                                  termOf(TermKind::Grant, kNow + 9, u"new"_s),
                                  termOf(TermKind::Grant, kNow + 9 * kDay, u"later"_s)};
    const NoticeMemory after = model::remembered(before, terms, {terms[1]}, kNow, kUtc);
    QCOMPARE(after.told, QStringList({u"held"_s, u"new"_s}));
    QCOMPARE(after.day, QDate(2027, 1, 15));
}

void tst_ModelForecast::presence_data() {
    QTest::addColumn<model::Presence>("presence");
    QTest::addColumn<bool>("isThere");
    QTest::newRow("nobody says anything") << model::Presence{} << false;
    QTest::newRow("input just now") << model::Presence{10, {}, {}, {}} << true;
    QTest::newRow("input a while ago") << model::Presence{301, {}, {}, {}} << false;
    QTest::newRow("at work elsewhere") << model::Presence{{}, true, false, false} << true;
    QTest::newRow("idle") << model::Presence{{}, true, true, false} << false;
    QTest::newRow("locked") << model::Presence{10, true, false, true} << false;
    QTest::newRow("another session is on the screen") << model::Presence{10, false, false, false} << false;
    QTest::newRow("input here, and the desktop took no notice") << model::Presence{10, true, true, false} << true;
}

void tst_ModelForecast::presence() {
    QFETCH(model::Presence, presence);
    QTEST(model::isThere(presence), "isThere");
}

QTEST_GUILESS_MAIN(tst_ModelForecast)
#include "tst_model_forecast.moc"
