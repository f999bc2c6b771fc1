#include "app/cli/child.h"
#include "app/cli/failure.h"
#include "app/cli/forward_plan.h"
#include "app/cli/forward_run.h"
#include "app/cli/output.h"
#include "ipc/base/secure_dir.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace keybearer::cli {
namespace {

/// What ssh(1) ends with when it failed itself.
constexpr int kSshFailed = 255;
/// How long the other machine has to remove its folder, and ssh to end.
constexpr int kLeaveMs = 5'000;
/// What may come before the line that names the folder: what a login says there.
constexpr std::size_t kMostSaid = 256U << 10;

client::Error cannotPrepare(const std::string& what) {
    return failure("storage_error", what + ": " + std::strerror(errno), 6);
}

/// A folder of our own for ssh's control socket; it goes with this object.
class ControlFolder {
public:
    explicit ControlFolder(const std::string& parent) : m_path(parent + "/ssh.XXXXXX") {
        m_isMade = base::makePrivateDir(parent).has_value() && ::mkdtemp(m_path.data()) != nullptr;
    }
    ControlFolder(const ControlFolder&) = delete;
    ControlFolder& operator=(const ControlFolder&) = delete;
    ~ControlFolder() {
        if (m_isMade) {
            ::unlink(socket().c_str());
            ::rmdir(m_path.c_str());
        }
    }
    [[nodiscard]] bool isMade() const noexcept { return m_isMade; }
    [[nodiscard]] std::string socket() const { return m_path + "/c"; }

private:
    std::string m_path;
    bool m_isMade;
};

struct Pipe {
    base::UniqueFd read;
    base::UniqueFd write;
    Pipe() {
        std::array<int, 2> ends{-1, -1};
        if (::pipe2(ends.data(), O_CLOEXEC) == 0) {
            read = base::UniqueFd(ends[0]);
            write = base::UniqueFd(ends[1]);
        }
    }
};

/// The connection, and the shell at its other end that keeps the folder there as long as it is told to.
class SshMaster {
public:
    SshMaster(pid_t pid, base::UniqueFd input, base::UniqueFd output)
        : m_process(pid), m_input(std::move(input)), m_output(std::move(output)) {}

    static client::Result<SshMaster> start(const ForwardOptions& options, const SshPaths& paths,
                                           const std::vector<std::string>& environment) {
        Pipe input;
        Pipe output;
        if (!input.write || !output.read) {
            return base::fail(cannotPrepare("no pipe can be made"));
        }
        const auto begun =
            launch({masterCommand(options, paths), environment, input.read.get(), output.write.get(), true});
        if (!begun) {
            return base::fail(begun.error());
        }
        ::fcntl(output.read.get(), F_SETFL, O_NONBLOCK);
        return SshMaster(*begun, std::move(input.write), std::move(output.read));
    }

    [[nodiscard]] Running& process() noexcept { return m_process; }
    [[nodiscard]] int descriptor() const noexcept { return m_output.get(); }

    /// The key waits in the pipe until somebody has signed in over there.
    void give(const base::Secret& key) const {
        base::Secret line = base::Secret::ofSize(key.size() + 1);
        std::memcpy(line.mutableBytes().data(), key.reveal().data(), key.size());
        line.mutableBytes()[key.size()] = '\n';
        // Less than a pipe holds; where nobody reads it, ssh has failed, and says why.
        [[maybe_unused]] const ssize_t written = ::write(m_input.get(), line.reveal().data(), line.size());
    }

    /// Reads what the other machine says; true when it has named its folder.
    bool hasFolder() {
        std::array<char, 4096> chunk;
        ssize_t got = 0;
        while ((got = ::read(m_output.get(), chunk.data(), chunk.size())) > 0 && m_said.size() < kMostSaid) {
            m_said.append(chunk.data(), static_cast<std::size_t>(got));
        }
        for (std::size_t end = m_said.find('\n'); end != std::string::npos; end = m_said.find('\n')) {
            folder = remoteFolderIn(std::string_view(m_said).substr(0, end));
            m_said.erase(0, end + 1);
            if (folder) {
                return true;
            }
        }
        if (got == 0 || m_said.size() >= kMostSaid) { // nothing comes any more: let it end
            m_output.reset();
            m_input.reset();
        }
        return false;
    }

    /// The folder over there goes.
    void leave() { m_input.reset(); }
    void finish() {
        leave();
        m_process.finish(kLeaveMs);
    }

    std::optional<std::string> folder;

private:
    Running m_process;
    base::UniqueFd m_input;
    base::UniqueFd m_output;
    std::string m_said;
};

/// Our own end, when there is no command whose end could be told.
int exitOfMaster(SshMaster& master) {
    Running& process = master.process();
    process.signal(SIGTERM);
    process.finish(kLeaveMs);
    const int status = process.status();
    return WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : kSshFailed;
}

} // namespace

Outcome forwardOverSsh(const ForwardOptions& options, const std::vector<std::string>& command,
                       const std::string& folder, ForwardLink& link) {
    const ControlFolder control(folder);
    if (!control.isMade()) {
        return base::fail(cannotPrepare("no folder can be made in " + folder));
    }
    const SshPaths paths{control.socket(), link.socket()};
    const std::vector<std::string> environment = environmentForSsh(environ);
    std::signal(SIGPIPE, SIG_IGN);
    ForwardRun run(link, options.host);
    auto master = SshMaster::start(options, paths, environment);
    if (!master) {
        return base::fail(master.error());
    }
    master->give(link.key());
    if (!run.waitFor(
            master->process(), [&] { return master->descriptor(); }, [&] { return master->hasFolder(); })) {
        run.end();
        return exitOfMaster(*master);
    }
    const base::UniqueFd nowhere(::open("/dev/null", O_RDWR | O_CLOEXEC));
    const auto listening =
        launch({listenCommand(options, paths, *master->folder), environment, nowhere.get(), nowhere.get(), false});
    if (!listening) {
        return base::fail(listening.error());
    }
    Running listen(*listening);
    run.follow(listen);
    if (listen.status() != 0) {
        run.end();
        master->finish();
        return base::fail(failure("remote_failed",
                                  shown(options.host) +
                                      " does not let a socket be forwarded to it; its sshd_config may say "
                                      "AllowStreamLocalForwarding no",
                                  kSshFailed));
    }
    const bool hasTerminal = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
    const auto begun =
        launch({runCommand(options, paths, *master->folder, command, hasTerminal), environment, -1, -1, false});
    if (!begun) {
        return base::fail(begun.error());
    }
    Running program(*begun);
    run.onEnded = [&] { master->leave(); };
    run.carrierGone = [&] {
        master->process().look();
        return master->process().isOver();
    };
    run.follow(program);
    run.end();
    master->finish();
    return exitCodeOf(program.status());
}

} // namespace keybearer::cli
