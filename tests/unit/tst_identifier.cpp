// Looking programs up beside the event loop.
#include "daemon/identity/identifier.h"
#include "tests/unit/identity_test.h"

#include <QCoroTask>
#include <QTest>

#include <thread>

using namespace keybearer;
using namespace keybearer::identity;
using namespace keybearer::test;

namespace {

struct Fixture {
    Installed installed;
    LateClock clock;
    Identifier identifier;

    explicit Fixture(FileHashes::Limits limits = {})
        : identifier({{installed.frontEnd, installed.path("missing")}, {}, {"/usr/bin/tail"}, limits}, clock) {}
};

Identifier::Outcome identified(Identifier& identifier, pid_t pid) {
    auto process = platform::Process::pin(pid);
    return process ? QCoro::waitFor(identifier.identify(std::move(*process)))
                   : Identifier::Outcome(base::fail(Refusal::of(process.error())));
}

} // namespace

class tst_Identifier : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void knowsAtOnceWhatItKnows();
    void refuses();
    void readsAFileOnceForAll();
    void keepsTheEventLoopRunning();
    void knowsItsFrontEndsAndShells();
    void remembersItsFrontEndsAsTheyWere();
    void endsWhileItReads();
};

void tst_Identifier::knowsAtOnceWhatItKnows() {
    Fixture f;
    const Child child = Child::running({"sleep", "60"});
    const auto process = platform::Process::pin(child.pid());
    QVERIFY(process && !f.identifier.cached(*process));
    const auto subject = identified(f.identifier, child.pid());
    QVERIFY(subject);
    QCOMPARE(subject->pid, child.pid());
    const std::size_t read = f.identifier.hashes().filesRead();
    const auto again = f.identifier.cached(*process);
    QVERIFY(again && *again == *subject);
    QCOMPARE(f.identifier.hashes().filesRead(), read);
}

void tst_Identifier::refuses() {
    Fixture f({.entries = 256, .fileBytes = 4});
    Child child = Child::running({"sleep", "60"});
    auto process = platform::Process::pin(child.pid());
    QVERIFY(process);
    const auto tooLarge = identified(f.identifier, child.pid());
    QVERIFY(!tooLarge && tooLarge.error().reason == Reason::TooLarge);
    QVERIFY(!f.identifier.cached(*process));
    child.end();
    const auto gone = QCoro::waitFor(f.identifier.identify(std::move(*process)));
    QVERIFY(!gone && gone.error().reason == Reason::Gone);
}

void tst_Identifier::readsAFileOnceForAll() {
    Fixture f;
    std::vector<Child> children;
    std::vector<QCoro::Task<Identifier::Outcome>> tasks;
    for (int i = 0; i < 8; ++i) {
        children.push_back(Child::running({"sleep", "60"}));
        tasks.push_back(f.identifier.identify(std::move(*platform::Process::pin(children.back().pid()))));
    }
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const auto subject = QCoro::waitFor(tasks[i]);
        QVERIFY(subject);
        QCOMPARE(subject->pid, children[i].pid());
    }
    QCOMPARE(f.identifier.hashes().filesRead(), 2U); // the front end at the start, and this
}

void tst_Identifier::keepsTheEventLoopRunning() {
    Fixture f;
    std::atomic<bool> looped = false;
    f.clock.onCall = [&] { // in the thread that reads
        while (!looped) {
            std::this_thread::yield();
        }
    };
    const Child child = Child::running({"sleep", "60"});
    QMetaObject::invokeMethod(
        this, [&] { looped = true; }, Qt::QueuedConnection);
    QVERIFY(identified(f.identifier, child.pid()));
}

void tst_Identifier::knowsItsFrontEndsAndShells() {
    Fixture f;
    const Child child = Child::running({f.installed.frontEnd, "wait", "/dev/null"});
    const auto subject = identified(f.identifier, child.pid());
    QVERIFY(subject);
    QCOMPARE(subject->pid, ::getpid());
    QCOMPARE(subject->frontEnd, std::string("keybearer"));
    const Child shell = Child::running({"tail", "-f", "/dev/null"}); // in this fixture's list of shells
    QCOMPARE(identified(f.identifier, shell.pid())->kind, SubjectKind::Interpreter);
}

void tst_Identifier::remembersItsFrontEndsAsTheyWere() {
    Fixture f;
    const Child before = Child::running({f.installed.frontEnd, "wait", "/dev/null"});
    static_cast<void>(copyOf("sleep", f.installed.folder.filePath(QStringLiteral("keybearer"))));
    const Child after = Child::running({f.installed.frontEnd, "60"});
    const auto changed = identified(f.identifier, after.pid());
    QVERIFY(!changed && changed.error().reason == Reason::FrontEndChanged);
    QCOMPARE(identified(f.identifier, before.pid())->frontEnd, std::string("keybearer")); // it still is what it was
}

void tst_Identifier::endsWhileItReads() {
    const Installed installed;
    LateClock clock;
    auto identifier = std::make_unique<Identifier>(Identifier::Options{}, clock);
    std::atomic<bool> isEnding = false;
    clock.onCall = [&] {
        while (!isEnding) {
            std::this_thread::yield();
        }
    };
    const Child child = Child::running({"sleep", "60"});
    auto task = identifier->identify(std::move(*platform::Process::pin(child.pid())));
    isEnding = true;
    identifier.reset();
    const auto outcome = QCoro::waitFor(task);
    QVERIFY(outcome ? outcome->pid == child.pid() : outcome.error().reason == Reason::Ending);
}

QTEST_GUILESS_MAIN(tst_Identifier)
#include "tst_identifier.moc"
