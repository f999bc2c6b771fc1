#include "app/model/words.h"
#include "app/tray/expiry_notice.h"
#include "app/tray/forecast_page.h"
#include "tests/unit/fake_broker.h"

#include <QSignalSpy>
#include <QTest>
#include <QTextCharFormat>

using namespace keybearer;
using namespace Qt::Literals::StringLiterals;
using nlohmann::json;
using tray::ExpiryNotice;
using tray::ForecastPage;

/// The page of what ends when, and the notice about it.
class tst_TrayForecast : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void listAndCalendarShowTheSame();
    void dayAndLineFindEachOther();
    void signInLeadsToTheProvider();
    void halfOfTheAnswersIsShown();
    void clearShowsNothing();
    void noticeIsGivenOnce();
    void nobodyThereIsToldNothing();
    void aMissingAnswerForgetsNothing();
    void severalAreOneNotice();
};

namespace {

constexpr std::int64_t kDay = 86'400;

json accountsJson() {
    return {{"accounts",
             {{{"account", "work"},
               {"provider", "acme"},
               {"status", "signed_in"},
               {"refresh_expires_at", model::currentTime() + 2 * kDay}}}}};
}

json keysJson() {
    return {{"client_keys",
             {{{"client_key_id", "ck_1"},
               {"name", "ci"},
               {"status", "live"},
               {"expires_at", model::currentTime() + kDay}}}}};
}

struct Fixture {
    test::FakeBroker broker;
    model::BrokerLink link{broker.connector()};
    model::BrokerState state{link};

    Fixture() {
        broker.answer("account.list", accountsJson());
        broker.answer("client_key.list", keysJson());
        broker.answer("grant.list", json{{"grants", json::array()}});
    }
    /// Whatever was asked before has been answered.
    bool settle() {
        broker.answer("doctor.run", json::object());
        bool isAnswered = false;
        link.call("doctor.run", json::object(), &state, [&](const auto&) { isAnswered = true; });
        return QTest::qWaitFor([&] { return isAnswered; });
    }
    bool open() {
        link.open();
        const json status{{"revision", "1"},
                          {"policy", "ask"},
                          {"sign_in_needed", {{{"provider", "old"}, {"account", "gone"}, {"reason", "ended"}}}}};
        return QTest::qWaitFor([&] { return broker.release("system.status", status); }) &&
               QTest::qWaitFor([&] { return state.isLive(); });
    }
};

struct Notices {
    QTemporaryDir folder;
    QSettings settings{folder.filePath(u"s.ini"_s), QSettings::IniFormat};
    model::Presence presence{0, {}, {}, {}};
    int asked = 0;

    std::unique_ptr<ExpiryNotice> make(model::BrokerState& state) {
        return std::make_unique<ExpiryNotice>(state, settings, [this](auto answer) {
            ++asked;
            answer(presence);
        });
    }
};

} // namespace

void tst_TrayForecast::listAndCalendarShowTheSame() {
    Fixture f;
    QVERIFY(f.open());
    ForecastPage page(f.state);
    page.refresh();
    auto* list = page.findChild<QTreeWidget*>(u"terms"_s);
    QTRY_COMPARE(list->topLevelItemCount(), 3);
    QCOMPARE(list->topLevelItem(0)->text(0), u"now"_s);
    QCOMPARE(list->topLevelItem(0)->text(1), u"gone"_s);
    QCOMPARE(list->topLevelItem(1)->text(1), u"Client key ci"_s);
    QCOMPARE(list->topLevelItem(2)->text(1), u"work"_s);
    const auto marked = page.findChild<QCalendarWidget*>(u"calendar"_s)->dateTextFormat();
    QCOMPARE(marked.keys().last(), QDateTime::fromSecsSinceEpoch(model::currentTime() + 2 * kDay).date());
    QVERIFY(marked.last().toolTip().contains("work"_L1));
}

void tst_TrayForecast::dayAndLineFindEachOther() {
    Fixture f;
    QVERIFY(f.open());
    ForecastPage page(f.state);
    page.refresh();
    auto* list = page.findChild<QTreeWidget*>(u"terms"_s);
    auto* calendar = page.findChild<QCalendarWidget*>(u"calendar"_s);
    QTRY_COMPARE(list->topLevelItemCount(), 3);
    const QDate day = QDateTime::fromSecsSinceEpoch(model::currentTime() + 2 * kDay).date();
    Q_EMIT calendar->clicked(day);
    QCOMPARE(list->currentItem(), list->topLevelItem(2));
    list->setCurrentItem(list->topLevelItem(0));
    QCOMPARE(calendar->selectedDate(), QDate::currentDate());
    Q_EMIT calendar->clicked(day.addDays(20));
    QVERIFY(list->currentItem() == nullptr);
    QVERIFY(page.findChild<QLabel*>(u"hint"_s)->text().contains("nothing ends"_L1));
}

void tst_TrayForecast::signInLeadsToTheProvider() {
    Fixture f;
    QVERIFY(f.open());
    ForecastPage page(f.state);
    QSignalSpy wanted(&page, &tray::Page::signInWanted);
    auto* list = page.findChild<QTreeWidget*>(u"terms"_s);
    auto* button = page.findChild<QPushButton*>(u"signIn"_s);
    QVERIFY(!button->isEnabled());
    page.refresh();
    QTRY_COMPARE(list->topLevelItemCount(), 3);
    list->setCurrentItem(list->topLevelItem(1)); // a client key
    QVERIFY(!button->isEnabled());
    list->setCurrentItem(list->topLevelItem(2));
    button->click();
    QCOMPARE(wanted.size(), 1);
    QCOMPARE(wanted[0], QVariantList({u"acme"_s, u"work"_s}));
}

void tst_TrayForecast::halfOfTheAnswersIsShown() {
    Fixture f;
    f.broker.refuse("client_key.list", "storage_error", "no");
    QVERIFY(f.open());
    ForecastPage page(f.state);
    QSignalSpy failures(&page, &tray::Page::failed);
    page.refresh();
    auto* list = page.findChild<QTreeWidget*>(u"terms"_s);
    QTRY_COMPARE(list->topLevelItemCount(), 2);
    QCOMPARE(failures.size(), 1);
}

void tst_TrayForecast::clearShowsNothing() {
    Fixture f;
    QVERIFY(f.open());
    ForecastPage page(f.state);
    page.refresh();
    auto* list = page.findChild<QTreeWidget*>(u"terms"_s);
    QTRY_COMPARE(list->topLevelItemCount(), 3);
    page.clear();
    QCOMPARE(list->topLevelItemCount(), 0);
    QVERIFY(page.findChild<QCalendarWidget*>(u"calendar"_s)->dateTextFormat().isEmpty());
    QVERIFY(page.findChild<QLabel*>(u"hint"_s)->text().isEmpty());
}

void tst_TrayForecast::noticeIsGivenOnce() {
    Fixture f;
    Notices n;
    const auto first = n.make(f.state);
    QSignalSpy wanted(first.get(), &ExpiryNotice::wanted);
    QVERIFY(f.open()); // the state that came is the occasion
    QTRY_COMPARE(wanted.size(), 1);
    QCOMPARE(wanted[0][0].toString(), u"2 thing(s) will end soon"_s);
    QVERIFY(wanted[0][1].toString().contains("work"_L1));
    const int asked = n.asked;
    first->consider();
    QCOMPARE(n.asked, asked); // not again today
    // Another run, another day: what was told is not told again.
    n.settings.setValue(u"notice/day"_s, QDate::currentDate().addDays(-1).toString(Qt::ISODate));
    const auto second = n.make(f.state);
    QSignalSpy again(second.get(), &ExpiryNotice::wanted);
    second->consider();
    QTRY_COMPARE(f.broker.calls("grant.list").size(), 2U);
    QVERIFY(f.settle());
    QCOMPARE(again.size(), 0);
}

void tst_TrayForecast::nobodyThereIsToldNothing() {
    Fixture f;
    Notices n;
    n.presence = {{}, true, true, false};
    const auto notice = n.make(f.state);
    QSignalSpy wanted(notice.get(), &ExpiryNotice::wanted);
    QVERIFY(f.open());
    QVERIFY(n.asked > 0);
    QVERIFY(f.settle());
    QVERIFY(f.broker.calls("account.list").empty());
    n.presence = {{}, true, false, false};
    notice->consider();
    QTRY_COMPARE(wanted.size(), 1);
}

void tst_TrayForecast::aMissingAnswerForgetsNothing() {
    Fixture f;
    f.broker.refuse("grant.list", "storage_error", "no");
    Notices n;
    n.settings.setValue(u"notice/told"_s, QStringList{u"x"_s});
    const auto notice = n.make(f.state);
    QSignalSpy wanted(notice.get(), &ExpiryNotice::wanted);
    QVERIFY(f.open());
    QTRY_COMPARE(f.broker.calls("grant.list").size(), 1U);
    QVERIFY(f.settle());
    QCOMPARE(wanted.size(), 0);
    QCOMPARE(n.settings.value(u"notice/told"_s).toStringList(), QStringList{u"x"_s});
}

void tst_TrayForecast::severalAreOneNotice() {
    Fixture f;
    json grants = json::array();
    for (int i = 0; i < 6; ++i) {
        grants.push_back({{"grant_id", "g" + std::to_string(i)},
                          {"path", "/usr/bin/git"},
                          {"credential", "*"},
                          {"until", model::currentTime() + 3600 + i}});
    }
    f.broker.answer("grant.list", json{{"grants", grants}});
    Notices n;
    const auto notice = n.make(f.state);
    QSignalSpy wanted(notice.get(), &ExpiryNotice::wanted);
    QVERIFY(f.open());
    QTRY_COMPARE(wanted.size(), 1);
    QCOMPARE(wanted[0][1].toString().count(u'\n'), 4); // four of them, and that there are more
}

QTEST_MAIN(tst_TrayForecast)
#include "tst_tray_forecast.moc"
