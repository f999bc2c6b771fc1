#include "daemon/identity/way.h"

#include "daemon/identity/lineage.h"
#include "ipc/base/text.h"

#include <algorithm>

namespace keybearer::identity {
namespace {

constexpr std::size_t kMostSteps = 16;

std::string shownName(const Step& step) {
    return base::printable(baseName(step.file.path), kMaxShownName);
}

std::string numbered(const platform::Process& process) {
    return "process " + std::to_string(process.pid());
}

bool isLookedThrough(const Step& step) {
    // Whoever could make such a program of their own would be taken for whoever started that.
    return step.file.isRootOwned &&
           (step.isShell ? step.code.from == CodeFrom::Inline : runsItsCommandLine(baseName(step.file.path)));
}

/// On a terminal, with another input than that: it reads its script from there, or is a shell's part of a pipe.
bool mayBeCopyOfAShell(const Step& step) {
    return step.isShell && step.code.from == CodeFrom::Nothing && step.state.hasTerminal() &&
           !step.process->readsItsTerminal(step.state);
}

/// A front end from before an upgrade is not looked through, although root alone may have put it there: whoever has
/// kept it open could run it for ever, with the holes that the upgrade was for.
Refusal outOfStep(const Step& step) {
    if (!step.file.isInPlace) {
        return {Reason::FrontEndOld,
                shownName(step) + " runs since before an upgrade of Keybearer; restart the program that started it",
                {}};
    }
    return {Reason::FrontEndChanged,
            shownName(step) + " is not the one that was there when the broker started; run: keybearer daemon stop",
            {}};
}

} // namespace

std::string baseName(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

base::Result<void, Refusal> Way::from(const platform::Process& process) {
    auto first = look(process);
    if (!first) {
        return base::fail(std::move(first.error()));
    }
    m_steps.push_back(std::move(*first));
    return walk();
}

base::Result<Step, Refusal> Way::look(const platform::Process& process) const {
    Step step;
    step.process = &process;
    auto state = process.state();
    auto file = process.executable();
    const auto shares = process.sharesFiles();
    if (!state || !file || !shares) {
        return base::fail(Refusal::of(!state ? state.error() : !file ? file.error() : shares.error()));
    }
    step.state = std::move(*state);
    step.file = std::move(*file);
    step.sharesFiles = *shares;
    auto sha256 = m_hash(step.file);
    if (!sha256) {
        return base::fail(std::move(sha256.error()));
    }
    step.sha256 = std::move(*sha256);
    const std::string name = baseName(step.file.path);
    const Interpreter* known = findInterpreter(name);
    const bool isOtherShell =
        known == nullptr && std::ranges::find(m_surroundings.shells, name) != m_surroundings.shells.end();
    step.isInterpreter = known != nullptr || isOtherShell;
    step.isShell = isOtherShell || (known != nullptr && known->kind == Interpreter::Kind::Shell);
    if (step.isInterpreter) {
        const auto arguments = process.arguments();
        if (!arguments) {
            return base::fail(Refusal::of(arguments.error()));
        }
        if (known != nullptr) {
            step.code = codeOf(*known, arguments->words, arguments->isCut);
        } else if (arguments->words.size() == 1) {
            step.code.from = CodeFrom::Nothing; // all that can be told of a shell whose options are not known
        }
    }
    return step;
}

base::Result<void, Refusal> Way::walk() {
    while (m_steps.size() <= kMostSteps) {
        const Step& step = last();
        const auto& frontEnds = m_surroundings.frontEnds;
        const auto own = std::ranges::find(frontEnds, step.sha256, &FrontEnd::sha256);
        if (own != frontEnds.end() && own->isWindow) {
            // No program of ours is started by it, and a copy elsewhere is somebody else's.
            m_isWindow = m_steps.size() == 1 && step.sharesFiles && step.file.isInPlace && step.file.path == own->path;
            m_frontEnd = m_isWindow ? baseName(own->path) : m_frontEnd;
            return {};
        }
        if (own != frontEnds.end()) {
            m_frontEnd = m_frontEnd.empty() ? baseName(own->path) : m_frontEnd;
        } else if (step.sharesFiles &&
                   std::ranges::find(frontEnds, step.file.path, &FrontEnd::path) != frontEnds.end()) {
            return base::fail(outOfStep(step));
        } else if (m_frontEnd.empty()) {
            return {}; // it asks by itself
        } else if (mayBeCopyOfAShell(step)) {
            if (!climbToOriginal()) {
                return {};
            }
            continue;
        } else if (!isLookedThrough(step)) {
            return {};
        }
        if (const auto up = climb(); !up) {
            return up;
        }
    }
    return base::fail(
        Refusal{Reason::TooDeep, "too many programs stand between " + m_frontEnd + " and the one that asked it", {}});
}

bool Way::climbToOriginal() {
    // A fork keeps the place of its stack, which every exec chooses anew.
    const std::uint64_t stack = last().state.stackStart;
    const platform::FileId file = last().file.id;
    const std::size_t before = m_steps.size();
    if (climb() && last().file.id == file && last().state.stackStart == stack && stack != 0) {
        return true;
    }
    m_steps.resize(before);
    return false;
}

base::Result<void, Refusal> Way::climb() {
    const Step& child = last();
    const Refusal orphan{Reason::Orphan,
                         "the program that started " + shownName(child) + " (" + numbered(*child.process) +
                             ") has ended, or is the system itself: nobody is there who asks",
                         {}};
    if (child.state.parent <= 1) {
        return base::fail(orphan);
    }
    auto parent = child.process->parent();
    if (!parent) {
        return base::fail(Refusal::of(parent.error()));
    }
    if (parent->uid() != child.process->uid()) {
        return base::fail(Refusal{
            Reason::Hidden, numbered(*parent) + ", which started " + shownName(child) + ", is another user's", {}});
    }
    auto step = look(*parent);
    if (!step) {
        return base::fail(std::move(step.error()));
    }
    if (parent->pid() == 1 || isReaper(baseName(step->file.path)) ||
        !couldHaveStarted(step->state, step->isShell, child.state)) {
        return base::fail(orphan);
    }
    step->held = std::move(*parent);
    m_steps.push_back(std::move(*step));
    m_steps.back().process = &*m_steps.back().held;
    return {};
}

base::Result<void, Refusal> Way::check() const {
    std::int32_t parentOfPrevious = 0; // 0: there is no previous one
    for (const Step& step : m_steps) {
        const auto state = step.process->state();
        const auto file = step.process->executable();
        if (!step.process->isAlive() || !state || !file) {
            return base::fail(Refusal{Reason::Gone, numbered(*step.process) + " ended while it was looked at", {}});
        }
        const bool isSame =
            file->id == step.file.id && file->path == step.file.path && state->stackStart == step.state.stackStart;
        if (!isSame || (parentOfPrevious != 0 && parentOfPrevious != step.process->pid())) {
            return base::fail(Refusal{
                Reason::Changed, numbered(*step.process) + " became another while it was looked at; try again", {}});
        }
        parentOfPrevious = state->parent;
    }
    return {};
}

} // namespace keybearer::identity
