#include "daemon/identity/identifier.h"

#include "daemon/identity/way.h"

#include <QCoroFuture>
#include <QFuture>
#include <QPromise>

#include <memory>

namespace keybearer::identity {
namespace {

/// Disks gain nothing from more; one large file leaves the other thread for the small ones.
constexpr int kThreads = 2;

} // namespace

Identifier::Identifier(const Options& options, const base::Clock& clock) : m_hashes(options.limits, clock) {
    const auto know = [this](const std::string& path, bool isWindow) {
        const auto file = platform::locateFile(path);
        auto sha256 = file ? m_hashes.hash(*file) : FileHashes::Outcome(std::string());
        if (file && sha256) {
            m_surroundings.frontEnds.push_back({file->path, std::move(*sha256), isWindow});
        }
    };
    for (const std::string& path : options.frontEnds) {
        know(path, false);
    }
    for (const std::string& path : options.windows) {
        know(path, true);
    }
    for (const std::string& path : options.shells) {
        m_surroundings.shells.push_back(baseName(path));
    }
    m_threads.setMaxThreadCount(kThreads);
}

Identifier::~Identifier() {
    m_hashes.end();
    m_threads.waitForDone();
}

std::optional<Subject> Identifier::cached(const platform::Process& process) {
    const auto lookUp = [this](const platform::LocatedFile& file) -> FileHashes::Outcome {
        if (auto sha256 = m_hashes.known(file.id)) {
            return std::move(*sha256);
        }
        return base::fail(Refusal{Reason::NotYet, "a file of it must be read first", {}});
    };
    auto subject = examine(process, m_surroundings, lookUp);
    return subject ? std::optional(std::move(*subject)) : std::nullopt;
}

QCoro::Task<Identifier::Outcome> Identifier::identify(platform::Process process) {
    // Shared, because what a thread pool takes must be copyable.
    const auto held = std::make_shared<const platform::Process>(std::move(process));
    const auto promise = std::make_shared<QPromise<Outcome>>();
    const QFuture<Outcome> future = promise->future();
    promise->start();
    m_threads.start([this, held, promise] {
        promise->addResult(
            examine(*held, m_surroundings, [this](const platform::LocatedFile& file) { return m_hashes.hash(file); }));
        promise->finish();
    });
    // Nothing of this object is touched from here on: it may be gone.
    Outcome outcome = co_await future;
    co_return outcome;
}

} // namespace keybearer::identity
