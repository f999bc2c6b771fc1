#include "daemon/audit/seal_keeper.h"

#include "daemon/crypto/crypto.h"

#include <QCoroTimer>
#include <QTimer>

namespace keybearer::audit {
namespace {

constexpr std::chrono::milliseconds kLook{20};

SealKey sealKey(const std::string& name, base::Secret bytes) {
    return {name, std::make_shared<const base::Secret>(std::move(bytes))};
}

} // namespace

SealKeeper::SealKeeper(AuditLog& log, keychain::Keychain& keychain, const base::Clock& clock, std::string_view folder)
    : m_log(log), m_keychain(keychain), m_clock(clock), m_name(fileName(folder)) {}

void SealKeeper::poke() {
    if (m_key || m_isOpening || m_clock.steady() < m_notBefore) {
        return;
    }
    m_notBefore = m_clock.steady() + kPause;
    open(); // goes on by itself
}

QCoro::Task<std::string> SealKeeper::open() {
    while (m_isOpening) {
        QTimer pause;
        pause.start(kLook);
        co_await pause;
    }
    if (m_key) {
        co_return std::string();
    }
    m_isOpening = true;
    std::string why = co_await openOnce();
    m_isOpening = false;
    co_return std::move(why);
}

QCoro::Task<std::string> SealKeeper::openOnce() {
    // A keychain that nobody has chosen would be chosen by writing to it, and a locked one asks for its password.
    if (m_keychain.kind() == "unset") {
        co_return std::string("no keychain has been chosen yet");
    }
    const keychain::StateReport state = co_await m_keychain.report();
    if (state.state != keychain::State::Ready) {
        co_return state.detail.empty() ? std::string("the keychain is locked") : state.detail;
    }
    auto bytes = co_await m_keychain.read(item());
    if (bytes) {
        co_return begin(std::move(*bytes), false);
    }
    if (bytes.error().kind == keychain::ErrorKind::NotFound) {
        co_return co_await makeKey();
    }
    co_return bytes.error().detail;
}

QCoro::Task<std::string> SealKeeper::makeKey() {
    base::Secret bytes = base::Secret::ofSize(kSealKeyBytes);
    crypto::randomBytes(bytes.mutableBytes());
    if (const auto prepared = m_log.prepareSeal(sealKey(m_name, bytes.clone())); !prepared) {
        co_return prepared.error();
    }
    const auto written = co_await m_keychain.write(item(), bytes.clone());
    if (!written) {
        co_return written.error().detail;
    }
    co_return begin(std::move(bytes), true);
}

std::string SealKeeper::begin(base::Secret bytes, bool isNew) {
    if (bytes.size() != kSealKeyBytes) {
        return "the keychain's item " + item() + " is no key of this record; remove it and a new one is made";
    }
    SealKey key = sealKey(m_name, std::move(bytes));
    if (const auto begun = m_log.beginSeal(key, isNew); !begun) {
        return begun.error();
    }
    m_key = std::move(key);
    return {};
}

} // namespace keybearer::audit
