#include "daemon/keychain/file_keychain.h"

#include "daemon/crypto/crypto.h"
#include "daemon/keychain/landing.h"
#include "ipc/base/private_file.h"

#include <thread>
#include <utility>

namespace keybearer::keychain {
namespace {

/// Far beyond what any allowed cost takes.
constexpr std::chrono::milliseconds kScryptPatience{60'000};

constexpr auto kLocked = "the keychain file is sealed; unlock it with: keybearer unlock";

Error fileError(std::string detail) {
    return {ErrorKind::Failed, std::move(detail)};
}

/// In a thread of its own: scrypt is slow on purpose, and the event loop serves others meanwhile.
QCoro::Task<std::optional<base::Secret>> deriveKey(base::Passphrase passphrase, SealParameters parameters) {
    using Key = std::optional<base::Secret>;
    const auto landing = std::make_shared<Landing<Key>>();
    const auto phrase = std::make_shared<base::Passphrase>(std::move(passphrase));
    const std::jthread worker([landing, phrase, parameters] {
        const ScryptCost& cost = parameters.cost;
        const auto key =
            std::make_shared<Key>(crypto::scrypt(phrase->reveal(), parameters.salt, cost.logN, cost.r, cost.p));
        QMetaObject::invokeMethod(
            QCoreApplication::instance(), [landing, key] { landing->deliver(std::move(*key)); }, Qt::QueuedConnection);
    });
    std::optional<Key> key = co_await landing->within(kScryptPatience);
    co_return key ? std::move(*key) : std::nullopt;
}

} // namespace

/// Outlives the keychain while a coroutine needs it.
struct FileKeychain::Shared {
    std::string path;
    FileForm form;
    ScryptCost cost;
    /// What opens the file, and the parameters that it was derived with. A file with others is locked again.
    base::Secret key;
    SealParameters keyParameters;
    bool deriving = false;
    unsigned lockings = 0; ///< how often it was locked: a key that was derived meanwhile opens nothing

    [[nodiscard]] Error aboutFile(ErrorKind kind, const std::string& problem) const {
        return {kind, "the keychain file " + path + ": " + problem};
    }
    [[nodiscard]] Result<KeychainFile> load() const;
    [[nodiscard]] Result<Items> items() const;
    [[nodiscard]] Result<void> save(const Items& items) const;

    static QCoro::Task<Result<void>> unlock(std::shared_ptr<Shared> self, base::Passphrase passphrase);
    static QCoro::Task<Result<void>> replaceAll(std::shared_ptr<Shared> self, Items items, base::Passphrase passphrase);
};

Result<KeychainFile> FileKeychain::Shared::load() const {
    auto contents = base::readPrivateFile(path, kMaxFileBytes);
    if (!contents) {
        return base::fail(fileError(std::move(contents.error())));
    }
    if (!*contents) {
        return base::fail(aboutFile(ErrorKind::Unavailable, "it is gone; put it back from a backup"));
    }
    auto file = parseKeychainFile((*contents)->reveal());
    if (!file) {
        return base::fail(aboutFile(ErrorKind::Failed, file.error() + "; put it back from a backup"));
    }
    if (file->form != form) {
        return base::fail(aboutFile(ErrorKind::Failed, std::string("it is of the form ") + nameOf(file->form) +
                                                           ", and " + nameOf(form) + " was chosen; it was replaced"));
    }
    return std::move(*file);
}

Result<Items> FileKeychain::Shared::items() const {
    auto file = load();
    if (!file) {
        return base::fail(std::move(file.error()));
    }
    if (form == FileForm::Plain) {
        return std::move(file->items);
    }
    if (key.empty() || keyParameters != file->seal) {
        return base::fail(Error{ErrorKind::Locked, kLocked});
    }
    auto opened = openBox(*file, key);
    if (!opened) {
        const std::string& problem = opened.error();
        return base::fail(aboutFile(ErrorKind::Failed, problem.empty() ? "it was changed or damaged" : problem));
    }
    return std::move(*opened);
}

Result<void> FileKeychain::Shared::save(const Items& items) const {
    const auto text = form == FileForm::Plain ? formatPlain(items) : formatSealed(items, keyParameters, key);
    if (!text) {
        return base::fail(fileError(text.error()));
    }
    return base::writePrivateFile(path, text->reveal()).map_error(&fileError);
}

QCoro::Task<Result<void>> FileKeychain::Shared::unlock(std::shared_ptr<Shared> self, base::Passphrase passphrase) {
    auto file = self->load();
    if (!file) {
        co_return base::fail(std::move(file.error()));
    }
    if (self->form == FileForm::Plain) {
        co_return {};
    }
    if (self->deriving) {
        co_return base::fail(fileError("the keychain file is being unlocked already; wait for that"));
    }
    self->deriving = true;
    const unsigned lockings = self->lockings;
    auto key = co_await deriveKey(std::move(passphrase), file->seal);
    self->deriving = false;
    if (self->lockings != lockings) {
        co_return base::fail(Error{ErrorKind::Locked, kLocked});
    }
    if (!key) {
        co_return base::fail(fileError("there is not enough memory to unlock the keychain file"));
    }
    const auto opened = openBox(*file, *key);
    if (!opened) {
        co_return base::fail(opened.error().empty()
                                 ? Error{ErrorKind::Denied, "the passphrase is wrong, or the keychain file was changed"}
                                 : self->aboutFile(ErrorKind::Failed, opened.error()));
    }
    self->key = std::move(*key);
    self->keyParameters = file->seal;
    co_return {};
}

QCoro::Task<Result<void>> FileKeychain::Shared::replaceAll(std::shared_ptr<Shared> self, Items items,
                                                           base::Passphrase passphrase) {
    if (self->form == FileForm::Plain) {
        co_return self->save(items);
    }
    if (passphrase.empty()) {
        co_return base::fail(fileError("a sealed keychain file needs a passphrase that is not empty"));
    }
    if (self->deriving) {
        co_return base::fail(fileError("the keychain file is being unlocked; wait for that"));
    }
    SealParameters parameters{self->cost, std::string(kSaltBytes, '\0')};
    crypto::randomBytes({reinterpret_cast<unsigned char*>(parameters.salt.data()), parameters.salt.size()});
    self->deriving = true;
    const unsigned lockings = self->lockings;
    auto key = co_await deriveKey(std::move(passphrase), parameters);
    self->deriving = false;
    if (!key) {
        co_return base::fail(fileError("there is not enough memory to seal the keychain file"));
    }
    const auto text = formatSealed(items, parameters, *key);
    if (!text) {
        co_return base::fail(fileError(text.error()));
    }
    if (auto written = base::writePrivateFile(self->path, text->reveal()); !written) {
        co_return base::fail(fileError(std::move(written.error())));
    }
    if (self->lockings == lockings) {
        self->key = std::move(*key);
        self->keyParameters = std::move(parameters);
    }
    co_return {};
}

FileKeychain::FileKeychain(std::string path, FileForm form, ScryptCost cost) : m_shared(std::make_shared<Shared>()) {
    m_shared->path = std::move(path);
    m_shared->form = form;
    m_shared->cost = cost;
}

FileKeychain::~FileKeychain() = default;

std::string FileKeychain::kind() const {
    return nameOf(m_shared->form);
}

QCoro::Task<State> FileKeychain::state() {
    const StateReport answer = co_await report();
    co_return answer.state;
}

QCoro::Task<StateReport> FileKeychain::report() {
    const auto all = m_shared->items();
    if (all) {
        co_return StateReport{State::Ready, {}};
    }
    co_return StateReport{all.error().kind == ErrorKind::Locked ? State::Locked : State::Unavailable,
                          all.error().detail};
}

QCoro::Task<Result<base::Secret>> FileKeychain::read(std::string key) {
    auto all = m_shared->items();
    if (!all) {
        co_return base::fail(std::move(all.error()));
    }
    const auto item = all->find(key);
    if (item == all->end()) {
        co_return base::fail(Error{ErrorKind::NotFound, "the keychain file holds no such item"});
    }
    co_return std::move(item->second);
}

QCoro::Task<Result<void>> FileKeychain::write(std::string key, base::Secret value) {
    auto all = m_shared->items();
    if (!all) {
        co_return base::fail(std::move(all.error()));
    }
    all->insert_or_assign(std::move(key), std::move(value));
    co_return m_shared->save(*all);
}

QCoro::Task<Result<void>> FileKeychain::remove(std::string key) {
    auto all = m_shared->items();
    if (!all) {
        co_return base::fail(std::move(all.error()));
    }
    if (all->erase(key) == 0) {
        co_return {};
    }
    co_return m_shared->save(*all);
}

void FileKeychain::lock() {
    ++m_shared->lockings;
    m_shared->key = base::Secret();
}

QCoro::Task<Result<void>> FileKeychain::unlock(base::Passphrase passphrase) {
    return Shared::unlock(m_shared, std::move(passphrase));
}

Result<Items> FileKeychain::items() const {
    return m_shared->items();
}

QCoro::Task<Result<void>> FileKeychain::replaceAll(Items items, base::Passphrase passphrase) {
    return Shared::replaceAll(m_shared, std::move(items), std::move(passphrase));
}

Result<std::optional<FileForm>> FileKeychain::formAt(const std::string& path) {
    const auto contents = base::readPrivateFile(path, kMaxFileBytes);
    if (!contents) {
        return base::fail(fileError(contents.error()));
    }
    if (!*contents) {
        return std::nullopt;
    }
    const auto file = parseKeychainFile((*contents)->reveal());
    if (!file) {
        return base::fail(fileError("the keychain file " + path + ": " + file.error()));
    }
    return file->form;
}

} // namespace keybearer::keychain
