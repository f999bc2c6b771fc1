#pragma once
/// \file
/// Providers' keys at rest: sealed in a file for each tenant, their data keys in the keychain.

#include "daemon/vault/mutex.h"
#include "daemon/vault/tenant_vault.h"

#include <QCoroTask>
#include <QTimer>

#include <map>
#include <optional>

namespace keybearer::vault {

/// Names one credential.
struct CredentialId {
    std::string tenant{kDefaultTenant}; ///< isTenantName(), or kShared
    std::string provider;               ///< the catalogue's name
    std::string name{kDefaultName};     ///< isCredentialName()
};

/// TENANT/PROVIDER/NAME, as the audit record has it.
[[nodiscard]] inline std::string toText(const CredentialId& id) {
    return id.tenant + "/" + id.provider + "/" + id.name;
}

enum class RotationStep { Begin, GoOn };

struct Rotation {
    std::size_t sealed = 0; ///< rows that this call sealed anew
    std::size_t left = 0;   ///< rows that are still sealed with an older data key
};

/// Main thread, owned by the broker. Opens a tenant's file when it is first asked for; what is wrong with one file or
/// one data key is that tenant's own trouble.
class Vault {
public:
    /// `folder` is made when the first thing is stored. The references outlive the calls.
    Vault(std::string folder, keychain::Keychain& keychain, const base::Clock& clock);
    Vault(const Vault&) = delete;
    Vault& operator=(const Vault&) = delete;
    ~Vault();

    /// Without the keychain. Empty where nothing is stored.
    [[nodiscard]] Result<std::vector<StoredField>> fields(const CredentialId& id);
    [[nodiscard]] Result<std::vector<StoredCredential>> list(const std::string& tenant);
    /// Every tenant that has a file, sorted.
    [[nodiscard]] std::vector<std::string> tenants() const;

    /// The values of these fields.
    [[nodiscard]] QCoro::Task<Result<std::vector<FieldValue>>> read(CredentialId id, Slot slot,
                                                                    std::vector<std::string> fields);
    /// The same, at once: nullopt when the data keys must come from the keychain first.
    [[nodiscard]] std::optional<Result<std::vector<FieldValue>>> readAtOnce(const CredentialId& id, Slot slot,
                                                                            const std::vector<std::string>& fields);
    /// For the list: the credential was given out now. Written half a minute later, and at the end.
    void noteUse(const CredentialId& id);
    /// Durable when it returns success: all of the values or none. Makes the tenant's data key where nothing is stored
    /// yet; where something is and the key is gone, it is KeyMissing.
    [[nodiscard]] QCoro::Task<Result<void>> set(CredentialId id, Slot slot, std::vector<FieldValue> values);
    /// `field` empty: the whole credential. Gives back how many values went; needs no keychain.
    [[nodiscard]] Result<int> remove(const CredentialId& id, const std::string& field);
    /// How often something of this credential was removed, or went to another name, since the broker started: what is
    /// stored afterwards has generations of its own.
    [[nodiscard]] std::uint64_t removals(const CredentialId& id);
    [[nodiscard]] QCoro::Task<Result<void>> switchSlots(CredentialId id);
    /// The whole credential under another name, or nothing is changed: NotFound where there is none, Misused where the
    /// new name is taken or cannot be one.
    [[nodiscard]] QCoro::Task<Result<void>> rename(CredentialId id, std::string newName);
    /// A new data key, and every row of the tenant (or of `provider` alone) sealed anew with it. Readers are served all
    /// the while. Killed at any moment, every row can be read, and the next rotation finishes the work. At most `limit`
    /// rows are sealed; GoOn seals further ones with the data key that there is.
    [[nodiscard]] QCoro::Task<Result<Rotation>> rotate(std::string tenant, std::string provider,
                                                       RotationStep step = RotationStep::Begin,
                                                       std::size_t limit = SIZE_MAX);

    /// Forgets the data keys, and takes none from the keychain until unlock(); what needs them is refused as by a
    /// locked keychain.
    void lock();
    void unlock() { m_isLocked = false; }

    /// The keychain's name for a tenant's data keys.
    [[nodiscard]] static std::string keychainItem(std::string_view tenant);

private:
    struct Tenant {
        std::optional<TenantVault> vault;
        std::optional<DataKeys> keys;
        std::map<std::pair<std::string, std::string>, std::uint64_t> removals; ///< by provider and name
        std::shared_ptr<Mutex> writing = std::make_shared<Mutex>();
    };
    [[nodiscard]] Result<TenantVault*> open(const std::string& tenant, bool create);
    [[nodiscard]] Tenant& state(const std::string& tenant) { return m_tenants[tenant]; }
    /// From the keychain; NotFound when it has none.
    [[nodiscard]] QCoro::Task<Result<DataKeys>> loadKeys(std::string tenant);
    /// For reading: from memory where they are.
    [[nodiscard]] QCoro::Task<Result<void>> needKeys(std::string tenant);
    /// For writing: from the keychain, and made where nothing is stored.
    [[nodiscard]] QCoro::Task<Result<void>> needKeysToWrite(std::string tenant);
    [[nodiscard]] QCoro::Task<Result<void>> saveKeys(std::string tenant, DataKeys keys);
    [[nodiscard]] QCoro::Task<Result<void>> dropUnusedKeys(std::string tenant);

    std::string m_folder;
    keychain::Keychain& m_keychain;
    const base::Clock& m_clock;
    void writeUses();

    QTimer m_writeUses;
    bool m_isLocked = false;
    std::map<std::string, Tenant> m_tenants; ///< an entry stays: coroutines hold references to it
};

} // namespace keybearer::vault
