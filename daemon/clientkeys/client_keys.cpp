#include "daemon/clientkeys/client_keys.h"

#include "daemon/crypto/crypto.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace keybearer::clientkeys {
namespace {

constexpr std::size_t kPepperBytes = 32;
constexpr std::size_t kIdBytes = 6;
constexpr std::size_t kMaxShownProgram = 512;
constexpr std::chrono::minutes kWriteUsesAfter{1};

std::string hexText(std::string_view bytes) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out;
    out.reserve(2 * bytes.size());
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(kHex[byte >> 4U]);
        out.push_back(kHex[byte & 15U]);
    }
    return out;
}

std::string makeId() {
    std::array<unsigned char, kIdBytes> random{};
    crypto::randomBytes(random);
    return "ck_" + hexText({reinterpret_cast<const char*>(random.data()), random.size()});
}

Error unknownKey() {
    return {ErrorKind::Unknown, "this client key is not known here"};
}

Error noSuchId() {
    return {ErrorKind::Unknown, "there is no client key with this id"};
}

Error pepperMissing() {
    return {ErrorKind::KeyMissing, "the keychain has lost what client keys are checked with (client-key-pepper), so "
                                   "none of them can be checked"};
}

std::vector<ClientKey> listOf(const std::unordered_map<std::string, ClientKey>& keys) {
    std::vector<ClientKey> list;
    list.reserve(keys.size());
    for (const auto& [id, key] : keys) {
        list.push_back(key);
    }
    std::ranges::sort(list, [](const ClientKey& a, const ClientKey& b) {
        return std::pair(a.createdAt, std::string_view(a.id)) < std::pair(b.createdAt, std::string_view(b.id));
    });
    return list;
}

/// Room for one more: of the keys that nobody can use any more the oldest goes. False when all of them are live.
bool makeRoom(std::unordered_map<std::string, ClientKey>& keys, std::int64_t now) {
    if (keys.size() < kMaxClientKeys) {
        return true;
    }
    auto oldest = keys.end();
    for (auto key = keys.begin(); key != keys.end(); ++key) {
        const bool isOlder = oldest == keys.end() || key->second.createdAt < oldest->second.createdAt;
        if (!key->second.isLive(now) && isOlder) {
            oldest = key;
        }
    }
    if (oldest == keys.end()) {
        return false;
    }
    keys.erase(oldest);
    return true;
}

} // namespace

const ClientKey* keyWithMac(const std::unordered_map<std::string, ClientKey>& keys, std::string_view mac,
                            bool (*equal)(std::string_view, std::string_view) noexcept) {
    const ClientKey* found = nullptr;
    for (const auto& [id, key] : keys) {
        const bool isThis = equal(key.mac, mac);
        const bool wasThis = equal(key.oldMac, mac);
        found = isThis || wasThis ? &key : found;
    }
    return found;
}

ClientKeys::ClientKeys(KeyFile file, std::vector<ClientKey> keys, keychain::Keychain& keychain,
                       const base::Clock& clock)
    : m_file(std::move(file)),
      m_sessionPepper(base::Secret::ofSize(kPepperBytes)),
      m_keychain(keychain),
      m_clock(clock) {
    crypto::randomBytes(m_sessionPepper.mutableBytes());
    for (ClientKey& key : keys) {
        std::string id = key.id;
        m_keys.emplace(std::move(id), std::move(key));
    }
    m_writeUses.setSingleShot(true);
    m_writeUses.setInterval(kWriteUsesAfter);
    QObject::connect(&m_writeUses, &QTimer::timeout, [this] { writeUses(); });
}

ClientKeys::~ClientKeys() {
    writeUses();
}

std::vector<const ClientKey*> ClientKeys::all() const {
    std::vector<const ClientKey*> list;
    for (const auto& [id, key] : m_keys) {
        list.push_back(&key);
    }
    std::ranges::sort(list, [](const ClientKey* a, const ClientKey* b) {
        return std::pair(a->createdAt, std::string_view(a->id)) < std::pair(b->createdAt, std::string_view(b->id));
    });
    return list;
}

const ClientKey* ClientKeys::byId(const std::string& id) const {
    const Keys& keys = isSessionKey(id) ? m_sessionKeys : m_keys;
    const auto found = keys.find(id);
    return found == keys.end() ? nullptr : &found->second;
}

bool ClientKeys::anyLive() const {
    const std::int64_t now = m_clock.utcSeconds();
    return std::ranges::any_of(m_keys, [&](const auto& entry) { return entry.second.isLive(now); });
}

// --- the pepper
// ---------------------------------------------------------------------------------------------------------

QCoro::Task<Result<void>> ClientKeys::needPepper() {
    if (m_pepper) {
        co_return Result<void>();
    }
    auto item = co_await m_keychain.read(keychainItem());
    if (m_pepper) { // somebody else has read or made it meanwhile
        co_return Result<void>();
    }
    if (!item) {
        if (item.error().kind == keychain::ErrorKind::NotFound) {
            co_return base::fail(pepperMissing());
        }
        const std::string detail = item.error().detail;
        co_return base::fail(Error{ErrorKind::Keychain, detail, std::move(item.error())});
    }
    if (item->size() != kPepperBytes) {
        co_return base::fail(pepperMissing());
    }
    m_pepper = std::move(*item);
    m_newPepper.reset();
    co_return Result<void>();
}

QCoro::Task<Result<void>> ClientKeys::needPepperToMake() {
    auto ready = co_await needPepper();
    if (ready || ready.error().kind != ErrorKind::KeyMissing || anyLive()) {
        co_return std::move(ready);
    }
    if (!m_newPepper) {
        m_newPepper = base::Secret::ofSize(kPepperBytes);
        crypto::randomBytes(m_newPepper->mutableBytes());
    }
    auto written = co_await m_keychain.write(keychainItem(), m_newPepper->clone());
    if (!written) {
        const std::string detail = written.error().detail;
        co_return base::fail(Error{ErrorKind::Keychain, detail, std::move(written.error())});
    }
    if (m_newPepper) { // else another call has written the same
        m_pepper = std::exchange(m_newPepper, std::nullopt);
    }
    co_return Result<void>();
}

std::string ClientKeys::macUnder(const base::Secret& pepper, const base::Secret& key) {
    return hexText(crypto::hmacSha256(pepper, key.reveal()));
}

std::string ClientKeys::macOf(const base::Secret& key) const {
    return macUnder(*m_pepper, key);
}

// --- changes
// ------------------------------------------------------------------------------------------------------------

Result<void> ClientKeys::save(Keys keys) {
    if (auto written = m_file.write(listOf(keys)); !written) {
        return base::fail(Error{ErrorKind::Storage, std::move(written.error())});
    }
    m_keys = std::move(keys);
    m_hasUses = false;
    return {};
}

Result<void> ClientKeys::checkNew(const NewKey& wanted) const {
    const std::int64_t now = m_clock.utcSeconds();
    if (!isKeyName(wanted.name)) {
        return base::fail(Error{ErrorKind::Misused, "a client key's name is 1 to 64 characters of a-z A-Z 0-9 . _ @ -, "
                                                    "beginning with a letter or digit"});
    }
    if (wanted.scopes.size() > kMaxScopes) {
        return base::fail(Error{ErrorKind::Misused, "a client key has at most 64 scopes"});
    }
    const auto isTaken = [&](const auto& entry) {
        return entry.second.name == wanted.name && entry.second.isLive(now);
    };
    if (std::ranges::any_of(m_keys, isTaken)) {
        return base::fail(
            Error{ErrorKind::Misused, "a client key named " + wanted.name + " is there; revoke or rotate it"});
    }
    return {};
}

QCoro::Task<Result<IssuedKey>> ClientKeys::create(NewKey wanted) {
    auto ready = co_await needPepperToMake();
    if (!ready) {
        co_return base::fail(std::move(ready.error()));
    }
    if (auto checked = checkNew(wanted); !checked) {
        co_return base::fail(std::move(checked.error()));
    }
    const std::int64_t now = m_clock.utcSeconds();
    Keys keys = m_keys;
    if (!makeRoom(keys, now)) {
        co_return base::fail(Error{ErrorKind::Misused, "there are 1000 client keys; revoke some"});
    }
    IssuedKey issued{makeId(), makeKey(wanted.kind)};
    ClientKey key;
    key.id = issued.id;
    key.name = std::move(wanted.name);
    key.kind = wanted.kind;
    key.prefix = issued.key.reveal().substr(0, kPrefixLength);
    key.mac = macOf(issued.key);
    key.createdAt = now;
    key.createdBy = base::printable(wanted.createdBy, kMaxShownProgram);
    key.scopes = std::move(wanted.scopes);
    if (wanted.lifetime) {
        key.expiresAt = now + wanted.lifetime->count();
    }
    keys.insert_or_assign(issued.id, std::move(key));
    if (auto saved = save(std::move(keys)); !saved) {
        co_return base::fail(std::move(saved.error()));
    }
    co_return std::move(issued);
}

Result<void> ClientKeys::checkLive(const std::string& id) const {
    const ClientKey* key = byId(id);
    if (key == nullptr) {
        return base::fail(noSuchId());
    }
    if (key->revokedAt) {
        return base::fail(Error{ErrorKind::Revoked, "this client key was revoked; make another one"});
    }
    if (!key->isLive(m_clock.utcSeconds())) {
        return base::fail(Error{ErrorKind::Expired, "this client key's time is over; make another one"});
    }
    return {};
}

QCoro::Task<Result<IssuedKey>> ClientKeys::rotate(std::string id, std::chrono::seconds overlap) {
    if (auto there = checkLive(id); !there) {
        co_return base::fail(std::move(there.error()));
    }
    auto ready = co_await needPepper();
    if (!ready) {
        co_return base::fail(std::move(ready.error()));
    }
    if (auto still = checkLive(id); !still) {
        co_return base::fail(std::move(still.error()));
    }
    Keys keys = m_keys;
    ClientKey& key = keys.at(id);
    IssuedKey issued{id, makeKey(key.kind)};
    key.oldMac = overlap.count() > 0 ? key.mac : std::string();
    key.oldUntil = overlap.count() > 0 ? m_clock.utcSeconds() + overlap.count() : 0;
    key.mac = macOf(issued.key);
    key.prefix = issued.key.reveal().substr(0, kPrefixLength);
    if (auto saved = save(std::move(keys)); !saved) {
        co_return base::fail(std::move(saved.error()));
    }
    co_return std::move(issued);
}

Result<void> ClientKeys::revoke(const std::string& id) {
    const auto found = m_keys.find(id);
    if (found == m_keys.end()) {
        return base::fail(noSuchId());
    }
    if (!found->second.revokedAt) {
        found->second.revokedAt = m_clock.utcSeconds();
    }
    return saveChanged("the key is good for nothing");
}

Result<void> ClientKeys::saveChanged(const std::string& whatHolds) {
    auto saved = save(m_keys);
    if (!saved) {
        m_hasUses = true; // the next write takes it along
        return base::fail(Error{ErrorKind::Storage, whatHolds +
                                                        " until this broker ends, but that could not be "
                                                        "written: " +
                                                        saved.error().detail});
    }
    return {};
}

// --- use
// ----------------------------------------------------------------------------------------------------------------

QCoro::Task<Result<Proof>> ClientKeys::verify(PresentedKey shown) {
    if (const ClientKey* key = sessionKeyOf(shown)) {
        co_return Proof{key->id, key->mac};
    }
    if (m_keys.empty()) {
        co_return base::fail(unknownKey());
    }
    auto ready = co_await needPepper();
    if (!ready) {
        const bool isNobodys = ready.error().kind == ErrorKind::KeyMissing && !anyLive();
        co_return base::fail(isNobodys ? unknownKey() : std::move(ready.error()));
    }
    Proof proof;
    proof.mac = macOf(shown.text);
    const ClientKey* key = keyWithMac(m_keys, proof.mac);
    if (key == nullptr) {
        co_return base::fail(unknownKey());
    }
    proof.id = key->id;
    if (auto live = checkLive(proof.id); !live) {
        co_return base::fail(std::move(live.error()));
    }
    if (find(proof) == nullptr) {
        co_return base::fail(Error{ErrorKind::Expired, "this client key was rotated, and its time is over; take the "
                                                       "new one"});
    }
    co_return std::move(proof);
}

const ClientKey* ClientKeys::find(const Proof& proof) const {
    const ClientKey* key = byId(proof.id);
    const std::int64_t now = m_clock.utcSeconds();
    if (key == nullptr || !key->isLive(now)) {
        return nullptr;
    }
    const bool isCurrent = proof.mac == key->mac;
    const bool isOverlapping = proof.mac == key->oldMac && now < key->oldUntil;
    return isCurrent || isOverlapping ? key : nullptr;
}

void ClientKeys::noteUse(const Proof& proof) {
    const bool isSession = isSessionKey(proof.id);
    Keys& keys = isSession ? m_sessionKeys : m_keys;
    const auto found = keys.find(proof.id);
    if (found == keys.end()) {
        return;
    }
    found->second.lastUsedAt = m_clock.utcSeconds();
    ++found->second.useCount;
    if (isSession) {
        return;
    }
    m_hasUses = true;
    if (!m_writeUses.isActive()) {
        m_writeUses.start();
    }
}

void ClientKeys::writeUses() {
    if (!m_hasUses) {
        return;
    }
    if (m_file.write(listOf(m_keys))) {
        m_hasUses = false;
    } // else it stays noted: a full disk must not keep a key from being used
}

} // namespace keybearer::clientkeys
