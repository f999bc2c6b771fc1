#include "daemon/keychain/secret_service_keychain.h"

#include "daemon/keychain/landing.h"
#include "daemon/keychain/libsecret_session.h"
#include "daemon/keychain/secret_service_bus.h"
#include "ipc/base/text.h"

#include <QByteArray>
#include <QDeadlineTimer>
#include <qt6keychain/keychain.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <utility>

namespace keybearer::keychain {
namespace {

using std::chrono::milliseconds;

/// QtKeychain runs one job at a time, and one that hangs holds up all others until it ends by itself. More than this
/// many are not queued behind it.
constexpr std::size_t kMaxPendingJobs = 64;

const QString kServiceName = QStringLiteral("keybearer");

constexpr auto kNoBus = "this process has no session bus (DBUS_SESSION_BUS_ADDRESS is not set), so it cannot reach the "
                        "desktop's keyring";
constexpr auto kNoService = "no keyring service answers on the session bus; start one, for example gnome-keyring";
constexpr auto kLocked = "the keyring is locked; unlock it, for example by logging in to the desktop";
constexpr auto kDismissed = "the keyring is locked, and its password prompt was dismissed";
constexpr auto kMissing =
    "the keyring service has no default keyring yet; log in to the desktop or create one with its "
    "password manager";
constexpr auto kSilent = "the keyring service did not answer in time";
constexpr auto kWriteSilent = "the keyring service did not answer in time; the change may still happen";

constexpr auto kCutOff = "the session bus was replaced by a new one; restart the broker: keybearer daemon stop";

enum class Verb { Read, Write, Remove };

struct Request {
    Verb verb;
    QString key;
    base::Secret value;

    [[nodiscard]] Request clone() const { return {verb, key, value.clone()}; }
};

struct Outcome {
    QKeychain::Error code;
    std::string text;
    base::Secret value;
};

milliseconds remaining(const QDeadlineTimer& end) {
    return milliseconds(std::max<qint64>(end.remainingTime(), 1));
}

base::Secret toSecret(const QByteArray& bytes) {
    return base::Secret(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
}

QKeychain::Job* makeJob(const Request& request) {
    QKeychain::Job* job = nullptr;
    switch (request.verb) {
    case Verb::Read: job = new QKeychain::ReadPasswordJob(kServiceName); break;
    case Verb::Write: {
        auto* write = new QKeychain::WritePasswordJob(kServiceName);
        const std::string_view bytes = request.value.reveal();
        write->setBinaryData(QByteArray(bytes.data(), static_cast<qsizetype>(bytes.size())));
        job = write;
        break;
    }
    case Verb::Remove: job = new QKeychain::DeletePasswordJob(kServiceName); break;
    }
    job->setInsecureFallback(false);
    job->setKey(request.key);
    return job;
}

Outcome outcomeOf(QKeychain::Job* job) {
    Outcome outcome{job->error(), base::printable(job->errorString().toStdString()), {}};
    if (const auto* read = qobject_cast<QKeychain::ReadPasswordJob*>(job);
        read != nullptr && outcome.code == QKeychain::NoError) {
        outcome.value = toSecret(read->binaryData());
    }
    return outcome;
}

StateReport reportOf(Collection collection) {
    switch (collection) {
    case Collection::Unlocked: return {State::Ready, {}};
    case Collection::Locked: return {State::Locked, kLocked};
    // What helps is what helps against a lock: the person sets a password. "Unavailable" would say: there is no
    // service.
    case Collection::Missing: return {State::Locked, kMissing};
    case Collection::NoService: return {State::Unavailable, sessionBusAddress().isEmpty() ? kNoBus : kNoService};
    case Collection::Silent: return {State::Unavailable, kSilent};
    }
    return {State::Unavailable, {}};
}

Error errorOf(Collection collection) {
    const StateReport report = reportOf(collection);
    if (collection == Collection::Silent) {
        return {ErrorKind::Timeout, report.detail};
    }
    return {report.state == State::Locked ? ErrorKind::Locked : ErrorKind::Unavailable, report.detail};
}

} // namespace

/// Lives as long as the last coroutine or job that needs it, which may be longer than the keychain.
struct SecretServiceKeychain::Shared {
    explicit Shared(milliseconds callDeadline) : deadline(callDeadline) {}

    milliseconds deadline;
    SecretServiceBus bus{[this] { abandonRunningJob(); }};
    std::deque<QKeychain::Job*> pendingJobs;  ///< the first is the one that QtKeychain runs
    std::map<QString, std::uint64_t> changes; ///< of each item: a later one of ours is not a foreign one

    /// The part of the deadline that is kept for asking why a job did not end.
    [[nodiscard]] milliseconds reserve() const { return deadline / 10; }

    void abandonRunningJob();

    static QCoro::Task<std::optional<Outcome>> run(std::shared_ptr<Shared> self, Request request, milliseconds timeout);
    static QCoro::Task<Result<base::Secret>> perform(std::shared_ptr<Shared> self, Request request);
    static QCoro::Task<Result<base::Secret>> judge(std::shared_ptr<Shared> self, Verb verb, QString key,
                                                   Outcome outcome, QDeadlineTimer end);
    static QCoro::Task<Error> explainTimeout(std::shared_ptr<Shared> self, Verb verb);
    static QCoro::Task<StateReport> report(std::shared_ptr<Shared> self);
};

/// libsecret 0.20 never ends a call whose password prompt was open when the service went away, and QtKeychain starts no
/// other job before that one ends: the keychain would be dead for the life of the process. So the job is ended from
/// here. It is not deleted before its own end, which may come after all.
void SecretServiceKeychain::Shared::abandonRunningJob() {
    if (pendingJobs.empty()) {
        return;
    }
    QKeychain::Job* job = pendingJobs.front();
    job->setAutoDelete(false);
    job->emitFinishedWithError(QKeychain::OtherError, QStringLiteral("the keyring service went away"));
    QObject::connect(job, &QKeychain::Job::finished, job, &QObject::deleteLater);
}

/// nullopt at the timeout. The job is left alone then: a pending job that is deleted crashes when its reply arrives.
QCoro::Task<std::optional<Outcome>> SecretServiceKeychain::Shared::run(std::shared_ptr<Shared> self, Request request,
                                                                       milliseconds timeout) {
    const auto landing = std::make_shared<Landing<Outcome>>();
    QKeychain::Job* job = makeJob(request);
    QObject::connect(job, &QKeychain::Job::finished, job, [self, landing](QKeychain::Job* finished) {
        QObject::disconnect(finished, &QKeychain::Job::finished, finished, nullptr);
        std::erase(self->pendingJobs, finished);
        landing->deliver(outcomeOf(finished));
    });
    self->pendingJobs.push_back(job);
    job->start();
    co_return co_await landing->within(timeout);
}

QCoro::Task<Result<base::Secret>> SecretServiceKeychain::Shared::perform(std::shared_ptr<Shared> self,
                                                                         Request request) {
    if (!self->bus.connect()) {
        co_return base::fail(errorOf(Collection::NoService));
    }
    if (self->pendingJobs.size() >= kMaxPendingJobs) {
        co_return base::fail(Error{ErrorKind::Timeout, kSilent});
    }
    const QDeadlineTimer end(self->deadline);
    const auto left = [&end, &self] { return std::max(remaining(end) - self->reserve(), milliseconds(1)); };
    std::optional<Outcome> outcome = co_await run(self, request.clone(), left());
    if (outcome && outcome->code == QKeychain::OtherError) {
        // Perhaps only the session was stale. Every verb may be done twice.
        const Collection collection = co_await self->bus.defaultCollection(left());
        if (collection == Collection::NoService) {
            co_return base::fail(errorOf(collection));
        }
        renewLibsecretSession();
        outcome = co_await run(self, request.clone(), left());
    }
    if (!outcome) {
        Error error = co_await explainTimeout(self, request.verb);
        co_return base::fail(std::move(error));
    }
    co_return co_await judge(self, request.verb, request.key, std::move(*outcome), end);
}

/// An unanswered password prompt looks like a frozen service; the property tells them apart. A change that was not
/// answered is a timeout in any case: its outcome is unknown.
QCoro::Task<Error> SecretServiceKeychain::Shared::explainTimeout(std::shared_ptr<Shared> self, Verb verb) {
    if (verb != Verb::Read) {
        co_return Error{ErrorKind::Timeout, kWriteSilent};
    }
    const Collection collection = co_await self->bus.defaultCollection(self->reserve());
    co_return errorOf(collection == Collection::Unlocked ? Collection::Silent : collection);
}

QCoro::Task<Result<base::Secret>> SecretServiceKeychain::Shared::judge(std::shared_ptr<Shared> self, Verb verb,
                                                                       QString key, Outcome outcome,
                                                                       QDeadlineTimer end) {
    if (outcome.code == QKeychain::NoError && verb != Verb::Remove) {
        co_return std::move(outcome.value);
    }
    if (outcome.code == QKeychain::AccessDeniedByUser) {
        co_return base::fail(Error{ErrorKind::Denied, "access to the keyring was refused: " + outcome.text});
    }
    // "Not found", "removed" and every error are believed only when the keyring is unlocked.
    const Collection collection = co_await self->bus.defaultCollection(remaining(end));
    if (collection == Collection::Locked) {
        const bool wasAsked = co_await self->bus.hasPrompter(remaining(end));
        co_return base::fail(wasAsked ? Error{ErrorKind::Denied, kDismissed} : errorOf(collection));
    }
    if (collection != Collection::Unlocked) {
        co_return base::fail(errorOf(collection));
    }
    switch (outcome.code) {
    case QKeychain::NoError:
    case QKeychain::EntryNotFound:
        if (const bool isElsewhere = co_await self->bus.hasLockedItem(kServiceName, key, remaining(end)); isElsewhere) {
            co_return base::fail(Error{ErrorKind::Locked, "the item lies in another keyring, which is locked"});
        }
        if (verb == Verb::Remove) {
            co_return base::Secret();
        }
        co_return base::fail(Error{ErrorKind::NotFound, "the keyring holds no such item"});
    case QKeychain::AccessDenied:
        co_return base::fail(Error{ErrorKind::Denied, "the keyring refused access: " + outcome.text});
    case QKeychain::NoBackendAvailable:
    case QKeychain::NotImplemented:
        co_return base::fail(Error{ErrorKind::Unavailable, "libsecret cannot be loaded; install libsecret-1-0"});
    default:
        if (libsecretIsCutOff()) {
            co_return base::fail(Error{ErrorKind::Unavailable, kCutOff});
        }
        co_return base::fail(Error{ErrorKind::Failed, "the keyring service failed: " + outcome.text});
    }
}

QCoro::Task<StateReport> SecretServiceKeychain::Shared::report(std::shared_ptr<Shared> self) {
    co_return reportOf(co_await self->bus.defaultCollection(self->deadline));
}

SecretServiceKeychain::SecretServiceKeychain(milliseconds deadline) : m_shared(std::make_shared<Shared>(deadline)) {}

SecretServiceKeychain::~SecretServiceKeychain() = default;

QCoro::Task<State> SecretServiceKeychain::state() {
    const StateReport answer = co_await Shared::report(m_shared);
    co_return answer.state;
}

QCoro::Task<StateReport> SecretServiceKeychain::report() {
    return Shared::report(m_shared);
}

QCoro::Task<Result<void>> SecretServiceKeychain::lockService() {
    const std::shared_ptr<Shared> self = m_shared;
    const Collection collection = co_await self->bus.lockDefault(self->deadline);
    if (collection != Collection::Locked) {
        co_return base::fail(collection == Collection::Unlocked
                                 ? Error{ErrorKind::Denied, "the keyring does not let itself be locked"}
                                 : errorOf(collection));
    }
    co_return Result<void>();
}

QCoro::Task<Result<base::Secret>> SecretServiceKeychain::read(std::string key) {
    return Shared::perform(m_shared, {Verb::Read, QString::fromStdString(key), {}});
}

/// Another program's items may carry our attributes, and more: libsecret then replaces one of them and reads any. So
/// what was written is read back, and where another value comes, all of them go and it is written once more.
QCoro::Task<Result<void>> SecretServiceKeychain::write(std::string key, base::Secret value) {
    const std::shared_ptr<Shared> shared = m_shared;
    const QString name = QString::fromStdString(key);
    const std::uint64_t number = ++shared->changes[name];
    for (const bool lastTry : {false, true}) {
        Request write{Verb::Write, name, value.clone()};
        const auto written = co_await Shared::perform(shared, std::move(write));
        if (!written) {
            co_return base::fail(written.error());
        }
        Request read{Verb::Read, name, {}};
        const auto found = co_await Shared::perform(shared, std::move(read));
        const bool isLatest = shared->changes[name] == number;
        if (!isLatest || (!found ? found.error().kind != ErrorKind::NotFound : *found == value)) {
            co_return Result<void>(); // a keyring that went away in between has taken it all the same
        }
        if (!lastTry) {
            Request remove{Verb::Remove, name, {}};
            const auto removed = co_await Shared::perform(shared, std::move(remove));
            if (!removed) {
                co_return base::fail(removed.error());
            }
        }
    }
    co_return base::fail(Error{ErrorKind::Failed, "another program keeps an item of its own in the place of ours"});
}

QCoro::Task<Result<void>> SecretServiceKeychain::remove(std::string key) {
    Request request{Verb::Remove, QString::fromStdString(key), {}};
    ++m_shared->changes[request.key];
    const auto result = co_await Shared::perform(m_shared, std::move(request));
    co_return result.map([](const base::Secret&) {});
}

} // namespace keybearer::keychain
