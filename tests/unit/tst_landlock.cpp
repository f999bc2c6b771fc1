#include "daemon/platform/landlock.h"
#include "ipc/base/unique_fd.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>

using namespace keybearer::platform;
using keybearer::base::UniqueFd;

class tst_Landlock : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void rightsOfEachVersion_data();
    void rightsOfEachVersion();
    void aFileIsAllowedWhatFilesHave();
    void whatIsNotThereIsPassedBy();
    void aKernelThatRefuses_data();
    void aKernelThatRefuses();
    void aSecondThreadIsNotReached();
    void theKernelHoldsIt();
};

namespace {

/// A kernel of any version. Which step fails is said by name.
class FakeLandlock : public LandlockCalls {
public:
    struct Rule {
        std::string path;
        std::uint64_t allowed = 0;
    };

    explicit FakeLandlock(int version, std::string failing = {}) : m_version(version), m_failing(std::move(failing)) {}

    int abi() override { return m_version; }
    int createRuleset(std::uint64_t handledFiles, std::uint64_t scopes) override {
        handled = handledFiles;
        scoped = scopes;
        return isGood("create") ? ::open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
    }
    bool allowBelow(int, int path, std::uint64_t allowed) override {
        const QString target = QFile::symLinkTarget(QStringLiteral("/proc/self/fd/%1").arg(path));
        rules.push_back({target.toStdString(), allowed});
        return isGood("rule");
    }
    bool restrictThread(int) override {
        isRestricted = isGood("restrict");
        return isRestricted;
    }

    std::uint64_t handled = 0;
    std::uint64_t scoped = 0;
    std::vector<Rule> rules;
    bool isRestricted = false;

private:
    bool isGood(const char* step) {
        errno = EINVAL;
        return m_failing != step;
    }

    int m_version;
    std::string m_failing;
};

/// What Qt's test has begun a thread for would be in the way.
bool inFreshChild(const std::function<bool()>& check) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(check() ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#define EXPECT(condition)                                                                                              \
    if (!(condition)) {                                                                                                \
        qWarning("not so: %s (errno %d)", #condition, errno);                                                          \
        return false;                                                                                                  \
    }

bool opens(const std::string& path, int flags = O_RDONLY) {
    return static_cast<bool>(UniqueFd(::open(path.c_str(), flags | O_CLOEXEC, 0600)));
}

} // namespace

void tst_Landlock::rightsOfEachVersion_data() {
    QTest::addColumn<int>("version");
    QTest::addColumn<quint64>("handled");
    QTest::addColumn<quint64>("writable");
    QTest::addColumn<quint64>("scopes");
    // linux/landlock.h: 13 rights for files in version 1, then REFER, TRUNCATE, IOCTL_DEV.
    QTest::newRow("1: Linux 5.13") << 1 << quint64{0x1FFF} << quint64{0x3BE} << quint64{0};
    QTest::newRow("2: Linux 5.19") << 2 << quint64{0x3FFF} << quint64{0x3BE} << quint64{0};
    QTest::newRow("3: Linux 6.2") << 3 << quint64{0x7FFF} << quint64{0x43BE} << quint64{0};
    QTest::newRow("4: Linux 6.7") << 4 << quint64{0x7FFF} << quint64{0x43BE} << quint64{0};
    QTest::newRow("5: Linux 6.10") << 5 << quint64{0xFFFF} << quint64{0x43BE} << quint64{0};
    QTest::newRow("6: Linux 6.12") << 6 << quint64{0xFFFF} << quint64{0x43BE} << quint64{2};
    QTest::newRow("one that is to come") << 40 << quint64{0xFFFF} << quint64{0x43BE} << quint64{2};
}

void tst_Landlock::rightsOfEachVersion() {
    QFETCH(int, version);
    QFETCH(quint64, handled);
    QFETCH(quint64, writable);
    QFETCH(quint64, scopes);
    QVERIFY(inFreshChild([&] {
        FakeLandlock kernel(version);
        const Measure measure = restrictFiles({{"/usr"}, {"/tmp"}}, kernel);
        EXPECT(measure.inForce && kernel.isRestricted);
        EXPECT(measure.message.find("version " + std::to_string(version)) != std::string::npos);
        EXPECT(kernel.handled == handled && kernel.scoped == scopes);
        EXPECT(kernel.rules.size() == 2);
        EXPECT(kernel.rules[0].path == "/usr" && kernel.rules[0].allowed == 0xC); // READ_FILE, READ_DIR
        EXPECT(kernel.rules[1].path == "/tmp" && kernel.rules[1].allowed == writable);
        return true;
    }));
}

void tst_Landlock::aFileIsAllowedWhatFilesHave() {
    QVERIFY(inFreshChild([] {
        FakeLandlock kernel(3);
        EXPECT(restrictFiles({{"/dev/zero"}, {"/dev/null"}}, kernel).inForce);
        EXPECT(kernel.rules[0].allowed == 0x4 && kernel.rules[1].allowed == 0x4006);
        return true;
    }));
}

void tst_Landlock::whatIsNotThereIsPassedBy() {
    QVERIFY(inFreshChild([] {
        FakeLandlock kernel(1);
        EXPECT(restrictFiles({{"/nonexistent", "/usr", ""}, {"/nonexistent/too"}}, kernel).inForce);
        EXPECT(kernel.rules.size() == 1 && kernel.rules[0].path == "/usr");
        return true;
    }));
}

void tst_Landlock::aKernelThatRefuses_data() {
    QTest::addColumn<int>("version");
    QTest::addColumn<QByteArray>("failing");
    QTest::addColumn<QByteArray>("why");
    QTest::newRow("without Landlock") << -1 << QByteArray() << QByteArray("has no Landlock");
    QTest::newRow("switched off") << 0 << QByteArray() << QByteArray("has no Landlock");
    QTest::newRow("no set of rules") << 1 << QByteArray("create") << QByteArray("no set of rules");
    QTest::newRow("no rule") << 1 << QByteArray("rule") << QByteArray("no rule for /usr");
    QTest::newRow("no beginning") << 1 << QByteArray("restrict") << QByteArray("does not begin");
}

void tst_Landlock::aKernelThatRefuses() {
    QFETCH(int, version);
    QFETCH(QByteArray, failing);
    QFETCH(QByteArray, why);
    QVERIFY(inFreshChild([&] {
        FakeLandlock kernel(version, failing.toStdString());
        const Measure measure = restrictFiles({{"/usr"}, {}}, kernel);
        EXPECT(!measure.inForce && !kernel.isRestricted);
        EXPECT(measure.message.find(why.toStdString()) != std::string::npos);
        return true;
    }));
}

void tst_Landlock::aSecondThreadIsNotReached() {
    FakeLandlock kernel(1); // Qt Test has a thread that watches the time
    const Measure measure = restrictFiles({{"/usr"}, {}}, kernel);
    QVERIFY(!measure.inForce);
    QVERIFY(measure.message.find("threads") != std::string::npos);
}

void tst_Landlock::theKernelHoldsIt() {
    if (const int version = kernelLandlock().abi(); version < 1) {
        QSKIP("this kernel answers that it has no Landlock");
    }
    const QTemporaryDir folder;
    const std::string own = folder.path().toStdString() + "/own";
    const std::string other = folder.path().toStdString() + "/other";
    QCOMPARE(::mkdir(own.c_str(), 0700), 0);
    QCOMPARE(::mkdir(other.c_str(), 0700), 0);
    QVERIFY(opens(other + "/secret", O_WRONLY | O_CREAT));
    const pid_t stranger = ::fork();
    if (stranger == 0) {
        ::pause();
        ::_exit(0);
    }
    QVERIFY(inFreshChild([&] {
        const UniqueFd held(::open((other + "/secret").c_str(), O_RDWR | O_CLOEXEC));
        const std::string exe = "/proc/" + std::to_string(stranger) + "/exe";
        char target[4096];
        EXPECT(::readlink(exe.c_str(), target, sizeof target) > 0);
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        EXPECT(restrictFiles({{"/proc", "/usr"}, {own, "/dev/null"}}).inForce);
        // What is its own, now and later.
        EXPECT(opens(own + "/new", O_WRONLY | O_CREAT));
        EXPECT(::rename((own + "/new").c_str(), (own + "/renamed").c_str()) == 0);
        EXPECT(::mkdir((own + "/vault").c_str(), 0700) == 0);
        EXPECT(opens(own + "/vault/default.db", O_RDWR | O_CREAT | O_TRUNC));
        EXPECT(::unlink((own + "/vault/default.db").c_str()) == 0 && ::rmdir((own + "/vault").c_str()) == 0);
        EXPECT(opens("/usr", O_RDONLY | O_DIRECTORY) && opens("/proc/self/status") && opens("/dev/null", O_RDWR));
        // What is not.
        EXPECT(!opens(other + "/secret") && errno == EACCES);
        EXPECT(!opens(other + "/new", O_WRONLY | O_CREAT) && errno == EACCES);
        EXPECT(::unlink((other + "/secret").c_str()) != 0 && errno == EACCES);
        EXPECT(::link((own + "/renamed").c_str(), (own + "/linked").c_str()) == 0);
        EXPECT(::rename((own + "/renamed").c_str(), (other + "/renamed").c_str()) != 0);
        EXPECT(!opens("/usr/new", O_WRONLY | O_CREAT) && errno == EACCES);
        EXPECT(::symlink("/etc", (own + "/etc").c_str()) != 0 && errno == EACCES);
        EXPECT(::mkfifo((own + "/fifo").c_str(), 0600) != 0 && errno == EACCES);
        EXPECT(!opens("/etc/passwd") && errno == EACCES);
        // A descriptor from before stays; a stranger cannot be looked into any more.
        EXPECT(::write(held.get(), "x", 1) == 1);
        EXPECT(::readlink(exe.c_str(), target, sizeof target) < 0 && errno == EACCES);
        EXPECT(kernelLandlock().abi() < 6 || (::kill(stranger, 0) != 0 && errno == EPERM));
        return true;
    }));
    ::kill(stranger, SIGKILL);
    ::waitpid(stranger, nullptr, 0);
}

QTEST_GUILESS_MAIN(tst_Landlock)
#include "tst_landlock.moc"
