#pragma once
/// \file
/// The logins that are under way, and whose they are.

#include "daemon/accounts/login.h"
#include "daemon/accounts/sign_in_list.h"
#include "daemon/providers/catalogue.h"

#include <QCoroTask>

#include <algorithm>
#include <cstdint>
#include <functional>
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
    std::string provider; ///< name in the catalogue, an account's name, an issuer's URL or a protected resource's
    std::optional<std::string> account;
    std::optional<std::string> clientId;
    std::optional<base::ClientSecret> clientSecret;
    std::optional<std::string> redirect;
    std::optional<std::vector<std::string>> scopes;
    std::optional<std::string> issuer;                 ///< which one of a resource's authorization servers
    std::string clientIdDocument;                      ///< URL of our client ID metadata document; empty: there is none
    std::optional<std::vector<std::string>> addScopes; ///< beside those, and those that were granted before
    std::chrono::seconds timeout{300};
    LoginMethod method = LoginMethod::Browser;
    bool fresh = false;    ///< begins anew: one for the same account that is under way ends
    bool attended = false; ///< a person asked for it just now
    KeepKey keepKey;       ///< for a provider that makes a key
};

/// A login, and whether somebody else's front end has opened the browser for it.
struct BegunLogin {
    std::shared_ptr<Login> login;
    bool joined = false;
    bool screenLocked = false; ///< nothing may open; the address can be shown
};

using ScreenLocked = std::function<QCoro::Task<bool>()>;

/// Main thread. A login belongs to the connections that asked for it and is cancelled when the last of them closes, so
/// that a killed program leaves no listener behind. Whoever asks for the same account in the same way while a login is
/// under way joins it: the person sees one window, and everybody gets its outcome.
class LoginRegistry {
public:
    using Owner = std::uint64_t;

    LoginRegistry(Login::Parts parts, const providers::Catalogue& catalogue, keychain::Keychain& keychain,
                  ScreenLocked screenLocked)
        : m_parts(parts),
          m_catalogue(catalogue),
          m_keychain(keychain),
          m_screenLocked(std::move(screenLocked)),
          m_signIns(std::make_shared<SignInList>(parts.clock)) {}

    /// login_required when the window would open for nobody: the sign-in waits in signIns() then.
    [[nodiscard]] QCoro::Task<Result<BegunLogin>> begin(LoginRequest request, Owner owner);
    /// nullptr when there is no such login of this owner.
    [[nodiscard]] std::shared_ptr<Login> find(const std::string& id, Owner owner) const;
    /// Waits until the login's state is not `known` any more, at most `wait`.
    [[nodiscard]] static QCoro::Task<> change(std::shared_ptr<Login> login, std::string known,
                                              std::chrono::milliseconds wait);
    /// The owner waits for this login no longer; the last one cancels it. False when there is none of that id.
    bool leave(const std::string& id, Owner owner);
    void ownerGone(Owner owner);
    void cancelAll();
    [[nodiscard]] bool isBusy() const; ///< a login is under way

    [[nodiscard]] const SignInList& signIns() const noexcept { return *m_signIns; }
    /// Called after each change of signIns().waiting().
    void onSignInsChange(std::function<void()> changed) { m_signIns->onChange(std::move(changed)); }

private:
    // login_plan.cpp
    [[nodiscard]] Result<LoginPlan> plan(LoginRequest request) const;
    [[nodiscard]] Result<void> chooseAccount(LoginPlan& plan, const LoginRequest& request) const;
    [[nodiscard]] static Result<void> applyOverrides(LoginPlan& plan, LoginRequest& request);
    [[nodiscard]] static Result<LoginPlan> planForKey(LoginPlan plan, LoginRequest request);
    [[nodiscard]] Result<providers::Profile> profileFor(const LoginRequest& request) const;

    struct Entry {
        std::shared_ptr<Login> login;
        std::vector<Owner> owners;

        [[nodiscard]] bool isOf(Owner owner) const { return std::ranges::find(owners, owner) != owners.end(); }
    };
    /// One under way that asks the same person for the same thing; null when there is none.
    [[nodiscard]] Entry* findSame(const LoginPlan& plan);
    /// Prepares it and lets it run.
    [[nodiscard]] QCoro::Task<Result<void>> start(std::shared_ptr<Login> login, bool attended);
    /// Waits for the end, and notes whether anybody was there. May outlive the registry.
    static QCoro::Task<> follow(std::shared_ptr<Login> login, bool attended, std::shared_ptr<SignInList> signIns);
    [[nodiscard]] Result<void> mayOpen(const LoginPlan& plan, bool screenLocked);
    [[nodiscard]] bool isFull(Owner owner) const;

    Login::Parts m_parts;
    const providers::Catalogue& m_catalogue;
    keychain::Keychain& m_keychain;
    ScreenLocked m_screenLocked;
    std::shared_ptr<SignInList> m_signIns;
    std::map<std::string, Entry> m_logins;
    std::multimap<Owner, std::shared_ptr<bool>> m_beginning; ///< of begin(), while it waits; false: its owner is gone
};

} // namespace keybearer::accounts
