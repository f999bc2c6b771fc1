#include "app/model/timeline.h"

#include <QTest>

using namespace keybearer;
using namespace Qt::Literals::StringLiterals;
using model::AuditRow;
using model::Timeline;

/// Rows become lanes and marks, however many they are.
class tst_ModelTimeline : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void momentsBecomePixels_data();
    void momentsBecomePixels();
    void aLaneForEachProgram();
    void whatIsCloseIsOneMark();
    void refusalsStayApart();
    void rowsOutsideTheSpanAreLeftOut();
    void thousandsOfRowsAreAFewMarks();
    void nothingIsDrawnWithoutWidth();
    void ticks_data();
    void ticks();
    void aTimeThatTheClockSkippedHasNoTick();
};

namespace {

AuditRow rowAt(std::int64_t time, const QString& program = u"git"_s, const QString& credential = u"work"_s) {
    AuditRow row;
    row.sequence = time;
    row.time = time;
    row.program = program;
    row.client = "/usr/bin/" + program.toStdString();
    row.credential = credential;
    row.verdict = u"allow"_s;
    return row;
}

AuditRow refusedAt(std::int64_t time) {
    AuditRow row = rowAt(time);
    row.verdict = u"deny"_s;
    return row;
}

std::int64_t utc(const char* text) {
    return QDateTime::fromString(QLatin1String(text), Qt::ISODate).toSecsSinceEpoch();
}

} // namespace

void tst_ModelTimeline::initTestCase() {
    QLocale::setDefault(QLocale(QLocale::German)); // "13:00"
}

void tst_ModelTimeline::momentsBecomePixels_data() {
    QTest::addColumn<qint64>("time");
    QTest::addColumn<int>("pixel");
    QTest::newRow("the beginning") << qint64(1000) << 0;
    QTest::newRow("the middle") << qint64(1500) << 50;
    QTest::newRow("the end is the last pixel") << qint64(2000) << 99;
    QTest::newRow("before") << qint64(10) << 0;
    QTest::newRow("after") << qint64(9000) << 99;
}

void tst_ModelTimeline::momentsBecomePixels() {
    QFETCH(qint64, time);
    QTEST(model::pixelOf(time, {1000, 2000}, 100), "pixel");
}

void tst_ModelTimeline::aLaneForEachProgram() {
    AuditRow other = rowAt(1500, u"git"_s);
    other.client = "/opt/git"; // another file of the same name is another program
    const Timeline line = model::timelineOf(
        {rowAt(1100, u"zsh"_s), rowAt(1200), other, rowAt(1300, u"aws"_s, u"cloud"_s)}, {1000, 2000}, 100, 1);
    QStringList programs;
    for (const auto& lane : line.lanes) {
        programs << lane.program;
    }
    QCOMPARE(programs, QStringList({u"aws"_s, u"git"_s, u"git"_s, u"zsh"_s}));
    QCOMPARE(line.lanes[1].client, "/opt/git");
    QCOMPARE(line.credentials, QStringList({u"cloud"_s, u"work"_s}));
    QCOMPARE(line.lanes[0].marks[0].credential, 0);
    QCOMPARE(line.lanes[3].marks[0].credential, 1);
    QCOMPARE(line.lanes[3].marks[0].x, 10);
}

void tst_ModelTimeline::whatIsCloseIsOneMark() {
    AuditRow unusual = rowAt(1062);
    unusual.unusual << u"burst"_s;
    const Timeline line =
        model::timelineOf({rowAt(1055), rowAt(1061, u"git"_s, u"home"_s), unusual, rowAt(1200)}, {1000, 2000}, 100, 10);
    QCOMPARE(line.lanes.size(), 1U);
    const auto& marks = line.lanes[0].marks;
    QCOMPARE(marks.size(), 2U);
    QCOMPARE(marks[0].x, 5);
    QCOMPARE(marks[0].rows, (std::vector<std::size_t>{0, 1, 2}));
    QCOMPARE(marks[0].credential, model::TimelineMark::kSeveral);
    QVERIFY(marks[0].isUnusual);
    QVERIFY(!marks[1].isUnusual);
    QCOMPARE(line.credentials[marks[1].credential], u"work"_s);
}

void tst_ModelTimeline::refusalsStayApart() {
    const Timeline line = model::timelineOf({rowAt(1050), refusedAt(1051), rowAt(1052)}, {1000, 2000}, 100, 10);
    const auto& marks = line.lanes[0].marks;
    QCOMPARE(marks.size(), 2U);
    QCOMPARE(marks[0].rows, (std::vector<std::size_t>{0, 2}));
    QVERIFY(!marks[0].isRefused);
    QCOMPARE(marks[1].rows, (std::vector<std::size_t>{1}));
    QVERIFY(marks[1].isRefused);
}

void tst_ModelTimeline::rowsOutsideTheSpanAreLeftOut() {
    const Timeline line = model::timelineOf({rowAt(999, u"old"_s, u"gone"_s), rowAt(1000), rowAt(2000), rowAt(2001)},
                                            {1000, 2000}, 100, 1);
    QCOMPARE(line.lanes.size(), 1U);
    QCOMPARE(line.lanes[0].marks.size(), 2U);
    QCOMPARE(line.credentials, QStringList({u"work"_s}));
}

void tst_ModelTimeline::thousandsOfRowsAreAFewMarks() {
    std::vector<AuditRow> rows;
    for (int i = 0; i < 20'000; ++i) {
        rows.push_back(i % 3 == 0 ? refusedAt(1000 + i % 1000) : rowAt(1000 + i % 1000));
    }
    const Timeline line = model::timelineOf(rows, {1000, 2000}, 500, 5);
    QCOMPARE(line.lanes.size(), 1U);
    QVERIFY(line.lanes[0].marks.size() <= 2 * 500 / 5);
    std::size_t all = 0;
    for (const auto& mark : line.lanes[0].marks) {
        all += mark.rows.size();
    }
    QCOMPARE(all, rows.size());
}

void tst_ModelTimeline::nothingIsDrawnWithoutWidth() {
    QVERIFY(model::timelineOf({rowAt(1500)}, {1000, 2000}, 0, 1).lanes.empty());
    QCOMPARE(model::timelineOf({rowAt(1500)}, {1500, 1500}, 10, 0).lanes.size(), 1U); // neither length nor slot
}

void tst_ModelTimeline::ticks_data() {
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<int>("most");
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QStringList>("labels");
    QTest::newRow("an hour") << u"2026-03-10T12:07:30Z"_s << u"2026-03-10T13:07:30Z"_s << 5 << u"UTC"_s
                             << QStringList({u"12:15"_s, u"12:30"_s, u"12:45"_s, u"13:00"_s});
    QTest::newRow("half an hour from Greenwich") << u"2026-03-10T12:07:30Z"_s << u"2026-03-10T13:07:30Z"_s << 2
                                                 << u"Asia/Kolkata"_s << QStringList({u"18:00"_s, u"18:30"_s});
    QTest::newRow("a day, over midnight")
        << u"2026-03-10T12:00:00Z"_s << u"2026-03-11T12:00:00Z"_s << 5 << u"UTC"_s
        << QStringList({u"12:00"_s, u"18:00"_s, u"11 März"_s, u"06:00"_s, u"12:00"_s});
    QTest::newRow("days begin where the person is") // 05:00 there to 05:00
        << u"2026-03-09T20:00:00Z"_s << u"2026-03-11T20:00:00Z"_s << 2 << u"Asia/Tokyo"_s
        << QStringList({u"11 März"_s, u"12 März"_s});
}

void tst_ModelTimeline::ticks() {
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(int, most);
    QFETCH(QString, zone);
    const model::TimeSpan span{utc(from.toLatin1().constData()), utc(to.toLatin1().constData())};
    QStringList labels;
    for (const auto& tick : model::ticksOf(span, most, QTimeZone(zone.toLatin1()))) {
        QVERIFY(tick.time >= span.from && tick.time <= span.to);
        labels << tick.label;
    }
    QTEST(labels, "labels");
}

/// In Berlin, 2026-03-29 has no 02:30.
void tst_ModelTimeline::aTimeThatTheClockSkippedHasNoTick() {
    const model::TimeSpan span{utc("2026-03-29T00:00:00Z"), utc("2026-03-29T02:00:00Z")};
    QStringList labels;
    for (const auto& tick : model::ticksOf(span, 6, QTimeZone("Europe/Berlin"))) {
        labels << tick.label;
    }
    QCOMPARE(labels.join(u' '), u"01:00 01:30 03:00 03:30 04:00"_s);
}

QTEST_GUILESS_MAIN(tst_ModelTimeline)
#include "tst_model_timeline.moc"
