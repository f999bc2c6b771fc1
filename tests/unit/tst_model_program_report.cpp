#include "app/model/program_report.h"

#include <QTest>

using namespace keybearer;
using namespace Qt::Literals::StringLiterals;
using nlohmann::json;

/// Answers about one program, as lines.
class tst_ModelProgramReport : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void leasesOfThisProgramAlone();
    void grantsOfThisProgramAlone();
    void everyResultIsSaid();
    void aResultThatIsNotKnownIsNoSuccess();
    void answersWithoutMembersAreEmpty();
};

void tst_ModelProgramReport::leasesOfThisProgramAlone() {
    const json answer = json::parse(R"({"leases":[
        {"client":"/usr/bin/git","kind":"token","credential":"work","first":10,"last":20,"count":3,"state":"valid"},
        {"client":"/usr/bin/git#ck_1","kind":"token","credential":"home","state":"valid"},
        {"client":"/usr/bin/git","kind":"key","credential":"default/openai/work","state":"signed_out"},
        {"client":"/usr/bin/git","kind":"key","credential":"x","state":"something new"}]})");
    const auto lines = model::leasesOf(answer, "/usr/bin/git");
    QCOMPARE(lines.size(), 3U);
    QCOMPARE(lines[0].what, u"token of work"_s);
    QCOMPARE(lines[0].first, 10);
    QCOMPARE(lines[0].last, 20);
    QCOMPARE(lines[0].count, 3);
    QVERIFY(lines[0].isValid);
    QCOMPARE(lines[1].what, u"default/openai/work"_s);
    QVERIFY(!lines[1].isValid);
    QCOMPARE(lines[2].state, u"something new"_s);
    const auto keyed = model::leasesOf(answer, "/usr/bin/git#ck_1");
    QCOMPARE(keyed.size(), 1U);
    QCOMPARE(keyed[0].what, u"token of home"_s);
}

void tst_ModelProgramReport::grantsOfThisProgramAlone() {
    const json answer = json::parse(R"({"grants":[
        {"grant_id":"g1","path":"/usr/bin/git","credential":"account:work","scopes":["read","write"],"fields":[],
         "span":"always","until":null,"created_by":"/usr/bin/keybearer"},
        {"grant_id":"g2","path":"/usr/bin/gitk","credential":"account:work"},
        {"grant_id":"g3","path":"/usr/bin/git","credential":"key:default/openai/work","span":"until","until":1800000000}]})");
    const auto lines = model::grantsOf(answer, "/usr/bin/git");
    QCOMPARE(lines.size(), 2U);
    QCOMPARE(lines[0].id, "g1");
    QCOMPARE(lines[0].what, u"account:work: read, write"_s);
    QCOMPARE(lines[0].length, u"always"_s);
    QCOMPARE(lines[0].origin, u"/usr/bin/keybearer"_s);
    QVERIFY(lines[1].length.startsWith("until "_L1));
}

void tst_ModelProgramReport::everyResultIsSaid() {
    const json answer = json::parse(R"({"client":"/usr/bin/git","items":[
        {"kind":"token","credential":"work","result":"revoked","detail":null},
        {"kind":"token","credential":"old","result":"ended","detail":null},
        {"kind":"key","credential":"default/openai/work","result":"not_revoked","detail":"delete the key there"}],
        "grants_removed":["g1","g2"],"grants_left":["config.toml:7"]})");
    const auto lines = model::takenOf(answer);
    QCOMPARE(lines.size(), 5U);
    QCOMPARE(lines[0].result, model::Taken::NotRevoked); // what is left to do comes first
    QCOMPARE(lines[0].text, u"NOT revoked; delete the key there"_s);
    QCOMPARE(lines[1].result, model::Taken::GrantLeft);
    QVERIFY(lines[1].what.contains("config.toml:7"_L1));
    QCOMPARE(lines[2].what, u"token of work"_s);
    QCOMPARE(lines[2].text, u"revoked"_s);
    QCOMPARE(lines[3].result, model::Taken::Ended);
    QCOMPARE(lines[4].result, model::Taken::GrantsRemoved);
    QVERIFY(!model::isAllTaken(lines));
    QVERIFY(model::isAllTaken({lines.begin() + 2, lines.end()}));
    QVERIFY(!model::isAllTaken({lines[1]}));
}

void tst_ModelProgramReport::aResultThatIsNotKnownIsNoSuccess() {
    const auto lines =
        model::takenOf(json::parse(R"({"items":[{"credential":"a","result":"later"},{"credential":"b"}]})"));
    QCOMPARE(lines.size(), 2U);
    QCOMPARE(lines[0].result, model::Taken::NotRevoked);
    QCOMPARE(lines[1].result, model::Taken::NotRevoked);
}

void tst_ModelProgramReport::answersWithoutMembersAreEmpty() {
    for (const json& answer : {json(), json::object(), json::parse(R"({"leases":{},"grants":3,"items":null})")}) {
        QVERIFY(model::leasesOf(answer, "").empty());
        QVERIFY(model::grantsOf(answer, "").empty());
        QVERIFY(model::takenOf(answer).empty());
    }
}

QTEST_GUILESS_MAIN(tst_ModelProgramReport)
#include "tst_model_program_report.moc"
