#pragma once
/// \file
/// The key of the seal: from the keychain, as soon as that is open.

#include "daemon/audit/audit_log.h"
#include "daemon/keychain/keychain.h"

#include <QCoroTask>

#include <chrono>
#include <optional>
#include <string>

namespace keybearer::audit {

/// Main thread, owned by the broker. While the keychain is locked, absent or not chosen yet the record goes on without
/// a seal; it is neither chosen nor unlocked for this, and nobody is asked for a passphrase.
class SealKeeper {
public:
    /// How long nobody asks a keychain again that was not open.
    static constexpr std::chrono::seconds kPause{10};

    /// `folder` is the record's; it names the item. The references outlive the calls.
    SealKeeper(AuditLog& log, keychain::Keychain& keychain, const base::Clock& clock, std::string_view folder);

    /// The item's name in the keychain: 32 random bytes, made at the first use.
    [[nodiscard]] std::string item() const { return "audit/" + m_name; }

    /// Rows were written: seals them when that has become possible. Cheap when it is sealing, or has tried just now.
    void poke();
    /// The keychain may have opened: the next poke() tries.
    void retry() { m_notBefore = {}; }
    /// Tries now. Empty when the record is sealed, else why not: a sentence without its full stop.
    QCoro::Task<std::string> open();
    /// nullopt until the record is sealed.
    [[nodiscard]] const std::optional<SealKey>& key() const noexcept { return m_key; }

private:
    [[nodiscard]] QCoro::Task<std::string> openOnce();
    [[nodiscard]] QCoro::Task<std::string> makeKey();
    [[nodiscard]] std::string begin(base::Secret bytes, bool isNew);

    AuditLog& m_log;
    keychain::Keychain& m_keychain;
    const base::Clock& m_clock;
    const std::string m_name;
    std::optional<SealKey> m_key;
    std::chrono::milliseconds m_notBefore{0}; ///< on the steady clock
    bool m_isOpening = false;
};

} // namespace keybearer::audit
