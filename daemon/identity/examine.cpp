#include "daemon/identity/examine.h"

#include "daemon/identity/way.h"
#include "ipc/base/text.h"

namespace keybearer::identity {
namespace {

using platform::Process;

std::string terminalName(const platform::ProcStat& state) {
    constexpr std::uint32_t kPseudoTerminals = 136; // Linux's Documentation/admin-guide/devices.txt
    constexpr std::uint32_t kConsoles = 4;
    constexpr std::uint32_t kMaxConsole = 63;
    const std::string minor = std::to_string(state.terminalMinor);
    if (state.terminalMajor == kPseudoTerminals) {
        return "pts/" + minor;
    }
    return state.terminalMajor == kConsoles && state.terminalMinor <= kMaxConsole
               ? "tty" + minor
               : std::to_string(state.terminalMajor) + ":" + minor;
}

/// A file that the process names; nullopt when there is none.
base::Result<std::optional<IdentifiedFile>, Refusal> identified(const Process& process, const std::string& path,
                                                                const Hashing& hash) {
    const auto file = process.fileAt(path);
    if (!file) {
        if (file.error().fault == platform::ProcessFault::Malformed) {
            return std::nullopt;
        }
        return base::fail(Refusal::of(file.error()));
    }
    auto sha256 = hash(*file);
    if (!sha256) {
        return base::fail(std::move(sha256.error()));
    }
    return IdentifiedFile{file->path, file->id, std::move(*sha256), file->isRootOwned};
}

std::vector<Ancestor> ancestorsOf(const Process& process) {
    std::vector<Ancestor> ancestors;
    std::optional<Process> held;
    const Process* one = &process;
    while (ancestors.size() < kMaxAncestors) {
        auto parent = one->parent();
        if (!parent || parent->pid() <= 1) {
            break;
        }
        const auto file = parent->executable();
        const auto state = parent->state();
        const std::string name = file ? baseName(file->path) : state ? state->comm : std::string();
        ancestors.push_back({parent->pid(), base::printable(name, kMaxShownName), file ? file->path : std::string()});
        held = std::move(*parent);
        one = &*held;
    }
    return ancestors;
}

/// Kind, script, terminal and image.
base::Result<void, Refusal> describeCode(const Step& step, const Hashing& hash, Subject& subject) {
    const Process& process = *step.process;
    if (step.isInterpreter) {
        subject.kind = SubjectKind::Interpreter;
    }
    if (step.isShell && step.code.from == CodeFrom::Nothing && process.readsItsTerminal(step.state)) {
        subject.kind = SubjectKind::TerminalSession;
        subject.terminal = {terminalName(step.state), step.state.session};
    }
    if (step.sharesFiles && step.code.from == CodeFrom::File) {
        auto script = identified(process, step.code.path, hash);
        if (!script) {
            return base::fail(std::move(script.error()));
        }
        // What changed after the process had begun is not what it read.
        if (*script && (**script).id.ctimeNs < process.startedAtNs() + Process::tickNs()) {
            subject.kind = SubjectKind::Script;
            subject.script = std::move(**script);
        }
    }
    if (subject.sandbox.kind == platform::SandboxKind::AppImage && !subject.sandbox.id.empty()) {
        auto image = identified(process, subject.sandbox.id, hash);
        if (!image) {
            return base::fail(std::move(image.error()));
        }
        subject.image = std::move(*image);
    }
    return {};
}

base::Result<Subject, Refusal> describe(const Step& step, const Hashing& hash) {
    Subject subject;
    subject.pid = step.process->pid();
    subject.startTicks = step.process->startTicks();
    subject.executable = {step.file.path, step.file.id, step.sha256, step.file.isRootOwned};
    subject.isDeleted = step.sharesFiles && !step.file.isInPlace;
    subject.isWeak = step.process->isWeak();
    auto sandbox = step.process->sandbox(step.file);
    if (!sandbox) {
        return base::fail(Refusal::of(sandbox.error()));
    }
    subject.sandbox = std::move(*sandbox);
    if (const auto described = describeCode(step, hash, subject); !described) {
        return base::fail(described.error());
    }
    subject.name =
        base::printable(baseName(subject.script ? subject.script->path : subject.executable.path), kMaxShownName);
    subject.ancestors = ancestorsOf(*step.process);
    return subject;
}

/// The files that the subject names are still where it names them.
bool namesTheSame(const Step& step, const Subject& subject) {
    const auto isSame = [&](const std::optional<IdentifiedFile>& before, const std::string& path) {
        if (!before) {
            return true;
        }
        const auto now = step.process->fileAt(path);
        return now && now->id == before->id;
    };
    return isSame(subject.script, step.code.path) && isSame(subject.image, subject.sandbox.id);
}

} // namespace

base::Result<Subject, Refusal> examine(const Process& process, const Surroundings& surroundings, const Hashing& hash) {
    Way way(surroundings, hash);
    const auto refused = [&](Refusal refusal) {
        refusal.frontEnd = way.frontEnd();
        return base::fail(std::move(refusal));
    };
    if (const auto arrived = way.from(process); !arrived) {
        return refused(arrived.error());
    }
    auto subject = describe(way.last(), hash);
    if (!subject) {
        return refused(std::move(subject.error()));
    }
    subject->frontEnd = way.frontEnd();
    if (way.isWindow()) {
        subject->kind = SubjectKind::Window;
    }
    if (!namesTheSame(way.last(), *subject)) {
        return refused(
            {Reason::Changed,
             "a file of process " + std::to_string(subject->pid) + " became another while it was looked at; try again",
             {}});
    }
    if (const auto holds = way.check(); !holds) {
        return refused(holds.error());
    }
    return subject;
}

} // namespace keybearer::identity
