#include "daemon/broker/hand_over.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

#include <cstdio>

using namespace keybearer;
using platform::ProgramWatch;

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
    void aReplacedOrRemovedProgramIsNoticed_data() {
        QTest::addColumn<QString>("what");
        QTest::addColumn<bool>("isReplaced");
        QTest::newRow("nothing") << QString() << false;
        QTest::newRow("the same file, changed") << QStringLiteral("chmod") << false;
        QTest::newRow("the broker") << QStringLiteral("broker") << true;
        QTest::newRow("a front end") << QStringLiteral("tool") << true;
        QTest::newRow("removed") << QStringLiteral("remove") << true;
        QTest::newRow("moved") << QStringLiteral("move") << true;
    }
    void aReplacedOrRemovedProgramIsNoticed() {
        QFETCH(const QString, what);
        QFETCH(const bool, isReplaced);
        const Programs programs;
        const ProgramWatch watch(
            {programs.broker, programs.tool, programs.folder.filePath(QStringLiteral("none")).toStdString()});
        if (what == QStringLiteral("chmod")) {
            QCOMPARE(::chmod(programs.broker.c_str(), 0755), 0);
        } else if (what == QStringLiteral("remove")) {
            QCOMPARE(std::remove(programs.tool.c_str()), 0);
        } else if (what == QStringLiteral("move")) {
            QCOMPARE(std::rename(programs.tool.c_str(), (programs.tool + ".old").c_str()), 0);
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

    void itEndsOnceAndWhenItIsQuiet() {
        const Programs programs;
        bool isQuiet = false;
        int noticed = 0;
        int ended = 0;
        const broker::HandOver handOver(ProgramWatch({programs.broker}),
                                        {[&] { return isQuiet; }, [&] { ++noticed; }, [&] { ++ended; }});
        programs.replace(programs.broker);
        QTRY_COMPARE(noticed, 1);
        programs.replace(programs.broker);
        QCOMPARE(ended, 0);
        isQuiet = true;
        QTRY_COMPARE(ended, 1);
        QCOMPARE(noticed, 1);
    }
};

QTEST_GUILESS_MAIN(TestHandOver)
#include "tst_hand_over.moc"
