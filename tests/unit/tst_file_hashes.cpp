// Hashes of files, each content read once.
#include "daemon/crypto/crypto.h"
#include "daemon/identity/file_hashes.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

using namespace keybearer;
using namespace keybearer::identity;

namespace {

class SetClock final : public base::Clock {
public:
    [[nodiscard]] std::int64_t utcSeconds() const override {
        const std::int64_t real = base::SystemClock().utcSeconds();
        const int calls = ++asked;
        if (onCall) {
            onCall(calls);
        }
        return real + ahead;
    }
    [[nodiscard]] std::chrono::milliseconds steady() const override { return {}; }

    std::int64_t ahead = 60;
    mutable std::atomic<int> asked = 0;
    std::function<void(int)> onCall;
};

/// Until a change of the file would show: change times are read from a clock that stands still for milliseconds.
void waitForAnotherTimeThanOf(const platform::LocatedFile& file) {
    timespec now{};
    do {
        std::this_thread::yield();
        ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    } while (now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec <= file.id.ctimeNs);
}

struct Files {
    QTemporaryDir folder;

    [[nodiscard]] std::string path(const char* name) const {
        return folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    [[nodiscard]] platform::LocatedFile with(const char* name, const std::string& content) const {
        std::ofstream(path(name), std::ios::binary) << content;
        return std::move(*platform::locateFile(path(name)));
    }
};

} // namespace

class tst_FileHashes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void hashesOnce();
    void hashesAgainWhatChanged();
    void hashesAgainWhatChangedAMomentAgo();
    void forgetsWhatWasUsedLeastRecently();
    void readsLargeFilesInPieces();
    void refusesWhatIsTooLarge();
    void refusesWhatCannotBeRead();
    void refusesWhatChangesMeanwhile();
    void readsOnceForAllWhoWait();
    void ends();
};

void tst_FileHashes::hashesOnce() {
    const Files files;
    const SetClock clock;
    FileHashes hashes({}, clock);
    const auto file = files.with("x", "abc");
    QVERIFY(!hashes.known(file.id));
    for (int i = 0; i < 3; ++i) {
        // FIPS 180-4's example.
        QCOMPARE(hashes.hash(file).value(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
    QCOMPARE(hashes.filesRead(), 1U);
    QVERIFY(hashes.known(file.id));
}

void tst_FileHashes::hashesAgainWhatChanged() {
    const Files files;
    const SetClock clock;
    FileHashes hashes({}, clock);
    const auto before = files.with("x", "abc");
    QVERIFY(hashes.hash(before));
    waitForAnotherTimeThanOf(before);
    const timespec times[2] = {{before.id.ctimeNs / 1'000'000'000, 0}, {before.id.ctimeNs / 1'000'000'000, 0}};
    const auto after = files.with("x", "abd"); // of the same size
    ::utimensat(AT_FDCWD, files.path("x").c_str(), times, 0);
    const auto again = platform::locateFile(files.path("x"));
    QCOMPARE(again->id.inode, before.id.inode);
    QVERIFY(!hashes.known(again->id)); // the change time is nobody's to set
    QCOMPARE(hashes.hash(*again).value(), crypto::sha256Hex("abd"));
}

void tst_FileHashes::hashesAgainWhatChangedAMomentAgo() {
    const Files files;
    SetClock clock;
    clock.ahead = 0;
    FileHashes hashes({}, clock);
    const auto file = files.with("x", "abc");
    QVERIFY(hashes.hash(file));
    QVERIFY(!hashes.known(file.id));
    clock.ahead = -60; // a clock that was set back
    QVERIFY(hashes.hash(file));
    QVERIFY(!hashes.known(file.id));
    QCOMPARE(hashes.filesRead(), 2U);
}

void tst_FileHashes::forgetsWhatWasUsedLeastRecently() {
    const Files files;
    const SetClock clock;
    FileHashes hashes({.entries = 2, .fileBytes = 100}, clock);
    const auto a = files.with("a", "a");
    const auto b = files.with("b", "b");
    const auto c = files.with("c", "c");
    QVERIFY(hashes.hash(a) && hashes.hash(b));
    QVERIFY(hashes.known(a.id)); // used again
    QVERIFY(hashes.hash(c));
    QVERIFY(hashes.known(a.id) && !hashes.known(b.id) && hashes.known(c.id));
}

void tst_FileHashes::readsLargeFilesInPieces() {
    const Files files;
    const SetClock clock;
    FileHashes hashes({}, clock);
    constexpr std::size_t kBlock = 256 * 1024;
    for (const std::size_t size :
         {std::size_t{0}, std::size_t{1}, kBlock - 1, kBlock, kBlock + 1, std::size_t{700'000}}) {
        const std::string content(size, 'x');
        QCOMPARE(hashes.hash(files.with("x", content)).value(), crypto::sha256Hex(content));
    }
}

void tst_FileHashes::refusesWhatIsTooLarge() {
    const Files files;
    const SetClock clock;
    FileHashes hashes({.entries = 1, .fileBytes = 3}, clock);
    QVERIFY(hashes.hash(files.with("x", "abc")));
    const auto outcome = hashes.hash(files.with("y", "abcd"));
    QVERIFY(!outcome && outcome.error().reason == Reason::TooLarge);
}

void tst_FileHashes::refusesWhatCannotBeRead() {
    const Files files;
    const SetClock clock;
    FileHashes hashes({}, clock);
    auto file = files.with("x", "abc");
    file.handle.reset();
    const auto outcome = hashes.hash(file);
    QVERIFY(!outcome && outcome.error().reason == Reason::Unreadable);
}

void tst_FileHashes::refusesWhatChangesMeanwhile() {
    const Files files;
    SetClock clock;
    FileHashes hashes({}, clock);
    const auto file = files.with("x", "abc");
    waitForAnotherTimeThanOf(file);
    const auto refuses = [&](const std::function<void()>& change) {
        clock.onCall = [&](int) { change(); }; // asked just before the file is read
        const auto outcome = hashes.hash(file);
        clock.onCall = nullptr;
        return !outcome && outcome.error().reason == Reason::Changed;
    };
    QVERIFY(refuses([&] { std::ofstream(files.path("x"), std::ios::app) << "d"; }));
    QVERIFY(refuses([&] { static_cast<void>(files.with("x", "ab")); }));
    QVERIFY(refuses([&] { static_cast<void>(files.with("x", "abd")); }));
    QVERIFY(refuses([&] { ::chmod(files.path("x").c_str(), 0700); }));
    QVERIFY(!hashes.known(file.id));
}

void tst_FileHashes::readsOnceForAllWhoWait() {
    const Files files;
    SetClock clock;
    FileHashes hashes({}, clock);
    const auto file = files.with("x", std::string(1'000'000, 'x'));
    constexpr int kThreads = 4;
    std::atomic<int> arrived = 0;
    // The one who reads goes on only after the others have come.
    clock.onCall = [&](int) {
        while (arrived < kThreads) {
            std::this_thread::yield();
        }
    };
    std::atomic<int> right = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&] {
            ++arrived;
            right += hashes.hash(file).value_or(std::string()).size() == 64 ? 1 : 0;
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    QCOMPARE(right, kThreads);
    QCOMPARE(hashes.filesRead(), 1U);
}

void tst_FileHashes::ends() {
    const Files files;
    const SetClock clock;
    FileHashes hashes({}, clock);
    const auto file = files.with("x", "abc");
    hashes.end();
    const auto outcome = hashes.hash(file);
    QVERIFY(!outcome && outcome.error().reason == Reason::Ending);
}

QTEST_GUILESS_MAIN(tst_FileHashes)
#include "tst_file_hashes.moc"
