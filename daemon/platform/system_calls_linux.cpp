#include "daemon/platform/system_calls.h"

#include <linux/netlink.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace keybearer::platform {
namespace {

// At its end the leak check of a sanitizer makes a process that stops this one and looks through it; for a report it
// starts a program that names the lines. A release does none of it.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kHasSanitizer = true;
#elif defined(__has_feature)
constexpr bool kHasSanitizer = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kHasSanitizer = false;
#endif

/// What a broker and its libraries never need. A name that this libseccomp does not know is passed by.
constexpr std::array kRefused{
    // other processes
    "process_madvise", "process_mrelease", "pidfd_getfd", "pidfd_send_signal", "kcmp", "rt_sigqueueinfo",
    "rt_tgsigqueueinfo", "tkill", "migrate_pages", "move_pages",
    // namespaces and mounts
    "mount", "umount", "umount2", "pivot_root", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick",
    "mount_setattr", "unshare", "setns", "chroot",
    // other users and files by number
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capset",
    "chown", "lchown", "fchownat", "mknod", "mknodat", "open_by_handle_at", "name_to_handle_at", "fanotify_init",
    // what Landlock lets anybody do to a file by its path; truncate() before Linux 6.2
    "truncate", "truncate64", "chmod", "fchmodat", "fchmodat2", "setxattr", "lsetxattr", "setxattrat", "removexattr",
    "lremovexattr", "removexattrat", "utime", "utimes", "futimesat",
    // the kernel and the machine
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "bpf", "perf_event_open", "iopl",
    "ioperm", "modify_ldt", "reboot", "swapon", "swapoff", "acct", "settimeofday", "clock_settime", "clock_adjtime",
    "adjtimex", "sethostname", "setdomainname", "quotactl", "quotactl_fd", "lookup_dcookie", "vhangup", "syslog",
    "personality",
    // keys, and large parts of the kernel that nothing here uses
    "keyctl", "add_key", "request_key", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "vmsplice", "remap_file_pages"};

/// As above, but for a sanitizer.
constexpr std::array kRefusedUnlessSanitized{"execve",           "execveat",         "fork", "vfork", "ptrace",
                                             "process_vm_readv", "process_vm_writev"};

scmp_arg_cmp where(unsigned argument, scmp_compare compare, scmp_datum_t value) {
    return {argument, compare, value, 0};
}

scmp_arg_cmp masked(unsigned argument, scmp_datum_t mask, scmp_datum_t value) {
    return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

/// The kernel takes half of the register for such an argument; whatever the other half holds is the same call.
scmp_arg_cmp isInt(unsigned argument, scmp_datum_t value) {
    return masked(argument, 0xffffffff, value);
}

class Filter {
public:
    Filter() : m_context(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release) { m_error = m_context ? 0 : ENOMEM; }

    /// Where all conditions hold, the call fails.
    void refuse(const char* name, const std::vector<scmp_arg_cmp>& conditions = {}, unsigned error = EPERM) {
        const int number = seccomp_syscall_resolve_name(name);
        if (m_error == 0 && number != __NR_SCMP_ERROR) {
            m_error = -seccomp_rule_add_array(m_context.get(), SCMP_ACT_ERRNO(error), number,
                                              static_cast<unsigned>(conditions.size()), conditions.data());
        }
    }
    /// 0, or an errno. For every thread that there is, and those that they start.
    [[nodiscard]] int load() {
        // The numbers of another architecture mean other calls.
        set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
        set(SCMP_FLTATR_CTL_TSYNC, 1);
        // No code of others runs in this process that could guess at its memory; without this each call costs more.
        set(SCMP_FLTATR_CTL_SSB, 1);
        set(SCMP_FLTATR_CTL_OPTIMIZE, 2); // a tree instead of a list
        if (m_error == 0) {
            m_error = -seccomp_load(m_context.get());
        }
        return m_error;
    }

private:
    void set(scmp_filter_attr attribute, std::uint32_t value) {
        if (m_error == 0) {
            m_error = -seccomp_attr_set(m_context.get(), attribute, value);
        }
    }

    std::unique_ptr<void, void (*)(scmp_filter_ctx)> m_context;
    int m_error = 0;
};

/// Unix sockets, the network, and the question which addresses this machine has (getaddrinfo(3), netlink(7)).
void refuseOtherSockets(Filter& filter) {
    for (scmp_datum_t family = 0; family < AF_NETLINK; ++family) {
        if (family != AF_UNIX && family != AF_INET && family != AF_INET6) {
            filter.refuse("socket", {where(0, SCMP_CMP_EQ, family)});
        }
    }
    filter.refuse("socket", {where(0, SCMP_CMP_GT, AF_NETLINK)});
    filter.refuse("socket", {where(0, SCMP_CMP_EQ, AF_NETLINK), where(2, SCMP_CMP_NE, NETLINK_ROUTE)});
}

/// Signals and limits are for this process itself.
void refuseOtherProcesses(Filter& filter) {
    const auto self = static_cast<scmp_datum_t>(::getpid());
    filter.refuse("kill", {where(0, SCMP_CMP_NE, self)});
    filter.refuse("tgkill", {where(0, SCMP_CMP_NE, self)});
    filter.refuse("prlimit64", {where(0, SCMP_CMP_NE, 0)});
    filter.refuse("ioctl", {isInt(1, TIOCSTI)});
    filter.refuse("utimensat", {where(1, SCMP_CMP_NE, 0)}); // without a path it is for a descriptor
}

/// No memory is written and executed, and none becomes executable, so that what is injected is not run as it comes.
/// Threads and no processes: the flags of clone3() lie in memory, where no filter sees them, and glibc takes clone()
/// when there is no clone3().
void refuseUnlessSanitized(Filter& filter) {
    for (const char* name : kRefusedUnlessSanitized) {
        filter.refuse(name);
    }
    constexpr scmp_datum_t kBoth = PROT_WRITE | PROT_EXEC;
    filter.refuse("mmap", {masked(2, kBoth, kBoth)});
    filter.refuse("mmap2", {masked(2, kBoth, kBoth)});
    filter.refuse("mprotect", {masked(2, PROT_EXEC, PROT_EXEC)});
    filter.refuse("pkey_mprotect", {masked(2, PROT_EXEC, PROT_EXEC)});
    filter.refuse("clone", {masked(0, CLONE_THREAD, 0)});
    filter.refuse("clone3", {}, ENOSYS);
    filter.refuse("prctl", {isInt(0, PR_SET_DUMPABLE)});
    filter.refuse("prctl", {isInt(0, PR_SET_PTRACER)});
}

} // namespace

Measure restrictSystemCalls() {
    const auto withoutIt = [](const std::string& why) {
        return Measure{"system calls", false, "the broker may make every system call: " + why};
    };
    Filter filter;
    for (const char* name : kRefused) {
        filter.refuse(name);
    }
    refuseOtherSockets(filter);
    refuseOtherProcesses(filter);
    if (!kHasSanitizer) {
        refuseUnlessSanitized(filter);
    }
    if (const int why = filter.load(); why != 0) {
        return withoutIt(std::string("the kernel takes no filter: ") + std::strerror(why));
    }
    return {"system calls", true,
            kHasSanitizer
                ? "the broker cannot mount, trace the kernel or reach other processes (seccomp); it can start "
                  "programs, because it was built with a sanitizer"
                : "the broker can start no program and reach no other process (seccomp)"};
}

} // namespace keybearer::platform
