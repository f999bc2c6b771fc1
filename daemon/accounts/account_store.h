#pragma once
/// \file
/// The list of accounts on disk: accounts.json in the data folder, no secret in it.

#include "daemon/accounts/account.h"
#include "ipc/base/result.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::accounts {

/// Main thread. Every change is on disk, synced, when the call returns; on failure memory and disk are as before.
class AccountStore {
public:
    /// A missing file is an empty list; a damaged one is an error and is left as it is. Errors are sentences.
    [[nodiscard]] static base::Result<AccountStore, std::string> open(const std::string& folder);

    [[nodiscard]] const std::vector<Account>& all() const noexcept { return m_accounts; }
    [[nodiscard]] const Account* byName(std::string_view name) const;
    [[nodiscard]] const Account* byId(std::string_view id) const;
    /// The account that was signed in at this address, else for the resource of this name; whichever is the first
    /// where there are several; nullptr when there is none.
    [[nodiscard]] const Account* byResource(std::string_view address) const;
    /// The account that is this one (isSameIdentity()); nullptr when there is none, and always for an empty subject.
    [[nodiscard]] const Account* byIdentity(const Account& wanted) const;

    /// Adds the account or replaces the one with the same id.
    [[nodiscard]] base::Result<void, std::string> put(Account account);
    /// The same after a sign-in at `address` (empty: at none), to which it answers from here on. Accounts for another
    /// resource, or of another issuer, do not any more: what an address is, its server has just said.
    [[nodiscard]] base::Result<void, std::string> putSignedIn(Account account, std::string_view address);
    [[nodiscard]] base::Result<void, std::string> remove(std::string_view id);
    /// Called after each change, from within put() and remove().
    void onChange(std::function<void()> changed) { m_changed = std::move(changed); }

private:
    explicit AccountStore(std::string path) : m_path(std::move(path)) {}
    [[nodiscard]] base::Result<void, std::string> save(std::vector<Account> accounts);

    std::string m_path;
    std::vector<Account> m_accounts;
    std::function<void()> m_changed;
};

/// The file's text, for tests and the fuzzer.
[[nodiscard]] std::string formatAccounts(const std::vector<Account>& accounts);
[[nodiscard]] base::Result<std::vector<Account>, std::string> parseAccounts(std::string_view text);

} // namespace keybearer::accounts
