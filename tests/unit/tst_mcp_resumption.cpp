#include "app/mcp/resumption.h"

#include <QTest>

using namespace keybearer::mcp;
using std::chrono::milliseconds;

namespace {

SseParser after(std::string_view bytes) {
    SseParser parser;
    [[maybe_unused]] const bool isGood = parser.feed(bytes, [](const std::string&) {});
    return parser;
}

} // namespace

class TestMcpResumption : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void pausesGrowAndEnd() {
        Resumption resumption(3);
        QCOMPARE(resumption.next().value().count(), 1000);
        QCOMPARE(resumption.next().value().count(), 2000);
        QCOMPARE(resumption.next().value().count(), 4000);
        QVERIFY(!resumption.next());
        resumption.worked();
        QCOMPARE(resumption.next().value().count(), 1000);
    }

    void theServersOwnPauseIsKeptWithinBounds() {
        Resumption resumption(100);
        resumption.take(after("retry: 1500\n\n"));
        QCOMPARE(resumption.next().value().count(), 1500);
        resumption.take(after("retry: 0\n\n"));
        QCOMPARE(resumption.next().value().count(), 20);
        resumption.take(after("retry: 500000\n\n"));
        QCOMPARE(resumption.next().value().count(), 30'000);
        resumption.take(after("data: a\n\n")); // says nothing about it
        QCOMPARE(resumption.next().value().count(), 30'000);
    }

    void onlyAnotherEventIsProgress() {
        Resumption resumption(1);
        resumption.take(after("id: 5\ndata: a\n\n"));
        QVERIFY(resumption.next().has_value());
        resumption.take(after(""));
        resumption.take(after("id: 5\ndata: a\n\n"));
        QVERIFY(!resumption.next());
        QCOMPARE(resumption.lastEventId(), std::string("5"));
        resumption.take(after("id: 6\n\n"));
        QVERIFY(resumption.next().has_value());
        QCOMPARE(resumption.lastEventId(), std::string("6"));
    }
};

QTEST_APPLESS_MAIN(TestMcpResumption)
#include "tst_mcp_resumption.moc"
