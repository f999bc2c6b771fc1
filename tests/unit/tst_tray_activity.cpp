#include "app/model/words.h"
#include "app/tray/activity_page.h"
#include "tests/unit/fake_broker.h"

#include <QSignalSpy>
#include <QTest>
#include <QTextBlock>

using namespace keybearer;
using namespace Qt::Literals::StringLiterals;
using model::AuditRow;
using nlohmann::json;
using tray::ActivityPage;
using tray::ProgramPanel;
using tray::TimelineView;

/// The page of what programs did: the picture, the table, one program, and the switch that takes all of it back.
class tst_TrayActivity : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void arrowKeysGoFromUseToUse();
    void arrowKeysFollowTheDirectionOfReading();
    void whatIsLookedAtIsSaid();
    void theMarkStaysWhenRowsCome();
    void thousandsOfRowsAreDrawnQuickly();
    void returnOpensTheProgram();
    void pageShowsWhatHappened();
    void filtersBelongTogether();
    void tableAndPictureLookAtTheSame();
    void clearShowsNothing();
    void hiddenPageAsksNothing();
    void killSwitchAsksBeforeItCalls();
    void killSwitchShowsEachResult();
    void killSwitchThatFailsIsSaid();
    void aGrantIsRevokedByItself();
    void anotherProgramsAnswersAreNotShown();
};

namespace {

AuditRow useAt(std::int64_t sequence, std::int64_t time, const QString& program) {
    AuditRow row;
    row.sequence = sequence;
    row.time = time;
    row.program = program;
    row.client = "/usr/bin/" + program.toStdString();
    row.event = u"token.release"_s;
    row.verdict = u"allow"_s;
    row.credential = u"work"_s;
    return row;
}

/// aws at 100 and 900; git at 150, 500 and 850.
std::unique_ptr<TimelineView> fewUses() {
    auto view = std::make_unique<TimelineView>();
    view->resize(800, 300);
    view->show();
    view->setRows({useAt(1, 1100, u"aws"_s), useAt(2, 1150, u"git"_s), useAt(3, 1500, u"git"_s),
                   useAt(4, 1850, u"git"_s), useAt(5, 1900, u"aws"_s)},
                  {1000, 2000});
    return view;
}

std::int64_t lookedAt(const TimelineView& view) {
    const auto rows = view.current();
    return rows.empty() ? 0 : rows.back()->sequence;
}

json rowJson(std::int64_t sequence, const char* exe, const char* event = "token.release",
             const char* verdict = "allow") {
    return {{"sequence", sequence},
            {"time", model::currentTime() - 3600 + 60 * sequence},
            {"event", event},
            {"verdict", verdict},
            {"reason", "a grant"},
            {"credential", "work"},
            {"pid", 42},
            {"exe", exe}};
}

struct Fixture {
    test::FakeBroker broker;
    model::BrokerLink link{broker.connector()};
    model::BrokerState state{link};
    ActivityPage page{state};
    QSignalSpy failures{&page, &tray::Page::failed};

    Fixture() {
        broker.answer("system.status", [](const json& params) {
            return json{{"revision", "1"}, {"policy", "ask"}, {"known", params.contains("known_revision")}};
        });
        json rows = json::array({rowJson(1, "/usr/bin/git"), rowJson(2, "/usr/bin/aws"),
                                 rowJson(3, "/usr/bin/git", "token.release", "deny"),
                                 rowJson(4, "/usr/bin/keybearer", "account.list")});
        rows[1]["credential"] = "cloud";
        rows[1]["unusual"] = {"burst"};
        m_first = {{"rows", rows}, {"reached", 1}, {"more", false}, {"last", 4}};
        broker.answer("lease.list", leases());
        broker.answer("grant.list", grants());
    }
    bool open() {
        link.open();
        if (!QTest::qWaitFor([&] { return state.isLive(); })) {
            return false;
        }
        broker.hold("system.status"); // it waits for a change
        page.resize(900, 700);
        page.show();
        page.refresh();
        return QTest::qWaitFor([&] { return broker.release("audit.query", m_first); }) &&
               QTest::qWaitFor([&] { return child<QTableView>(u"rows"_s)->model()->rowCount() > 0; });
    }
    template<class Widget>
    [[nodiscard]] Widget* child(const QString& name) const {
        return page.findChild<Widget*>(name);
    }
    [[nodiscard]] int rows() const { return child<QTableView>(u"rows"_s)->model()->rowCount(); }
    bool showGit() {
        Q_EMIT child<TimelineView>(u"timeline"_s)->programWanted("/usr/bin/git", u"git"_s);
        return QTest::qWaitFor([&] { return child<QTreeWidget>(u"grants"_s)->topLevelItemCount() == 1; });
    }
    static json leases() {
        return {
            {"leases",
             {{{"client", "/usr/bin/git"}, {"kind", "token"}, {"credential", "work"}, {"count", 3}, {"state", "valid"}},
              {{"client", "/usr/bin/git#ck"}, {"kind", "token"}, {"credential", "ci"}}}},
            {"complete", true}};
    }
    static json grants() {
        return {{"grants",
                 {{{"grant_id", "g1"}, {"path", "/usr/bin/git"}, {"credential", "account:work"}, {"span", "always"}},
                  {{"grant_id", "g2"}, {"path", "/usr/bin/aws"}, {"credential", "*"}, {"span", "always"}}}}};
    }

private:
    json m_first;
};

} // namespace

void tst_TrayActivity::arrowKeysGoFromUseToUse() {
    const auto view = fewUses();
    QCOMPARE(lookedAt(*view), 0);
    struct Step {
        Qt::Key key;
        std::int64_t row;
    };
    for (const Step& step : {Step{Qt::Key_Right, 5}, Step{Qt::Key_Left, 1}, Step{Qt::Key_Left, 1},
                             Step{Qt::Key_Down, 2}, Step{Qt::Key_Right, 3}, Step{Qt::Key_Right, 4},
                             Step{Qt::Key_Right, 4}, Step{Qt::Key_Up, 5}, Step{Qt::Key_Up, 5}, Step{Qt::Key_Down, 4},
                             Step{Qt::Key_Home, 2}, Step{Qt::Key_End, 4}, Step{Qt::Key_Down, 4}}) {
        QTest::keyClick(view.get(), step.key);
        QCOMPARE(lookedAt(*view), step.row);
    }
}

void tst_TrayActivity::arrowKeysFollowTheDirectionOfReading() {
    const auto view = fewUses();
    view->setLayoutDirection(Qt::RightToLeft);
    QTest::keyClick(view.get(), Qt::Key_Right); // the newest of the first lane
    QTest::keyClick(view.get(), Qt::Key_Right); // time runs to the left
    QCOMPARE(lookedAt(*view), 1);
    QTest::keyClick(view.get(), Qt::Key_Left);
    QCOMPARE(lookedAt(*view), 5);
}

void tst_TrayActivity::whatIsLookedAtIsSaid() {
    const auto view = fewUses();
    const QString before = view->accessibleDescription();
    QSignalSpy changes(view.get(), &TimelineView::currentChanged);
    QTest::keyClick(view.get(), Qt::Key_Down);
    QTest::keyClick(view.get(), Qt::Key_Down);
    QCOMPARE(changes.size(), 2);
    QVERIFY(view->accessibleDescription() != before);
    QVERIFY(view->accessibleDescription().contains("git"_L1));
    QVERIFY(view->accessibleDescription().contains("work"_L1));
    view->setRows({}, {1000, 2000});
    QCOMPARE(lookedAt(*view), 0);
    QCOMPARE(view->accessibleDescription(), before);
}

void tst_TrayActivity::theMarkStaysWhenRowsCome() {
    const auto view = fewUses();
    view->setCurrent(3);
    QCOMPARE(lookedAt(*view), 3);
    view->setRows({useAt(1, 1100, u"aws"_s), useAt(3, 1500, u"git"_s), useAt(9, 1990, u"aaa"_s)}, {1000, 2000});
    QCOMPARE(lookedAt(*view), 3);
    view->resize(500, 200);
    QCOMPARE(lookedAt(*view), 3);
    view->setRows({useAt(9, 1990, u"aaa"_s)}, {1000, 2000});
    QCOMPARE(lookedAt(*view), 0);
}

void tst_TrayActivity::thousandsOfRowsAreDrawnQuickly() {
    std::vector<AuditRow> rows;
    for (int i = 0; i < 20'000; ++i) {
        rows.push_back(useAt(i + 1, 1000 + i / 20, u"program %1"_s.arg(i % 40)));
    }
    TimelineView view;
    view.resize(800, 300);
    view.show();
    QElapsedTimer timer;
    timer.start();
    view.setRows(rows, {1000, 2000});
    const QPixmap picture = view.grab();
    QVERIFY(!picture.isNull());
    // A hundred times what it takes, so that a busy machine does not matter; row by row it would be more.
    QVERIFY2(timer.elapsed() < 5000, qPrintable(QString::number(timer.elapsed())));
}

void tst_TrayActivity::returnOpensTheProgram() {
    const auto view = fewUses();
    QSignalSpy wanted(view.get(), &TimelineView::programWanted);
    QTest::keyClick(view.get(), Qt::Key_Return); // nothing is looked at
    QCOMPARE(wanted.size(), 0);
    QTest::keyClick(view.get(), Qt::Key_Down);
    QTest::keyClick(view.get(), Qt::Key_Return);
    QCOMPARE(wanted.size(), 1);
    QCOMPARE(wanted[0][0].value<std::string>(), "/usr/bin/aws");
}

void tst_TrayActivity::pageShowsWhatHappened() {
    Fixture f;
    QVERIFY(f.open());
    QCOMPARE(f.rows(), 3); // and not what was managed
    f.child<QCheckBox>(u"withManagement"_s)->setChecked(true);
    QCOMPARE(f.rows(), 4);
    QVERIFY(!f.child<QPushButton>(u"older"_s)->isEnabled());
    QCOMPARE(f.child<QComboBox>(u"program"_s)->count(), 3);
    QCOMPARE(f.child<QComboBox>(u"credential"_s)->count(), 3);
    // A row that comes later is there without being asked for.
    const json page{{"rows", {rowJson(5, "/usr/bin/ssh")}}, {"reached", 5}, {"more", false}, {"last", 5}};
    QVERIFY(QTest::qWaitFor([&] { return f.broker.release("audit.query", page); }));
    QTRY_COMPARE(f.rows(), 5);
    QCOMPARE(f.child<QComboBox>(u"program"_s)->count(), 4);
    QCOMPARE(f.failures.size(), 0);
}

void tst_TrayActivity::filtersBelongTogether() {
    Fixture f;
    QVERIFY(f.open());
    auto* refused = f.child<QCheckBox>(u"refusedOnly"_s);
    auto* unusual = f.child<QCheckBox>(u"unusualOnly"_s);
    auto* program = f.child<QComboBox>(u"program"_s);
    refused->setChecked(true);
    QCOMPARE(f.rows(), 1);
    unusual->setChecked(true);
    QCOMPARE(f.rows(), 0);
    refused->setChecked(false);
    QCOMPARE(f.rows(), 1);
    unusual->setChecked(false);
    program->setCurrentIndex(program->findText(u"git"_s));
    QCOMPARE(f.rows(), 2);
    auto* credential = f.child<QComboBox>(u"credential"_s);
    credential->setCurrentIndex(credential->findText(u"cloud"_s));
    QCOMPARE(f.rows(), 0);
    program->setCurrentIndex(0);
    QCOMPARE(f.rows(), 1);
    credential->setCurrentIndex(0);
    QTest::keyClicks(f.child<QLineEdit>(u"text"_s), u"AWS"_s);
    QCOMPARE(f.rows(), 1);
}

void tst_TrayActivity::tableAndPictureLookAtTheSame() {
    Fixture f;
    QVERIFY(f.open());
    auto* table = f.child<QTableView>(u"rows"_s);
    auto* timeline = f.child<TimelineView>(u"timeline"_s);
    table->setCurrentIndex(table->model()->index(1, 0)); // the newest first: number 2
    QCOMPARE(lookedAt(*timeline), 2);
    QVERIFY(f.child<QLabel>(u"details"_s)->text().contains("cloud"_L1));
    QTest::keyClick(timeline, Qt::Key_Down);
    QCOMPARE(table->currentIndex().row(), lookedAt(*timeline) == 3 ? 0 : 2);
    QVERIFY(f.child<QPushButton>(u"showProgram"_s)->isEnabled());
}

void tst_TrayActivity::clearShowsNothing() {
    Fixture f;
    QVERIFY(f.open() && f.showGit());
    f.page.clear();
    QCOMPARE(f.rows(), 0);
    QVERIFY(f.child<TimelineView>(u"timeline"_s)->current().empty());
    QCOMPARE(f.child<QTreeWidget>(u"leases"_s)->topLevelItemCount(), 0);
    QCOMPARE(f.child<QTreeWidget>(u"grants"_s)->topLevelItemCount(), 0);
    QVERIFY(f.child<QLabel>(u"programTitle"_s)->text().isEmpty());
}

void tst_TrayActivity::hiddenPageAsksNothing() {
    Fixture f;
    QVERIFY(f.open());
    QTRY_COMPARE(f.broker.calls("audit.query").size(), 2U); // the rows, and the wait for more
    f.page.hide();
    const json nothing{{"rows", json::array()}, {"reached", 4}, {"more", false}, {"last", 4}};
    QVERIFY(f.broker.release("audit.query", nothing));
    f.broker.answer("doctor.run", json::object());
    bool isAnswered = false; // by then the other answer has been read
    f.link.call("doctor.run", json::object(), &f.page, [&](const auto&) { isAnswered = true; });
    QTRY_VERIFY(isAnswered);
    QCOMPARE(f.broker.calls("audit.query").size(), 2U);
    f.page.show();
    f.page.refresh();
    QTRY_COMPARE(f.broker.calls("audit.query").size(), 3U);
    QVERIFY(f.broker.calls("audit.query")[2]["after"] == 4);
}

void tst_TrayActivity::killSwitchAsksBeforeItCalls() {
    Fixture f;
    QVERIFY(f.open() && f.showGit());
    QCOMPARE(f.child<QTreeWidget>(u"leases"_s)->topLevelItemCount(), 1); // not what another client key of it got
    QVERIFY(!f.child<QPushButton>(u"yes"_s)->isVisible());
    f.child<QPushButton>(u"revokeAll"_s)->click();
    QVERIFY(f.child<QPushButton>(u"yes"_s)->isVisible());
    QVERIFY(f.child<QLabel>(u"sure"_s)->text().contains("git"_L1));
    QVERIFY(!f.child<QPushButton>(u"revokeAll"_s)->isEnabled());
    f.child<QPushButton>(u"no"_s)->click();
    QVERIFY(!f.child<QPushButton>(u"yes"_s)->isVisible());
    QVERIFY(f.broker.calls("lease.revoke").empty());
    f.child<QPushButton>(u"revokeAll"_s)->click();
    f.child<QPushButton>(u"yes"_s)->click();
    QTRY_COMPARE(f.broker.calls("lease.revoke").size(), 1U);
    QVERIFY(f.broker.calls("lease.revoke")[0] == (json{{"client", "/usr/bin/git"}}));
    QVERIFY(!f.child<QPushButton>(u"revokeAll"_s)->isEnabled()); // until it is done
}

void tst_TrayActivity::killSwitchShowsEachResult() {
    Fixture f;
    f.broker.answer("lease.revoke",
                    json{{"client", "/usr/bin/git"},
                         {"items",
                          {{{"kind", "token"}, {"credential", "work"}, {"result", "revoked"}, {"detail", nullptr}},
                           {{"kind", "token"}, {"credential", "old"}, {"result", "ended"}, {"detail", nullptr}},
                           {{"kind", "key"},
                            {"credential", "default/openai/x"},
                            {"result", "not_revoked"},
                            {"detail", "delete it there"}}}},
                         {"grants_removed", {"g1"}},
                         {"grants_left", json::array()}});
    QVERIFY(f.open() && f.showGit());
    const std::size_t before = f.broker.calls("grant.list").size();
    f.child<QPushButton>(u"revokeAll"_s)->click();
    f.child<QPushButton>(u"yes"_s)->click();
    auto* taken = f.child<QTextEdit>(u"taken"_s);
    const QString results = u"default/openai/x: NOT revoked; delete it there\ntoken of work: revoked\n"
                            "token of old: had ended before\n1 grant(s): removed"_s;
    QTRY_COMPARE(taken->toPlainText(), results);
    QVERIFY(taken->isVisible());
    const auto isBold = [&](int line) {
        return taken->document()->findBlockByNumber(line).begin().fragment().charFormat().fontWeight() == QFont::Bold;
    };
    QVERIFY(isBold(0)); // what is left to do
    QVERIFY(!isBold(1));
    QVERIFY(f.child<QLabel>(u"outcome"_s)->text().contains("Not all"_L1));
    QTRY_COMPARE(f.broker.calls("grant.list").size(), before + 1); // what is left is asked anew
    QTRY_VERIFY(f.child<QPushButton>(u"revokeAll"_s)->isEnabled());
    QCOMPARE(taken->toPlainText(), results); // and the results stay
}

void tst_TrayActivity::killSwitchThatFailsIsSaid() {
    Fixture f;
    f.broker.refuse("lease.revoke", "storage_error", "the disk is full");
    QVERIFY(f.open() && f.showGit());
    f.child<QPushButton>(u"revokeAll"_s)->click();
    f.child<QPushButton>(u"yes"_s)->click();
    QTRY_COMPARE(f.failures.size(), 1);
    QCOMPARE(f.failures[0][0].value<client::Error>().message, "the disk is full");
    QVERIFY(!f.child<QTextEdit>(u"taken"_s)->isVisible());
    QVERIFY(f.child<QPushButton>(u"revokeAll"_s)->isEnabled());
}

void tst_TrayActivity::aGrantIsRevokedByItself() {
    Fixture f;
    QVERIFY(f.open() && f.showGit());
    auto* revoke = f.child<QPushButton>(u"revokeGrant"_s);
    auto* grants = f.child<QTreeWidget>(u"grants"_s);
    QVERIFY(!revoke->isEnabled());
    grants->setCurrentItem(grants->topLevelItem(0));
    QVERIFY(revoke->isEnabled());
    f.broker.answer("grant.list", json{{"grants", json::array()}});
    revoke->click();
    QVERIFY(!revoke->isEnabled());
    QTRY_COMPARE(f.broker.calls("grant.revoke").size(), 1U);
    QVERIFY(f.broker.calls("grant.revoke")[0] == (json{{"grant_id", "g1"}}));
    QVERIFY(f.broker.release("grant.revoke", {{"removed", true}}));
    QTRY_COMPARE(grants->topLevelItemCount(), 0);
}

void tst_TrayActivity::anotherProgramsAnswersAreNotShown() {
    Fixture f;
    QVERIFY(f.open());
    f.broker.hold("lease.list");
    f.broker.hold("grant.list");
    auto* timeline = f.child<TimelineView>(u"timeline"_s);
    Q_EMIT timeline->programWanted("/usr/bin/git", u"git"_s);
    Q_EMIT timeline->programWanted("/usr/bin/aws", u"aws"_s);
    QTRY_COMPARE(f.broker.calls("grant.list").size(), 2U);
    auto* grants = f.child<QTreeWidget>(u"grants"_s);
    QVERIFY(f.broker.release("grant.list", Fixture::grants())); // of the first question
    f.broker.answer("doctor.run", json::object());
    bool isAnswered = false; // by then the other answer has been read
    f.link.call("doctor.run", json::object(), &f.page, [&](const auto&) { isAnswered = true; });
    QTRY_VERIFY(isAnswered);
    QCOMPARE(grants->topLevelItemCount(), 0);
    QVERIFY(f.broker.release("grant.list", Fixture::grants()));
    QTRY_COMPARE(grants->topLevelItemCount(), 1);
    QCOMPARE(grants->topLevelItem(0)->text(0), u"*"_s);
}

QTEST_MAIN(tst_TrayActivity)
#include "tst_tray_activity.moc"
