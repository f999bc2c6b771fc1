#include "daemon/vault/vault.h"

#include "ipc/base/secure_dir.h"

#include <QCoroTimer>

#include <dirent.h>

#include <algorithm>

namespace keybearer::vault {
namespace {

/// Rows of one transaction of a rotation: a few milliseconds, so that readers in between do not notice.
constexpr std::size_t kRotationBatch = 200;
constexpr std::string_view kSuffix = ".db";
constexpr std::chrono::seconds kWriteUsesAfter{30};

Error fromKeychain(const keychain::Error& error) {
    return {ErrorKind::Keychain, error.detail, error};
}

Error keyMissing(const std::string& tenant) {
    return {ErrorKind::KeyMissing,
            "the keychain has lost the data key of tenant " + tenant + ", so its stored credentials cannot be opened"};
}

Error locked() {
    return fromKeychain({keychain::ErrorKind::Locked, "the broker is locked; open it with: keybearer unlock"});
}

Result<void> checkNames(const CredentialId& id) {
    if (!isTenantName(id.tenant)) {
        return base::fail(Error{ErrorKind::Misused, "a tenant's name is 1 to 64 characters of a-z 0-9 . _ -, beginning "
                                                    "with a letter or digit"});
    }
    if (!isCredentialName(id.name)) {
        return base::fail(Error{ErrorKind::Misused, "a credential's name is 1 to 64 characters of a-z A-Z 0-9 . _ @ -, "
                                                    "beginning with a letter or digit"});
    }
    return {};
}

} // namespace

Vault::Vault(std::string folder, keychain::Keychain& keychain, const base::Clock& clock)
    : m_folder(std::move(folder)), m_keychain(keychain), m_clock(clock) {
    m_writeUses.setSingleShot(true);
    m_writeUses.setInterval(kWriteUsesAfter);
    QObject::connect(&m_writeUses, &QTimer::timeout, [this] { writeUses(); });
}

Vault::~Vault() {
    writeUses();
}

void Vault::lock() {
    m_isLocked = true;
    for (auto& [name, tenant] : m_tenants) {
        tenant.keys.reset();
    }
}

void Vault::writeUses() {
    for (auto& [name, tenant] : m_tenants) {
        if (tenant.vault) {
            tenant.vault->writeUses();
        }
    }
}

std::string Vault::keychainItem(std::string_view tenant) {
    return "vault/" + std::string(tenant);
}

// --- files
// --------------------------------------------------------------------------------------------------------------

Result<TenantVault*> Vault::open(const std::string& tenant, bool create) {
    if (!isTenantName(tenant)) {
        return base::fail(checkNames({tenant, {}, std::string(kDefaultName)}).error());
    }
    auto& known = state(tenant).vault;
    if (!known) {
        if (create) {
            if (auto made = base::makePrivateDir(m_folder); !made) {
                return base::fail(Error{ErrorKind::Storage, std::move(made.error())});
            }
        }
        auto opened = TenantVault::open(m_folder, tenant, m_clock, create);
        if (!opened) {
            return base::fail(std::move(opened.error()));
        }
        known = std::move(*opened);
    }
    return &*known;
}

std::vector<std::string> Vault::tenants() const {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(m_folder.c_str()), &::closedir);
    while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
        const std::string_view name(static_cast<const char*>(entry->d_name));
        if (name.ends_with(kSuffix) && isTenantName(name.substr(0, name.size() - kSuffix.size()))) {
            names.emplace_back(name.substr(0, name.size() - kSuffix.size()));
        }
    }
    std::ranges::sort(names);
    return names;
}

Result<std::vector<StoredField>> Vault::fields(const CredentialId& id) {
    const auto vault = open(id.tenant, false);
    if (!vault) {
        return vault.error().kind == ErrorKind::NotFound ? Result<std::vector<StoredField>>()
                                                         : base::fail(vault.error());
    }
    return (*vault)->fields(id.provider, id.name);
}

Result<std::vector<StoredCredential>> Vault::list(const std::string& tenant) {
    const auto vault = open(tenant, false);
    if (!vault) {
        return vault.error().kind == ErrorKind::NotFound ? Result<std::vector<StoredCredential>>()
                                                         : base::fail(vault.error());
    }
    return (*vault)->list();
}

// --- data keys
// ----------------------------------------------------------------------------------------------------------

QCoro::Task<Result<DataKeys>> Vault::loadKeys(std::string tenant) {
    auto item = co_await m_keychain.read(keychainItem(tenant));
    if (m_isLocked) {
        co_return base::fail(locked());
    }
    if (!item) {
        if (item.error().kind == keychain::ErrorKind::NotFound) {
            co_return base::fail(Error{ErrorKind::NotFound, "the keychain has no data key of tenant " + tenant});
        }
        co_return base::fail(fromKeychain(item.error()));
    }
    auto keys = parseDataKeys(*item);
    if (!keys) {
        co_return base::fail(Error{ErrorKind::KeyMissing, keys.error() + " of tenant " + tenant});
    }
    co_return std::move(*keys);
}

QCoro::Task<Result<void>> Vault::needKeys(std::string tenant) {
    if (state(tenant).keys) {
        co_return Result<void>();
    }
    auto loaded = co_await loadKeys(tenant);
    if (!loaded) {
        co_return base::fail(loaded.error().kind == ErrorKind::NotFound ? keyMissing(tenant)
                                                                        : std::move(loaded.error()));
    }
    state(tenant).keys = std::move(*loaded);
    co_return Result<void>();
}

QCoro::Task<Result<void>> Vault::needKeysToWrite(std::string tenant) {
    auto loaded = co_await loadKeys(tenant);
    if (loaded) {
        state(tenant).keys = std::move(*loaded);
        co_return Result<void>();
    }
    if (loaded.error().kind != ErrorKind::NotFound) {
        co_return base::fail(std::move(loaded.error()));
    }
    const auto vault = open(tenant, true);
    if (!vault) {
        co_return base::fail(vault.error());
    }
    const auto isEmpty = (*vault)->isEmpty();
    if (!isEmpty) {
        co_return base::fail(isEmpty.error());
    }
    if (!*isEmpty) {
        co_return base::fail(keyMissing(tenant));
    }
    DataKeys keys;
    keys.push_back(makeDataKey(m_clock.utcSeconds()));
    co_return co_await saveKeys(std::move(tenant), std::move(keys));
}

QCoro::Task<Result<void>> Vault::saveKeys(std::string tenant, DataKeys keys) {
    auto written = co_await m_keychain.write(keychainItem(tenant), formatDataKeys(keys));
    if (!written) {
        co_return base::fail(fromKeychain(written.error()));
    }
    if (m_isLocked) {
        co_return base::fail(locked()); // the keychain has the new key, so that what is sealed can be read again
    }
    state(tenant).keys = std::move(keys);
    co_return Result<void>();
}

// --- values
// -------------------------------------------------------------------------------------------------------------

std::optional<Result<std::vector<FieldValue>>> Vault::readAtOnce(const CredentialId& id, Slot slot,
                                                                 const std::vector<std::string>& fields) {
    auto vault = open(id.tenant, false);
    if (!vault) {
        return base::fail(std::move(vault.error()));
    }
    const auto& keys = state(id.tenant).keys;
    if (!keys) {
        return std::nullopt;
    }
    return (*vault)->read(*keys, id.provider, id.name, slot, fields);
}

void Vault::noteUse(const CredentialId& id) {
    if (const auto vault = open(id.tenant, false)) {
        (*vault)->noteUse(id.provider, id.name);
        if (!m_writeUses.isActive()) {
            m_writeUses.start();
        }
    }
}

QCoro::Task<Result<std::vector<FieldValue>>> Vault::read(CredentialId id, Slot slot, std::vector<std::string> fields) {
    auto atOnce = readAtOnce(id, slot, fields);
    if (!atOnce) {
        auto ready = co_await needKeys(id.tenant);
        if (!ready) {
            co_return base::fail(std::move(ready.error()));
        }
        atOnce = readAtOnce(id, slot, fields);
    }
    co_return std::move(*atOnce);
}

QCoro::Task<Result<void>> Vault::set(CredentialId id, Slot slot, std::vector<FieldValue> values) {
    if (auto named = checkNames(id); !named) {
        co_return base::fail(std::move(named.error()));
    }
    const Mutex::Guard guard = co_await state(id.tenant).writing->enter();
    auto ready = co_await needKeysToWrite(id.tenant);
    if (!ready) {
        co_return base::fail(std::move(ready.error()));
    }
    const auto vault = open(id.tenant, true);
    if (!vault) {
        co_return base::fail(vault.error());
    }
    co_return (*vault)->set(*state(id.tenant).keys, id.provider, id.name, slot, values);
}

Result<int> Vault::remove(const CredentialId& id, const std::string& field) {
    const auto vault = open(id.tenant, false);
    if (!vault) {
        return vault.error().kind == ErrorKind::NotFound ? Result<int>(0) : base::fail(vault.error());
    }
    ++state(id.tenant).removals[{id.provider, id.name}];
    return (*vault)->remove(id.provider, id.name, field);
}

std::uint64_t Vault::removals(const CredentialId& id) {
    const auto& removals = state(id.tenant).removals;
    const auto found = removals.find({id.provider, id.name});
    return found == removals.end() ? 0 : found->second;
}

QCoro::Task<Result<void>> Vault::switchSlots(CredentialId id) {
    const Mutex::Guard guard = co_await state(id.tenant).writing->enter();
    const auto vault = open(id.tenant, false);
    if (!vault) {
        co_return base::fail(vault.error());
    }
    auto ready = co_await needKeysToWrite(id.tenant);
    if (!ready) {
        co_return base::fail(std::move(ready.error()));
    }
    co_return (*vault)->switchSlots(*state(id.tenant).keys, id.provider, id.name);
}

QCoro::Task<Result<void>> Vault::rename(CredentialId id, std::string newName) {
    if (auto named = checkNames({id.tenant, id.provider, newName}); !named) {
        co_return base::fail(std::move(named.error()));
    }
    const Mutex::Guard guard = co_await state(id.tenant).writing->enter();
    const auto vault = open(id.tenant, false);
    if (!vault) {
        co_return base::fail(vault.error());
    }
    auto ready = co_await needKeysToWrite(id.tenant);
    if (!ready) {
        co_return base::fail(std::move(ready.error()));
    }
    auto renamed = (*vault)->rename(*state(id.tenant).keys, id.provider, id.name, newName);
    if (renamed) {
        ++state(id.tenant).removals[{id.provider, id.name}];
    }
    co_return renamed;
}

QCoro::Task<Result<Rotation>> Vault::rotate(std::string tenant, std::string provider, RotationStep step,
                                            std::size_t limit) {
    const Mutex::Guard guard = co_await state(tenant).writing->enter();
    const auto vault = open(tenant, false);
    if (!vault) {
        co_return base::fail(vault.error());
    }
    auto ready = co_await needKeysToWrite(tenant);
    if (!ready) {
        co_return base::fail(std::move(ready.error()));
    }
    if (step == RotationStep::Begin) {
        DataKeys keys = cloneKeys(*state(tenant).keys);
        keys.push_back(makeDataKey(m_clock.utcSeconds()));
        auto saved = co_await saveKeys(tenant, std::move(keys));
        if (!saved) {
            co_return base::fail(std::move(saved.error()));
        }
    }
    Rotation rotation;
    for (bool isDone = false; !isDone;) {
        const std::size_t batch = std::min(kRotationBatch, limit - rotation.sealed);
        const auto sealed = (*vault)->reseal(*state(tenant).keys, provider, batch);
        if (!sealed) {
            co_return base::fail(sealed.error());
        }
        rotation.sealed += *sealed;
        isDone = *sealed < kRotationBatch || rotation.sealed == limit;
        QTimer turn; // whoever waits is served between two batches
        turn.start(0);
        co_await turn;
        if (m_isLocked) {
            co_return base::fail(locked());
        }
    }
    const auto left = (*vault)->countToSeal(*state(tenant).keys, provider);
    if (!left) {
        co_return base::fail(left.error());
    }
    rotation.left = *left;
    auto dropped = co_await dropUnusedKeys(tenant);
    if (!dropped) {
        co_return base::fail(std::move(dropped.error()));
    }
    co_return rotation;
}

QCoro::Task<Result<void>> Vault::dropUnusedKeys(std::string tenant) {
    const auto vault = open(tenant, false);
    if (!vault) {
        co_return base::fail(vault.error());
    }
    const auto used = (*vault)->keyIdsInUse();
    if (!used) {
        co_return base::fail(used.error());
    }
    DataKeys keys = cloneKeys(*state(tenant).keys);
    const std::string newest = keys.back().id;
    std::erase_if(
        keys, [&](const DataKey& key) { return key.id != newest && std::ranges::find(*used, key.id) == used->end(); });
    co_return co_await saveKeys(std::move(tenant), std::move(keys));
}

} // namespace keybearer::vault
