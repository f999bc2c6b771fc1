#include "ipc/base/locked_arena.h"
#include "ipc/base/secret.h"

#include <QFile>
#include <QTest>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <functional>
#include <random>
#include <thread>

using keybearer::base::LockedArena;
using keybearer::base::Secret;

class tst_LockedArena : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void blocksDoNotOverlap();
    void whatIsGivenBackIsOneBlockAgain();
    void sizes_data();
    void sizes();
    void whatFindsNoRoomIsCounted();
    void randomUse();
    void severalThreads();
    void pagesAroundItCannotBeTouched_data();
    void pagesAroundItCannotBeTouched();
    void itIsLockedAndNotDumped();
    void whereLittleCanBeLocked_data();
    void whereLittleCanBeLocked();
    void secretsLieInIt();

private:
    std::size_t m_size = 64 * 1024;
};

namespace {

constexpr std::size_t kPieces = 64 * 1024 / LockedArena::kLargest;

int endOf(const std::function<bool()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGSEGV, SIG_DFL);
        ::signal(SIGABRT, SIG_DFL);
        const rlimit none{0, 0};
        ::setrlimit(RLIMIT_CORE, &none);
        ::_exit(body() ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// What the kernel says of the mapping that begins at an address.
QByteArray mappingOf(const char* address) {
    QFile file(QStringLiteral("/proc/self/smaps"));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    const QByteArray all = file.readAll();
    const QByteArray start = QByteArray::number(reinterpret_cast<quintptr>(address), 16);
    const auto begin = all.startsWith(start + '-') ? 0 : all.indexOf('\n' + start + '-') + 1;
    return all.mid(begin, all.indexOf("VmFlags", begin) - begin + 120).split('\n').mid(0, 40).join('\n');
}

} // namespace

void tst_LockedArena::initTestCase() {
    if (LockedArena({&m_size, 1}).use().capacity == 0) {
        QSKIP("this system lets nobody lock 64 KiB");
    }
}

void tst_LockedArena::blocksDoNotOverlap() {
    LockedArena arena({&m_size, 1});
    std::vector<std::pair<char*, std::size_t>> blocks;
    for (std::size_t size = 1; char* block = arena.allocate(size % 700 + 1); size += 37) {
        blocks.emplace_back(block, size % 700 + 1);
    }
    QVERIFY(blocks.size() > 60);
    std::ranges::sort(blocks);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        QVERIFY(arena.owns(blocks[i].first) && arena.owns(blocks[i].first + blocks[i].second - 1));
        QVERIFY(i == 0 || blocks[i - 1].first + blocks[i - 1].second <= blocks[i].first);
    }
    QVERIFY(!arena.owns(nullptr) && !arena.owns(reinterpret_cast<const char*>(this)));
}

void tst_LockedArena::whatIsGivenBackIsOneBlockAgain() {
    LockedArena arena({&m_size, 1});
    std::vector<char*> blocks;
    while (char* block = arena.allocate(1)) {
        blocks.push_back(block);
    }
    QCOMPARE(blocks.size(), m_size / LockedArena::kSmallest);
    QCOMPARE(arena.use().used, m_size);
    std::shuffle(blocks.begin(), blocks.end(), std::mt19937(1));
    for (char* block : blocks) {
        arena.release(block, 1);
    }
    QCOMPARE(arena.use().used, 0U);
    for (std::size_t i = 0; i < kPieces; ++i) {
        QVERIFY(arena.allocate(LockedArena::kLargest) != nullptr);
    }
    QVERIFY(arena.allocate(1) == nullptr);
}

void tst_LockedArena::sizes_data() {
    QTest::addColumn<std::size_t>("size");
    QTest::addColumn<std::size_t>("used");
    const auto row = [](const char* name, std::size_t size, std::size_t used) { QTest::newRow(name) << size << used; };
    row("nothing", 0, 0);
    row("one byte", 1, 64);
    row("the smallest", 64, 64);
    row("one more", 65, 128);
    row("one less than doubled", 127, 128);
    row("between", 1025, 2048);
    row("the largest", 16 * 1024, 16 * 1024);
    row("too large", 16 * 1024 + 1, 0);
    row("far too large", std::size_t{1} << 40, 0);
}

void tst_LockedArena::sizes() {
    QFETCH(std::size_t, size);
    QFETCH(std::size_t, used);
    LockedArena arena({&m_size, 1});
    char* block = arena.allocate(size);
    QCOMPARE(block != nullptr, used != 0);
    QCOMPARE(arena.use().used, used);
    QCOMPARE(arena.use().refused, 0U);
    if (block != nullptr) {
        std::memset(block, 'x', size);
        arena.release(block, size);
    }
    QCOMPARE(arena.use().used, 0U);
}

void tst_LockedArena::whatFindsNoRoomIsCounted() {
    LockedArena arena({&m_size, 1});
    for (std::size_t i = 0; i < kPieces; ++i) {
        QVERIFY(arena.allocate(LockedArena::kLargest) != nullptr);
    }
    QVERIFY(arena.allocate(64) == nullptr);
    QCOMPARE(arena.use().refused, 1U);
}

void tst_LockedArena::randomUse() {
    LockedArena arena({&m_size, 1});
    std::mt19937 random(7);
    struct Block {
        char* data;
        std::size_t size;
        char content;
    };
    std::vector<Block> blocks;
    for (int step = 0; step < 20'000; ++step) {
        if (random() % 2 == 0) {
            const std::size_t size = 1 + random() % (random() % 8 == 0 ? 16 * 1024 : 600);
            if (char* data = arena.allocate(size)) {
                blocks.push_back({data, size, static_cast<char>(random())});
                std::memset(data, blocks.back().content, size);
            }
        } else if (!blocks.empty()) {
            std::swap(blocks[random() % blocks.size()], blocks.back());
            const Block block = blocks.back();
            blocks.pop_back();
            QVERIFY(std::all_of(block.data, block.data + block.size, [&](char c) { return c == block.content; }));
            arena.release(block.data, block.size);
        }
    }
}

void tst_LockedArena::severalThreads() {
    LockedArena arena({&m_size, 1});
    const auto use = [&](char content) {
        for (std::size_t i = 0; i < 5'000; ++i) {
            const std::size_t size = 1 + i % 400;
            if (char* data = arena.allocate(size)) {
                std::memset(data, content, size);
                if (!std::all_of(data, data + size, [&](char c) { return c == content; })) {
                    std::abort();
                }
                arena.release(data, size);
            }
        }
    };
    std::thread one(use, 'a');
    std::thread two(use, 'b');
    one.join();
    two.join();
    QCOMPARE(arena.use().used, 0U);
}

void tst_LockedArena::pagesAroundItCannotBeTouched_data() {
    QTest::addColumn<bool>("before");
    QTest::newRow("before") << true;
    QTest::newRow("behind") << false;
}

void tst_LockedArena::pagesAroundItCannotBeTouched() {
    QFETCH(bool, before);
    const int end = endOf([&] {
        const std::size_t size = LockedArena::kLargest;
        LockedArena arena({&size, 1});
        volatile char* block = arena.allocate(size); // all of it
        block[0] = 'x';
        block[size - 1] = 'x';
        block[before ? -1 : static_cast<std::ptrdiff_t>(size)] = 'x';
        return true;
    });
    QVERIFY2(end == 1000 + SIGSEGV || end == 1, qPrintable(QString::number(end))); // 1: a sanitizer reports it
}

void tst_LockedArena::itIsLockedAndNotDumped() {
    LockedArena arena({&m_size, 1});
    std::vector<char*> blocks;
    while (char* block = arena.allocate(LockedArena::kLargest)) {
        block[0] = 'x';
        blocks.push_back(block);
    }
    const QByteArray mapping = mappingOf(*std::ranges::min_element(blocks));
    const auto at = mapping.indexOf("VmFlags:");
    QVERIFY2(at >= 0, mapping.constData());
    const QList<QByteArray> flags = mapping.mid(at + 8).split('\n').first().simplified().split(' ');
    QVERIFY2(flags.contains("lo") && flags.contains("dd"), mapping.constData()); // locked, not dumped (proc(5))
}

void tst_LockedArena::whereLittleCanBeLocked_data() {
    QTest::addColumn<rlim_t>("limit");
    QTest::addColumn<std::size_t>("capacity");
    QTest::newRow("enough") << rlim_t{64 * 1024} << std::size_t{64 * 1024};
    QTest::newRow("for the smaller one") << rlim_t{64 * 1024 - 1} << std::size_t{16 * 1024};
    QTest::newRow("none") << rlim_t{0} << std::size_t{0};
}

void tst_LockedArena::whereLittleCanBeLocked() {
    QFETCH(rlim_t, limit);
    QFETCH(std::size_t, capacity);
    QCOMPARE(endOf([&] {
                 const rlimit few{limit, limit};
                 ::setrlimit(RLIMIT_MEMLOCK, &few);
                 if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) { // root may lock all there is
                     return false;
                 }
                 const std::array<std::size_t, 2> sizes{64 * 1024, 16 * 1024};
                 LockedArena arena(sizes);
                 char* block = arena.allocate(1);
                 return arena.use().capacity == capacity && (block != nullptr) == (capacity != 0);
             }),
             0);
}

void tst_LockedArena::secretsLieInIt() {
    const LockedArena& arena = LockedArena::ofProcess();
    const Secret small("an access token");
    if (!arena.owns(small.reveal().data())) {
        QSKIP("a build with a sanitizer that looks after ordinary memory");
    }
    const std::size_t used = arena.use().used;
    const Secret large = Secret::ofSize(64 * 1024);
    QVERIFY(!arena.owns(large.reveal().data()));
    QCOMPARE(arena.use().used, used);
    const char* where = nullptr;
    {
        const Secret copy = small.clone();
        where = copy.reveal().data();
        QVERIFY(arena.owns(where) && where != small.reveal().data());
        QVERIFY(arena.use().used > used);
    }
    QCOMPARE(arena.use().used, used);
    // The words are gone; what the arena notes of a free block stands in its first bytes.
    QVERIFY(std::string_view(where, 64).find("token") == std::string_view::npos);
    // When it is full, a secret is as good as before.
    std::vector<Secret> many;
    while (many.empty() || arena.owns(many.back().reveal().data())) {
        many.push_back(Secret::ofSize(LockedArena::kLargest));
    }
    QCOMPARE(many.back().reveal().find_first_not_of('\0'), std::string_view::npos);
    many.clear();
    QCOMPARE(arena.use().used, used);
}

QTEST_GUILESS_MAIN(tst_LockedArena)
#include "tst_locked_arena.moc"
