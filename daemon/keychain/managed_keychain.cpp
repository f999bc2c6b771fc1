#include "daemon/keychain/managed_keychain.h"

#include "daemon/keychain/managed_state.h"
#include "daemon/keychain/secret_service_keychain.h"
#include "ipc/base/clock.h"

#include <utility>

namespace keybearer::keychain {
namespace {

constexpr auto kUnset = "no keychain was chosen yet: ";
constexpr auto kOrTheFile = "; or choose the file: keybearer keychain migrate --to file";
constexpr auto kWillUseService = "no keychain was chosen yet; the first secret goes to the desktop's keyring";
constexpr auto kMoving = "the keychain is being moved; try again when that is done";
constexpr auto kPlain = "the keychain file is not encrypted: whoever can read your files can read the secrets";

ManagedKeychain::Parts standardParts() {
    ManagedKeychain::Parts parts;
    parts.secretService = [] { return std::make_shared<SecretServiceKeychain>(); };
    return parts;
}

} // namespace

/// The recorded choice; but a file that is sealed is sealed, whatever the record says (FORMAT.md).
Selection ManagedKeychain::Shared::effective() const {
    const Selection selection = recorded();
    if (selection == Selection::FilePlain) {
        const auto form = FileKeychain::formAt(filePath);
        return form && *form == FileForm::Sealed ? Selection::FileSealed : selection;
    }
    return selection;
}

Result<void> ManagedKeychain::Shared::record(Selection selection) {
    const Choice fresh{selection, base::SystemClock().utcSeconds()};
    if (auto written = writeChoice(choicePath, fresh); !written) {
        // It may be in place all the same, when only the last step failed.
        choice = readChoice(choicePath);
        return base::fail(failed(std::move(written.error())));
    }
    choice = fresh;
    return {};
}

std::shared_ptr<Keychain> ManagedKeychain::Shared::theService() {
    if (!service) {
        service = parts.secretService();
    }
    return service;
}

/// One object as long as the form is the same: it holds what unlocks the file.
std::shared_ptr<FileKeychain> ManagedKeychain::Shared::theFile(FileForm form) {
    if (!file || file->kind() != nameOf(form)) {
        file = std::make_shared<FileKeychain>(filePath, form, parts.cost);
    }
    return file;
}

/// A keychain file without a record is perhaps the person's only one, and its record was lost.
Result<void> ManagedKeychain::Shared::checkNoStrayFile() const {
    const auto form = FileKeychain::formAt(filePath);
    if (!form) {
        return base::fail(form.error());
    }
    if (*form) {
        return base::fail(
            failed(filePath + " is there, but " + choicePath +
                   " is not, so it is not known whether the "
                   "file is in use; choose it with: keybearer keychain migrate --to file, or move it away"));
    }
    return {};
}

QCoro::Task<Result<std::shared_ptr<Keychain>>> ManagedKeychain::Shared::target(Self self) {
    if (!self->choice) {
        co_return base::fail(failed(self->choice.error()));
    }
    const Selection selection = self->effective();
    if (isFile(selection)) {
        co_return self->theFile(formOf(selection));
    }
    Target service = self->theService();
    if (selection == Selection::Unset) {
        if (auto checked = self->checkNoStrayFile(); !checked) {
            co_return base::fail(std::move(checked.error()));
        }
        const StateReport answer = co_await service->report();
        if (answer.state == State::Unavailable) {
            co_return base::fail(Error{ErrorKind::Unset, kUnset + answer.detail + kOrTheFile});
        }
    }
    co_return service;
}

QCoro::Task<StateReport> ManagedKeychain::Shared::report(Self self) {
    auto target = co_await Shared::target(self);
    if (!target) {
        co_return StateReport{State::Unavailable, target.error().detail};
    }
    const Target& keychain = *target;
    co_return co_await keychain->report();
}

QCoro::Task<Status> ManagedKeychain::Shared::status(Self self) {
    Status status;
    const Selection selection = self->effective();
    status.backend = self->choice ? nameOf(selection) : "unknown";
    if (self->choice && *self->choice) {
        status.chosenAt = (*self->choice)->chosenAt;
    }
    if (isFile(selection)) {
        status.encrypted = selection == Selection::FileSealed;
    }
    const StateReport answer = co_await report(self);
    status.detail = answer.detail;
    if (self->choice && selection == Selection::Unset) {
        status.state = "unset";
        if (answer.state != State::Unavailable) {
            status.detail = kWillUseService;
        }
        co_return status;
    }
    switch (answer.state) {
    case State::Ready: status.state = "ready"; break;
    case State::Locked: status.state = "locked"; break;
    case State::Unavailable: status.state = "unavailable"; break;
    }
    if (selection == Selection::FilePlain && status.detail.empty()) {
        status.detail = kPlain;
    }
    co_return status;
}

QCoro::Task<Result<base::Secret>> ManagedKeychain::Shared::read(Self self, std::string key) {
    const auto pass = co_await self->gate->enter(self->parts.deadline);
    if (!pass) {
        co_return base::fail(Error{ErrorKind::Timeout, kMoving});
    }
    const auto target = co_await Shared::target(self);
    if (!target) {
        co_return base::fail(target.error());
    }
    const Target& keychain = *target;
    co_return co_await keychain->read(std::move(key));
}

QCoro::Task<Result<void>> ManagedKeychain::Shared::write(Self self, std::string key, base::Secret value) {
    const auto pass = co_await self->gate->enter(self->parts.deadline);
    if (!pass) {
        co_return base::fail(Error{ErrorKind::Timeout, kMoving});
    }
    const auto target = co_await Shared::target(self);
    if (!target) {
        co_return base::fail(target.error());
    }
    if (self->recorded() == Selection::Unset) {
        if (auto chosen = self->record(Selection::SecretService); !chosen) {
            co_return base::fail(std::move(chosen.error()));
        }
    }
    const Target& keychain = *target;
    co_return co_await keychain->write(std::move(key), std::move(value));
}

QCoro::Task<Result<void>> ManagedKeychain::Shared::remove(Self self, std::string key) {
    const auto pass = co_await self->gate->enter(self->parts.deadline);
    if (!pass) {
        co_return base::fail(Error{ErrorKind::Timeout, kMoving});
    }
    const auto target = co_await Shared::target(self);
    if (!target) {
        co_return base::fail(target.error());
    }
    const Target& keychain = *target;
    co_return co_await keychain->remove(std::move(key));
}

QCoro::Task<Result<void>> ManagedKeychain::Shared::unlock(Self self, base::Passphrase passphrase, std::string item) {
    const auto pass = co_await self->gate->enter(self->parts.deadline);
    if (!pass) {
        co_return base::fail(Error{ErrorKind::Timeout, kMoving});
    }
    const auto target = co_await Shared::target(self);
    if (!target) {
        co_return base::fail(target.error());
    }
    const Selection selection = self->effective();
    if (isFile(selection)) {
        const auto keychain = self->theFile(formOf(selection));
        co_return co_await keychain->unlock(std::move(passphrase));
    }
    // The desktop's keyring takes its password in a prompt of its own, never from us.
    const Target& keychain = *target;
    const StateReport answer = co_await keychain->report();
    switch (answer.state) {
    case State::Ready: co_return {};
    case State::Unavailable: co_return base::fail(Error{ErrorKind::Unavailable, answer.detail});
    case State::Locked: break;
    }
    if (item.empty()) {
        co_return base::fail(Error{ErrorKind::Locked, answer.detail});
    }
    const auto found = co_await keychain->read(std::move(item));
    if (!found && found.error().kind != ErrorKind::NotFound) {
        co_return base::fail(found.error());
    }
    co_return {};
}

QCoro::Task<Result<void>> ManagedKeychain::Shared::lockService(Self self) {
    const auto target = co_await Shared::target(self);
    if (!target) {
        co_return base::fail(target.error());
    }
    const Target& keychain = *target;
    co_return co_await keychain->lockService();
}
ManagedKeychain::ManagedKeychain(std::string folder) : ManagedKeychain(std::move(folder), standardParts()) {}

ManagedKeychain::ManagedKeychain(std::string folder, Parts parts) : m_shared(std::make_shared<Shared>()) {
    m_shared->filePath = folder + "/keychain.json";
    m_shared->choicePath = folder + "/keychain-choice.json";
    m_shared->parts = std::move(parts);
    m_shared->choice = readChoice(m_shared->choicePath);
}

ManagedKeychain::~ManagedKeychain() = default;

std::string ManagedKeychain::kind() const {
    return m_shared->choice ? nameOf(m_shared->effective()) : "unknown";
}

Selection ManagedKeychain::backend() const {
    return m_shared->effective();
}

QCoro::Task<Status> ManagedKeychain::status() {
    return Shared::status(m_shared);
}

QCoro::Task<State> ManagedKeychain::state() {
    const StateReport answer = co_await Shared::report(m_shared);
    co_return answer.state;
}

QCoro::Task<StateReport> ManagedKeychain::report() {
    return Shared::report(m_shared);
}

QCoro::Task<Result<base::Secret>> ManagedKeychain::read(std::string key) {
    return Shared::read(m_shared, std::move(key));
}

QCoro::Task<Result<void>> ManagedKeychain::write(std::string key, base::Secret value) {
    return Shared::write(m_shared, std::move(key), std::move(value));
}

QCoro::Task<Result<void>> ManagedKeychain::remove(std::string key) {
    return Shared::remove(m_shared, std::move(key));
}

QCoro::Task<Result<void>> ManagedKeychain::unlock(base::Passphrase passphrase, std::string item) {
    return Shared::unlock(m_shared, std::move(passphrase), std::move(item));
}

void ManagedKeychain::lock() {
    if (m_shared->file) {
        m_shared->file->lock();
    }
}

QCoro::Task<Result<void>> ManagedKeychain::lockService() {
    return Shared::lockService(m_shared);
}

QCoro::Task<Result<int>> ManagedKeychain::migrate(std::string backend, base::Passphrase passphrase,
                                                  std::vector<std::string> keys) {
    std::set<std::string> names(keys.begin(), keys.end());
    return Shared::migrate(m_shared, std::move(backend), std::move(passphrase), std::move(names));
}

} // namespace keybearer::keychain
