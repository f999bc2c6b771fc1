// Where nothing says who asks: nobody is let in on a guess.
#include "daemon/platform/process.h"

namespace keybearer::platform {
namespace {

ProcessError cannotTell() {
    return ProcessError{ProcessFault::Unsupported, "this system does not say which process asks"};
}

} // namespace

ProcessResult<Process> Process::pin(std::int32_t) {
    return base::fail(cannotTell());
}

ProcessResult<Process> peerProcess(int, std::chrono::milliseconds, Pinning) {
    return base::fail(cannotTell());
}

base::UniqueFd peerHandle(int) {
    return {};
}

bool isAlive(const base::UniqueFd&) {
    return false;
}

bool Process::isAlive() const {
    return false;
}

std::int64_t Process::startedAtNs() const {
    return 0;
}

std::int64_t Process::tickNs() {
    return 0;
}

ProcessResult<ProcStat> Process::state() const {
    return base::fail(cannotTell());
}

ProcessResult<LocatedFile> Process::executable() const {
    return base::fail(cannotTell());
}

ProcessResult<Arguments> Process::arguments() const {
    return base::fail(cannotTell());
}

ProcessResult<LocatedFile> Process::fileAt(const std::string&) const {
    return base::fail(cannotTell());
}

ProcessResult<bool> Process::sharesFiles() const {
    return base::fail(cannotTell());
}

ProcessResult<Sandbox> Process::sandbox(const LocatedFile&) const {
    return base::fail(cannotTell());
}

bool Process::readsItsTerminal(const ProcStat&) const {
    return false;
}

ProcessResult<Process> Process::parent() const {
    return base::fail(cannotTell());
}

std::optional<LocatedFile> locateFile(const std::string&) {
    return std::nullopt;
}

std::optional<FileId> currentId(const LocatedFile&) {
    return std::nullopt;
}

base::Result<base::UniqueFd, std::string> openForReading(const LocatedFile&) {
    return base::fail(std::string("cannot be read on this system"));
}

std::optional<std::size_t> readAt(int, std::uint64_t, std::span<unsigned char>) {
    return std::nullopt;
}

bool isRootsAlone(const std::string&) {
    return false;
}

std::vector<std::string> loginShells() {
    return {};
}

} // namespace keybearer::platform
