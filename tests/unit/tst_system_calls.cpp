#include "daemon/platform/system_calls.h"

#include <QTest>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <string>
#include <thread>

using namespace keybearer::platform;

/// Each row in a child that is confined first.
class tst_SystemCalls : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void whatIsRefused_data();
    void whatIsRefused();
    void whatABrokerDoes();
    void threadsOfBeforeAreConfinedToo();
};

namespace {

/// How the child ended: its exit code, or 1000 and the signal.
int endOf(const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        const Measure measure = restrictSystemCalls();
        ::_exit(measure.inForce ? body() : 255);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

using Attempt = std::function<long()>;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kIsSanitized = true;
#elif defined(__has_feature)
constexpr bool kIsSanitized = __has_feature(address_sanitizer);
#else
constexpr bool kIsSanitized = false;
#endif

} // namespace

Q_DECLARE_METATYPE(Attempt)

void tst_SystemCalls::initTestCase() {
    if (const int end = endOf([] { return 0; }); end == 255) {
        QSKIP("a kernel that takes no filter");
    }
}

void tst_SystemCalls::whatIsRefused_data() {
    QTest::addColumn<Attempt>("attempt");
    QTest::addColumn<int>("error");
    QTest::addColumn<bool>("sanitizersNeedIt");
    const auto row = [](const char* name, const Attempt& attempt, int error = EPERM, bool sanitizersNeedIt = false) {
        QTest::newRow(name) << attempt << error << sanitizersNeedIt;
    };
    const auto mostly = [&](const char* name, const Attempt& attempt, int error = EPERM) {
        row(name, attempt, error, true);
    };
    constexpr long kHigh = 1L << 32; // the kernel does not look at it where an int is meant
    static char program[] = "/bin/true";
    mostly("execve", [] {
        char* const arguments[] = {program, nullptr};
        return ::execv(program, arguments);
    });
    mostly("execveat", [] { return ::syscall(SYS_execveat, -1, program, nullptr, nullptr, 0); });
    mostly("fork", [] { return ::fork(); });
    mostly("fork by its own number", [] { return ::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0); });
    mostly(
        "clone3", [] { return ::syscall(SYS_clone3, nullptr, 0); }, ENOSYS);
    mostly("a process that shares memory",
           [] { return ::syscall(SYS_clone, CLONE_VM | CLONE_VFORK | SIGCHLD, nullptr, nullptr, nullptr, 0); });
    mostly("ptrace", [] { return ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); });
    mostly("process_vm_readv", [] { return ::syscall(SYS_process_vm_readv, ::getpid(), nullptr, 0, nullptr, 0, 0); });
    mostly("process_vm_writev", [] { return ::syscall(SYS_process_vm_writev, ::getpid(), nullptr, 0, nullptr, 0, 0); });
    mostly("memory that is written and executed", [] {
        return ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                       MAP_FAILED
                   ? -1L
                   : 0L;
    });
    mostly("memory that becomes executable", [] {
        void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return page == MAP_FAILED ? 0L : ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
    });
    mostly("dumpable again", [] { return ::prctl(PR_SET_DUMPABLE, 1); });
    mostly("dumpable again, with more bits", [] { return ::syscall(SYS_prctl, kHigh | PR_SET_DUMPABLE, 1, 0, 0, 0); });
    row("kill", [] { return ::kill(::getppid(), 0); });
    row("kill a group", [] { return ::kill(0, 0); });
    row("kill a thread of another process", [] { return ::syscall(SYS_tgkill, ::getppid(), ::getppid(), 0); });
    row("kill by an old call", [] { return ::syscall(SYS_tkill, ::getppid(), 0); });
    row("a signal with a value", [] { return ::syscall(SYS_rt_sigqueueinfo, ::getppid(), 0, nullptr); });
    row("limits of another process", [] { return ::syscall(SYS_prlimit64, ::getppid(), 0, nullptr, nullptr); });
    row("pidfd_getfd", [] { return ::syscall(438, -1, 0, 0); });
    row("another user", [] { return ::setuid(0); });
    row("chroot", [] { return ::chroot("/"); });
    row("mount", [] { return ::syscall(SYS_mount, nullptr, nullptr, nullptr, 0, nullptr); });
    row("unshare", [] { return ::syscall(SYS_unshare, 0); });
    row("setns", [] { return ::syscall(SYS_setns, -1, 0); });
    row("a file by its number", [] { return ::syscall(SYS_open_by_handle_at, -1, nullptr, 0); });
    row("size of a file", [] { return ::truncate("/nowhere", 0); });
    row("mode of a file", [] { return ::chmod("/nowhere", 0600); });
    row("attribute of a file", [] { return ::setxattr("/nowhere", "user.x", "y", 1, 0); });
    row("times of a file", [] { return ::utimensat(AT_FDCWD, "/nowhere", nullptr, 0); });
    row("bpf", [] { return ::syscall(SYS_bpf, 0, nullptr, 0); });
    row("perf_event_open", [] { return ::syscall(SYS_perf_event_open, nullptr, 0, 0, -1, 0); });
    row("keyctl", [] { return ::syscall(SYS_keyctl, 0, 0, 0, 0, 0); });
    row("userfaultfd", [] { return ::syscall(SYS_userfaultfd, 0); });
    row("io_uring", [] { return ::syscall(SYS_io_uring_setup, 0, nullptr); });
    row("module", [] { return ::syscall(SYS_finit_module, -1, "", 0); });
    row("kexec", [] { return ::syscall(SYS_kexec_load, 0, 0, nullptr, 0); });
    row("a raw packet socket", [] { return ::socket(AF_PACKET, SOCK_DGRAM, 0); });
    row("a raw packet socket, with more bits", [] { return ::syscall(SYS_socket, kHigh | AF_PACKET, SOCK_DGRAM, 0); });
    row("a VSOCK socket", [] { return ::socket(AF_VSOCK, SOCK_STREAM, 0); });
    row("an AX.25 socket", [] { return ::socket(AF_AX25, SOCK_DGRAM, 0); });
    row("netlink but for addresses", [] { return ::socket(AF_NETLINK, SOCK_RAW, 9 /* NETLINK_AUDIT */); });
    row("typing into a terminal", [] { return ::ioctl(0, TIOCSTI, "x"); });
    row("typing into a terminal, with more bits", [] { return ::syscall(SYS_ioctl, 0, kHigh | TIOCSTI, "x"); });
#ifdef __x86_64__
    row("a call of another architecture", [] {
        long result = 20; // getpid() of i386
        __asm__ __volatile__("int $0x80" : "+a"(result) : : "memory");
        errno = static_cast<int>(-result);
        return result < 0 ? -1L : 0L;
    });
    row("a call of x32", [] { return ::syscall(0x40000000L + SYS_getpid); });
#endif
}

void tst_SystemCalls::whatIsRefused() {
    QFETCH(Attempt, attempt);
    QFETCH(int, error);
    QFETCH(bool, sanitizersNeedIt);
    if (kIsSanitized && sanitizersNeedIt) {
        QSKIP("a sanitizer does this at its end");
    }
    QCOMPARE(endOf([&] {
                 errno = 0;
                 return attempt() == -1 ? errno : 254;
             }),
             error);
}

void tst_SystemCalls::whatABrokerDoes() {
    QCOMPARE(endOf([] {
                 bool ran = false;
                 std::thread([&] { ran = true; }).join();
                 addrinfo* found = nullptr;
                 const bool resolves = ::getaddrinfo("localhost", "80", nullptr, &found) == 0;
                 const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                 sockaddr_in any{};
                 any.sin_family = AF_INET;
                 const bool binds = ::bind(listening, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
                 ::prctl(PR_SET_NAME, "named");
                 const int file = ::memfd_create("file", MFD_CLOEXEC);
                 const bool changes =
                     ::fchmod(file, 0600) == 0 && ::ftruncate(file, 1) == 0 && ::futimens(file, nullptr) == 0;
                 return ran && resolves && binds && changes ? 0 : 1;
             }),
             0);
    // Qt Test has a handler of its own.
    QCOMPARE(endOf([]() -> int {
                 ::signal(SIGABRT, SIG_DFL);
                 ::abort();
             }),
             1000 + SIGABRT);
}

void tst_SystemCalls::threadsOfBeforeAreConfinedToo() {
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        int ends[2];
        (void)!::pipe(ends);
        long result = 0;
        int error = 0;
        std::thread earlier([&] {
            char byte = 0;
            (void)!::read(ends[0], &byte, 1);
            result = ::kill(::getppid(), 0);
            error = errno;
        });
        const bool inForce = restrictSystemCalls().inForce;
        (void)!::write(ends[1], "x", 1);
        earlier.join();
        ::_exit(inForce && result == -1 && error == EPERM ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    QCOMPARE(status, 0);
}

QTEST_GUILESS_MAIN(tst_SystemCalls)
#include "tst_system_calls.moc"
