#include "ipc/client/lock_holder.h"

#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace keybearer;
using client::LockHolder;

namespace {

/// What a child does before it waits to be ended.
struct Holding {
    const char* name = "keybearerd";
    bool locks = true;
    uid_t uid = 0; ///< 0: its own
};

/// A process beside this one, ready when it has been made.
class Child {
public:
    Child(const std::string& lock, const Holding& how) {
        int ends[2];
        [[maybe_unused]] const int made = ::pipe2(ends, O_CLOEXEC);
        const pid_t tester = ::getpid();
        m_pid = ::fork();
        if (m_pid == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::prctl(PR_SET_NAME, how.name);
            ::signal(SIGTERM, SIG_DFL); // Qt Test's would say that the test was ended
            const int file = ::open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
            const bool isReady = ::getppid() == tester && file >= 0 && (!how.locks || ::flock(file, LOCK_EX) == 0) &&
                                 (how.uid == 0 || ::setresuid(how.uid, how.uid, how.uid) == 0);
            [[maybe_unused]] const ssize_t told = ::write(ends[1], isReady ? "y" : "n", 1);
            for (;;) {
                ::pause();
            }
        }
        ::close(ends[1]);
        char word = 'n';
        m_isReady = ::read(ends[0], &word, 1) == 1 && word == 'y';
        ::close(ends[0]);
    }
    ~Child() {
        ::kill(m_pid, SIGKILL);
        ::waitpid(m_pid, nullptr, 0);
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    [[nodiscard]] pid_t pid() const { return m_pid; }
    [[nodiscard]] bool isReady() const { return m_isReady; }

private:
    pid_t m_pid = 0;
    bool m_isReady = false;
};

} // namespace

class TestLockHolder : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    [[nodiscard]] std::string lock() const { return m_folder.filePath(QStringLiteral("broker.lock")).toStdString(); }
    [[nodiscard]] std::optional<LockHolder> find() const {
        base::Paths paths;
        paths.data = m_folder.path().toStdString();
        return LockHolder::find(paths);
    }
    void write(const std::string& text) const {
        const base::UniqueFd file(::open(lock().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        QCOMPARE(::write(file.get(), text.data(), text.size()), ssize_t(text.size()));
    }

private Q_SLOTS:
    void init() { ::unlink(lock().c_str()); }

    void aBrokerIsFoundAndEnds() {
        const Child broker(lock(), {});
        QVERIFY(broker.isReady());
        write(std::to_string(broker.pid()) + " /run/a b/broker.sock\n");
        const auto holder = find();
        QVERIFY(holder);
        QCOMPARE(holder->pid(), broker.pid());
        QCOMPARE(holder->socket(), std::string("/run/a b/broker.sock"));
        QVERIFY(!holder->hasEnded({}));
        QVERIFY(holder->askToEnd());
        QVERIFY(holder->hasEnded(std::chrono::seconds(10)));
        QVERIFY(!find());
    }

    void oneThatDoesNotServeYetHasNoSocket() {
        const Child broker(lock(), {});
        write(std::to_string(broker.pid()) + " /run/broker.sock");
        const auto holder = find();
        QVERIFY(holder && holder->socket().empty());
    }

    void whatIsNoBrokerOfOurs_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("locks");
        QTest::addColumn<uint>("uid");
        QTest::addColumn<QByteArray>("text"); // PID: the child's
        QTest::newRow("another program") << QByteArray("other") << true << 0U << QByteArray("PID /s\n");
        QTest::newRow("one that has no lock") << QByteArray("keybearerd") << false << 0U << QByteArray("PID /s\n");
        QTest::newRow("another number") << QByteArray("keybearerd") << true << 0U << QByteArray("1 /s\n");
        QTest::newRow("zero") << QByteArray("keybearerd") << true << 0U << QByteArray("0 /s\n");
        QTest::newRow("every process") << QByteArray("keybearerd") << true << 0U << QByteArray("-1 /s\n");
        QTest::newRow("no number") << QByteArray("keybearerd") << true << 0U << QByteArray("x /s\n");
        QTest::newRow("too large a number") << QByteArray("keybearerd") << true << 0U << QByteArray("99999999999 /s\n");
        QTest::newRow("nothing") << QByteArray("keybearerd") << true << 0U << QByteArray();
        if (::geteuid() == 0) {
            QTest::newRow("another user's") << QByteArray("keybearerd") << true << 64998U << QByteArray("PID /s\n");
        }
    }
    void whatIsNoBrokerOfOurs() {
        QFETCH(const QByteArray, name);
        QFETCH(const bool, locks);
        QFETCH(const uint, uid);
        QFETCH(QByteArray, text);
        const Child child(lock(), {name.constData(), locks, uid});
        QVERIFY(child.isReady());
        write(text.replace("PID", QByteArray::number(child.pid())).toStdString());
        QVERIFY(!find());
    }

    void withoutAFileThereIsNone() { QVERIFY(!find()); }

    void aLinkIsNotFollowed() {
        const std::string elsewhere = m_folder.filePath(QStringLiteral("elsewhere")).toStdString();
        const Child broker(elsewhere, {});
        QCOMPARE(::rename(elsewhere.c_str(), lock().c_str()), 0);
        write(std::to_string(broker.pid()) + " /s\n");
        QVERIFY(find());
        QCOMPARE(::rename(lock().c_str(), elsewhere.c_str()), 0);
        QCOMPARE(::symlink(elsewhere.c_str(), lock().c_str()), 0);
        QVERIFY(!find());
    }
};

QTEST_GUILESS_MAIN(TestLockHolder)
#include "tst_lock_holder.moc"
