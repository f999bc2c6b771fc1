#pragma once
/// \file
/// Client keys: made, shown, checked, rotated, revoked.

#include "daemon/clientkeys/key_list.h"
#include "daemon/keychain/keychain.h"
#include "ipc/base/clock.h"

#include <QCoroTask>
#include <QTimer>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace keybearer::clientkeys {

enum class ErrorKind {
    Unknown,    ///< no key of the list is this one, or has this id
    Revoked,    ///< it was revoked
    Expired,    ///< its time is over
    KeyMissing, ///< there are keys, and the keychain has lost the pepper that they are checked with
    Keychain,   ///< the keychain refused; `keychain` says how
    Storage,    ///< the list cannot be written
    Misused,    ///< a name that cannot be one or is taken, or more keys than there may be
};

struct Error {
    ErrorKind kind;
    std::string detail; ///< a sentence; never a part of a key
    std::optional<keychain::Error> keychain = {};
};

template<class T>
using Result = base::Result<T, Error>;

/// What a new key is to be.
struct NewKey {
    std::string name; ///< isKeyName(), and no other live key's
    KeyKind kind = KeyKind::Live;
    std::vector<access::KeyScope> scopes;
    std::optional<std::chrono::seconds> lifetime; ///< nullopt: until it is revoked
    std::string createdBy;                        ///< path of the program that asks
};

/// A key that was just made: this is the only time that it can be had.
struct IssuedKey {
    std::string id;
    base::Secret key;
};

/// Which key somebody has shown. It is good for as long as ClientKeys::find() finds the key.
struct Proof {
    std::string id;
    std::string mac; ///< of the very key: after a rotation it ends before the new one does
};

/// Compares with every key, whatever is found, and each time in constant time: how long it takes tells nothing about
/// which one it was. Null when none is it. `equal` is what a test replaces.
[[nodiscard]] const ClientKey* keyWithMac(const std::unordered_map<std::string, ClientKey>& keys, std::string_view mac,
                                          bool (*equal)(std::string_view,
                                                        std::string_view) noexcept = base::equalInConstantTime);

/// How long the key before a rotation stays good.
inline constexpr std::chrono::hours kDefaultOverlap{24};
inline constexpr std::chrono::hours kMaxOverlap{30 * 24};
inline constexpr std::chrono::seconds kMinLifetime{60};
inline constexpr std::chrono::hours kMaxLifetime{3650 * 24};

/// What the ids of keys begin with that end with the broker at the latest.
inline constexpr std::string_view kSessionKeyHead = "fw_";

/// Main thread, owned by the broker. What it changes is on the disk when it says so, but for the counts of use: those
/// are written at most once a minute, and at the end.
class ClientKeys {
public:
    /// `keys` is what `file` holds. The references outlive the calls.
    ClientKeys(KeyFile file, std::vector<ClientKey> keys, keychain::Keychain& keychain, const base::Clock& clock);
    ClientKeys(const ClientKeys&) = delete;
    ClientKeys& operator=(const ClientKeys&) = delete;
    ~ClientKeys();

    /// Every key, also those that are revoked or over; the oldest first.
    [[nodiscard]] std::vector<const ClientKey*> all() const;
    [[nodiscard]] const ClientKey* byId(const std::string& id) const;

    /// Makes the pepper where no key is live; where one is and the pepper is gone, it is KeyMissing.
    [[nodiscard]] QCoro::Task<Result<IssuedKey>> create(NewKey wanted);
    /// Another secret for the same key. The one before stays good for `overlap` (0 to kMaxOverlap); one that was still
    /// good from an earlier rotation ends at once.
    [[nodiscard]] QCoro::Task<Result<IssuedKey>> rotate(std::string id, std::chrono::seconds overlap);
    /// From here on the key is good for nothing, even when the list cannot be written and the error says so. Success
    /// also for one that was revoked already.
    [[nodiscard]] Result<void> revoke(const std::string& id);

    /// A key of this run of the broker alone: in no list, in no file, and checked without the keychain. `id` begins
    /// with kSessionKeyHead and is no other key's; the name is only shown.
    [[nodiscard]] base::Secret beginSessionKey(std::string id, NewKey wanted);
    /// From here on it is good for nothing, and it is forgotten.
    void endSessionKey(const std::string& id);
    [[nodiscard]] static bool isSessionKey(std::string_view id) { return id.starts_with(kSessionKeyHead); }

    /// Scopes go with the account when it is renamed, and end with it: whoever signs in next under its name need not be
    /// the same person. In effect even when the error says that it cannot be written.
    [[nodiscard]] Result<void> accountRenamed(const std::string& name, const std::string& newName);
    [[nodiscard]] Result<void> accountGone(const std::string& name);

    /// Which key this is. Errors: Unknown, Revoked, Expired, KeyMissing, Keychain.
    [[nodiscard]] QCoro::Task<Result<Proof>> verify(PresentedKey shown);
    /// The key, as long as what was shown is good: one look-up. Null afterwards. Valid until the next change.
    [[nodiscard]] const ClientKey* find(const Proof& proof) const;
    /// Forgets the pepper until a key is shown again.
    void lock() { m_pepper.reset(); }
    /// It was shown, or something was asked for with it.
    void noteUse(const Proof& proof);

    /// The keychain's name for the pepper.
    [[nodiscard]] static std::string keychainItem() { return "client-key-pepper"; }

private:
    using Keys = std::unordered_map<std::string, ClientKey>;
    [[nodiscard]] bool anyLive() const;
    [[nodiscard]] Result<void> checkNew(const NewKey& wanted) const;
    [[nodiscard]] Result<void> checkLive(const std::string& id) const;
    /// From the keychain, once.
    [[nodiscard]] QCoro::Task<Result<void>> needPepper();
    [[nodiscard]] QCoro::Task<Result<void>> needPepperToMake();
    [[nodiscard]] static std::string macUnder(const base::Secret& pepper, const base::Secret& key);
    [[nodiscard]] std::string macOf(const base::Secret& key) const;
    /// Null when it is none of them.
    [[nodiscard]] const ClientKey* sessionKeyOf(const PresentedKey& shown) const;
    /// Takes `keys` when they are written.
    [[nodiscard]] Result<void> save(Keys keys);
    /// Writes what is in effect already.
    [[nodiscard]] Result<void> saveChanged(const std::string& whatHolds);
    void writeUses();

    KeyFile m_file;
    Keys m_keys;        ///< by id
    Keys m_sessionKeys; ///< by id; their `mac` is under a pepper of this run
    base::Secret m_sessionPepper;
    keychain::Keychain& m_keychain;
    const base::Clock& m_clock;
    std::optional<base::Secret> m_pepper;
    std::optional<base::Secret> m_newPepper; ///< is being written: two that make one at once write the same
    QTimer m_writeUses;
    bool m_hasUses = false; ///< something was noted and is not written
};

} // namespace keybearer::clientkeys
