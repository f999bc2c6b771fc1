#pragma once
/// \file
/// The desktop's keyring (Secret Service: gnome-keyring, KWallet, KeePassXC) through QtKeychain.

#include "daemon/keychain/keychain.h"

#include <memory>

namespace keybearer::keychain {

/// Items are binary, under the service name "keybearer". There is no fallback to a file.
///
/// QtKeychain alone is not enough to tell these apart, so the service is also asked over D-Bus: a locked keyring with
/// nobody to ask for its password answers "not found"; a restarted service refuses every call of an old session; a
/// frozen one never answers. Nothing is contacted before the first call, and nothing at all without a session bus.
class SecretServiceKeychain final : public Keychain {
public:
    explicit SecretServiceKeychain(std::chrono::milliseconds deadline = kCallDeadline);
    ~SecretServiceKeychain() override;
    SecretServiceKeychain(const SecretServiceKeychain&) = delete;
    SecretServiceKeychain& operator=(const SecretServiceKeychain&) = delete;

    [[nodiscard]] std::string kind() const override { return "secret-service"; }
    [[nodiscard]] QCoro::Task<State> state() override;
    [[nodiscard]] QCoro::Task<StateReport> report() override;
    /// A locked keyring shows its own password prompt, where the desktop has one.
    [[nodiscard]] QCoro::Task<Result<base::Secret>> read(std::string key) override;
    [[nodiscard]] QCoro::Task<Result<void>> write(std::string key, base::Secret value) override;
    [[nodiscard]] QCoro::Task<Result<void>> remove(std::string key) override;
    [[nodiscard]] QCoro::Task<Result<void>> lockService() override;

private:
    struct Shared;
    std::shared_ptr<Shared> m_shared;
};

} // namespace keybearer::keychain
