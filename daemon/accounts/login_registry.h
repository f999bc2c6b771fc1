#pragma once
/// \file
/// The logins that are under way, and whose they are.

#include "daemon/accounts/login.h"
#include "daemon/providers/catalogue.h"

#include <QCoroTask>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::accounts {

/// Logins of one connection, and of all, that may be pending at the same time.
inline constexpr std::size_t kMaxLoginsPerOwner = 8;
inline constexpr std::size_t kMaxLogins = 64;

struct LoginRequest {
    std::string provider; ///< name in the catalogue, an account's name, or an issuer URL
    std::optional<std::string> account;
    std::optional<std::string> clientId;
    std::optional<base::ClientSecret> clientSecret;
    std::optional<std::string> redirect;
    std::optional<std::vector<std::string>> scopes;
    std::chrono::seconds timeout{300};
    KeepKey keepKey; ///< for a provider that makes a key
};

/// Main thread. A login belongs to the connection that began it and is cancelled when that closes, so that a killed
/// program leaves no listener behind.
class LoginRegistry {
public:
    using Owner = std::uint64_t;

    LoginRegistry(Login::Parts parts, const providers::Catalogue& catalogue, keychain::Keychain& keychain)
        : m_parts(parts), m_catalogue(catalogue), m_keychain(keychain) {}

    [[nodiscard]] QCoro::Task<Result<std::shared_ptr<Login>>> begin(LoginRequest request, Owner owner);
    /// nullptr when there is no such login of this owner.
    [[nodiscard]] std::shared_ptr<Login> find(const std::string& id, Owner owner) const;
    /// Waits until the login's state is not `known` any more, at most `wait`.
    [[nodiscard]] static QCoro::Task<> change(std::shared_ptr<Login> login, std::string known,
                                              std::chrono::milliseconds wait);
    void ownerGone(Owner owner);
    void cancelAll();

private:
    [[nodiscard]] Result<LoginPlan> plan(LoginRequest request) const;
    [[nodiscard]] static Result<LoginPlan> planForKey(LoginPlan plan, LoginRequest request);
    [[nodiscard]] Result<providers::Profile> profileFor(const LoginRequest& request) const;

    struct Entry {
        std::shared_ptr<Login> login;
        Owner owner;
    };

    Login::Parts m_parts;
    const providers::Catalogue& m_catalogue;
    keychain::Keychain& m_keychain;
    std::map<std::string, Entry> m_logins;
};

} // namespace keybearer::accounts
