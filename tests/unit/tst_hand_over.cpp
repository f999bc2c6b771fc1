#include "daemon/broker/hand_over.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <poll.h>
#include <sys/stat.h>

#include <cstdio>

using namespace keybearer;
using broker::Cause;
using broker::HandOver;
using broker::UnderWay;
using platform::FileWatch;

namespace {

struct Programs {
    QTemporaryDir folder;
    std::string broker = file("broker");
    std::string tool = file("tool");

    std::string file(const char* name) const {
        QFile made(folder.filePath(QLatin1String(name)));
        return made.open(QIODevice::WriteOnly) ? made.fileName().toStdString() : std::string();
    }
    /// As dpkg does it.
    void replace(const std::string& path) const { std::rename(file("new").c_str(), path.c_str()); }
};

} // namespace

class TestHandOver : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aProgramThatIsReplacedRemovedOrAddedIsNoticed_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<bool>("isReplaced");
        QTest::newRow("nothing") << QString() << false;
        QTest::newRow("the same file, changed") << QStringLiteral("chmod") << false;
        QTest::newRow("the broker") << QStringLiteral("broker") << true;
        QTest::newRow("a front end") << QStringLiteral("tool") << true;
        QTest::newRow("removed") << QStringLiteral("remove") << true;
        QTest::newRow("moved") << QStringLiteral("move") << true;
        QTest::newRow("added") << QStringLiteral("add") << true;
        QTest::newRow("something else, added beside it") << QStringLiteral("other") << false;
    }
    void aProgramThatIsReplacedRemovedOrAddedIsNoticed() {
        QFETCH(const QString, what);
        QFETCH(const bool, isReplaced);
        const Programs programs;
        const FileWatch watch(
            {programs.broker, programs.tool, programs.folder.filePath(QStringLiteral("none")).toStdString()});
        if (what == QStringLiteral("chmod")) {
            QCOMPARE(::chmod(programs.broker.c_str(), 0755), 0);
        } else if (what == QStringLiteral("remove")) {
            QCOMPARE(std::remove(programs.tool.c_str()), 0);
        } else if (what == QStringLiteral("move")) {
            QCOMPARE(std::rename(programs.tool.c_str(), (programs.tool + ".old").c_str()), 0);
        } else if (what == QStringLiteral("add")) {
            programs.replace(programs.folder.filePath(QStringLiteral("none")).toStdString());
        } else if (what == QStringLiteral("other")) {
            QVERIFY(!programs.file("other").empty());
        } else if (!what.isEmpty()) {
            programs.replace(what == QStringLiteral("broker") ? programs.broker : programs.tool);
        }
        fd_set ready;
        FD_ZERO(&ready);
        FD_SET(watch.descriptor(), &ready);
        timeval now{};
        QCOMPARE(::select(watch.descriptor() + 1, &ready, nullptr, nullptr, &now), what.isEmpty() ? 0 : 1);
        watch.drain();
        QCOMPARE(watch.isReplaced(), isReplaced);
    }

    void aPathWithoutFoldersIsWatchedForNothingElse() {
        const FileWatch watch({"", "none"});
        QVERIFY(!watch.isReplaced());
    }

    void aFolderAboveThatIsMovedIsNoticed() {
        const Programs programs;
        const QString moved = programs.folder.path() + QStringLiteral(".moved");
        const FileWatch watch({programs.broker});
        QVERIFY(!watch.isReplaced());
        QCOMPARE(std::rename(programs.folder.path().toUtf8().constData(), moved.toUtf8().constData()), 0);
        pollfd entry{watch.descriptor(), POLLIN, 0};
        QCOMPARE(::poll(&entry, 1, 0), 1);
        QVERIFY(watch.isReplaced());
        QCOMPARE(std::rename(moved.toUtf8().constData(), programs.folder.path().toUtf8().constData()), 0);
        QVERIFY(!watch.isReplaced());
    }

    void itEndsOnceAndWhenItIsQuiet() {
        const Programs programs;
        auto underWay = UnderWay::Brief;
        int noticed = 0;
        int ended = 0;
        const HandOver handOver(FileWatch({programs.broker}), FileWatch({programs.tool}),
                                {[&] { return underWay; }, [&](Cause) { ++noticed; }, [&] { ++ended; }});
        QVERIFY(!handOver.isReplaced());
        programs.replace(programs.broker);
        QVERIFY(handOver.isReplaced());
        QTRY_COMPARE(noticed, 1);
        programs.replace(programs.broker);
        QCOMPARE(ended, 0);
        underWay = UnderWay::Nothing;
        QTRY_COMPARE(ended, 1);
        QCOMPARE(noticed, 1);
    }

    void itEndsInTime_data() {
        QTest::addColumn<bool>("isSocket");
        QTest::addColumn<int>("underWay");
        QTest::addColumn<int>("briefMs");
        QTest::addColumn<int>("signInMs");
        constexpr int kLong = 3'600'000;
        QTest::newRow("a question, after an upgrade") << false << int(UnderWay::Brief) << 300 << kLong;
        QTest::newRow("a sign-in, after an upgrade") << false << int(UnderWay::SignIn) << kLong << 300;
        QTest::newRow("a question, without a socket") << true << int(UnderWay::Brief) << 300 << kLong;
        QTest::newRow("a sign-in, without a socket") << true << int(UnderWay::SignIn) << 300 << kLong;
    }
    void itEndsInTime() {
        QFETCH(const bool, isSocket);
        QFETCH(const int, underWay);
        QFETCH(const int, briefMs);
        QFETCH(const int, signInMs);
        using std::chrono::milliseconds;
        const Programs programs;
        std::vector<Cause> noticed;
        QElapsedTimer since;
        qint64 after = -1;
        const HandOver handOver(FileWatch({programs.broker}), FileWatch({programs.tool}),
                                {[&] { return UnderWay(underWay); },
                                 [&](Cause cause) {
                                     noticed.push_back(cause);
                                     since.start();
                                 },
                                 [&] { after = since.elapsed(); }},
                                {milliseconds(briefMs), milliseconds(signInMs)});
        programs.replace(isSocket ? programs.tool : programs.broker);
        QTRY_VERIFY(after >= 0);
        QVERIFY2(after >= 300, QByteArray::number(after).constData());
        QVERIFY(noticed == std::vector{isSocket ? Cause::SocketLost : Cause::Replaced});
    }

    void whatEndsAnywayNoticesNothing() {
        const Programs programs;
        int noticed = 0;
        HandOver handOver(FileWatch({programs.broker}), FileWatch({programs.tool}),
                          {[] { return UnderWay::Nothing; }, [&](Cause) { ++noticed; }, [] {}});
        programs.replace(programs.tool);
        handOver.cancel();
        int later = 0;
        const HandOver other(FileWatch({programs.broker}), FileWatch({}),
                             {[] { return UnderWay::Nothing; }, [](Cause) {}, [&] { ++later; }});
        programs.replace(programs.broker);
        QTRY_COMPARE(later, 1); // long after the first would have
        QCOMPARE(noticed, 0);
    }
};

QTEST_GUILESS_MAIN(TestHandOver)
#include "tst_hand_over.moc"
