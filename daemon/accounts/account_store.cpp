#include "daemon/accounts/account_store.h"

#include "ipc/base/private_file.h"
#include "ipc/protocol/strict_json.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace keybearer::accounts {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::size_t kMaxFileBytes = 1U << 20;
constexpr int kMaxDepth = 4;

/// Every text member of an account with its place in the file.
constexpr std::array<std::pair<const char*, std::string Account::*>, 9> kTexts{{
    {"id", &Account::id},
    {"name", &Account::name},
    {"provider", &Account::provider},
    {"issuer", &Account::issuer},
    {"subject", &Account::subject},
    {"label", &Account::label},
    {"client_id", &Account::clientId},
    {"scope", &Account::scope},
    {"login_required", &Account::loginRequired},
}};

/// Those that are written where there is something to write; earlier versions knew none of them.
constexpr std::array<std::pair<const char*, std::string Account::*>, 2> kLaterTexts{{
    {"resource", &Account::resource},
    {"token_endpoint_auth_method", &Account::authMethod},
}};

bool hasAddress(const Account& account, std::string_view address) {
    return std::ranges::any_of(account.addresses, [&](const auto& one) { return isSameAddress(one, address); });
}

void dropAddress(Account& account, std::string_view address) {
    std::erase_if(account.addresses, [&](const std::string& one) { return isSameAddress(one, address); });
}

/// Adds it, or puts it in the place of the one with its id.
void place(std::vector<Account>& accounts, Account account) {
    const auto found = std::ranges::find(accounts, account.id, &Account::id);
    if (found == accounts.end()) {
        accounts.push_back(std::move(account));
    } else {
        *found = std::move(account);
    }
}

/// False when it is there and no list of at most kMaxAddresses texts; earlier versions wrote none.
bool readAddresses(const json& entry, Account& account) {
    const auto found = entry.find("addresses");
    if (found == entry.end()) {
        account.addresses = {account.resource};
        std::erase(account.addresses, std::string());
        return true;
    }
    if (!found->is_array() || found->size() > kMaxAddresses) {
        return false;
    }
    for (const json& address : *found) {
        if (!address.is_string()) {
            return false;
        }
        account.addresses.push_back(address.get<std::string>());
    }
    return true;
}

base::Result<Account, std::string> parseAccount(const json& entry) {
    Account account;
    if (!entry.is_object()) {
        return base::fail(std::string("an account is not an object"));
    }
    for (const auto& [name, member] : kTexts) {
        const auto found = entry.find(name);
        if (found == entry.end() || !found->is_string()) {
            return base::fail(std::string("\"") + name + "\" of an account is missing or not a string");
        }
        account.*member = found->get<std::string>();
    }
    const auto created = entry.find("created_at");
    const auto confidential = entry.find("confidential");
    if (created == entry.end() || !created->is_number_integer() || confidential == entry.end() ||
        !confidential->is_boolean() || !isValidName(account.name) || account.id.empty()) {
        return base::fail(std::string("an account has no valid name, id, created_at or confidential"));
    }
    if (const auto ends = entry.find("refresh_expires_at"); ends != entry.end()) { // earlier versions wrote none
        if (!ends->is_number_integer()) {
            return base::fail(std::string("\"refresh_expires_at\" of an account is not a number of seconds"));
        }
        account.refreshExpiresAt = ends->get<std::int64_t>();
    }
    for (const auto& [name, member] : kLaterTexts) {
        if (const auto found = entry.find(name); found != entry.end()) {
            if (!found->is_string()) {
                return base::fail(std::string("\"") + name + "\" of an account is not a string");
            }
            account.*member = found->get<std::string>();
        }
    }
    if (!readAddresses(entry, account)) {
        return base::fail(std::string("\"addresses\" of an account is not a list of at most 16 strings"));
    }
    if (const auto registered = entry.find("registered"); registered != entry.end()) {
        if (!registered->is_boolean()) {
            return base::fail(std::string("\"registered\" of an account is not true or false"));
        }
        account.registered = registered->get<bool>();
    }
    account.createdAt = created->get<std::int64_t>();
    account.confidential = confidential->get<bool>();
    return account;
}

} // namespace

bool isSameIdentity(const Account& a, const Account& b) {
    return a.issuer == b.issuer && a.subject == b.subject && a.resource == b.resource &&
           (a.clientId == b.clientId || (a.registered && b.registered));
}

bool isSameAddress(std::string_view a, std::string_view b) {
    const auto bare = [](std::string_view text) { return text.substr(0, text.size() - (text.ends_with('/') ? 1 : 0)); };
    return bare(a) == bare(b);
}

bool isFor(const Account& account, std::string_view address) {
    return hasAddress(account, address) || (!account.resource.empty() && isSameAddress(account.resource, address));
}

const std::string& addressOf(const Account& account) {
    return account.addresses.empty() ? account.resource : account.addresses.back();
}

bool isValidName(std::string_view name) {
    const auto isWord = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !name.empty() && name.size() <= 64 && isWord(name.front()) &&
           std::ranges::all_of(name, [&](char c) { return isWord(c) || c == '.' || c == '_' || c == '@' || c == '-'; });
}

std::string grantKey(const Account& account) {
    return "account/" + account.id;
}

std::string clientSecretKey(std::string_view issuer, std::string_view clientId) {
    return std::string("client/").append(issuer).append("#").append(clientId);
}

std::string formatAccounts(const std::vector<Account>& accounts) {
    json list = json::array();
    for (const Account& account : accounts) {
        json entry{{"created_at", account.createdAt}, {"confidential", account.confidential}};
        if (account.refreshExpiresAt != 0) {
            entry["refresh_expires_at"] = account.refreshExpiresAt;
        }
        if (account.registered) {
            entry["registered"] = true;
        }
        if (!account.addresses.empty() || !account.resource.empty()) { // none is something else than not written
            entry["addresses"] = account.addresses;
        }
        for (const auto& [name, member] : kTexts) {
            entry[name] = account.*member;
        }
        for (const auto& [name, member] : kLaterTexts) {
            if (!(account.*member).empty()) {
                entry[name] = account.*member;
            }
        }
        list.push_back(std::move(entry));
    }
    return json{{"version", kVersion}, {"accounts", std::move(list)}}.dump(2, ' ', false,
                                                                           json::error_handler_t::replace) +
           "\n";
}

base::Result<std::vector<Account>, std::string> parseAccounts(std::string_view text) {
    const auto document = protocol::parseStrictJson(text, kMaxDepth);
    if (!document) {
        return base::fail(document.error());
    }
    if (!document->is_object() || document->value("version", json()) != kVersion || !document->contains("accounts") ||
        !document->at("accounts").is_array()) {
        return base::fail(std::string("not an account list of version 1; was it written by a newer Keybearer?"));
    }
    std::vector<Account> accounts;
    for (const json& entry : document->at("accounts")) {
        auto account = parseAccount(entry);
        if (!account) {
            return base::fail(account.error());
        }
        const bool twice = std::ranges::any_of(
            accounts, [&](const Account& other) { return other.name == account->name || other.id == account->id; });
        if (twice) {
            return base::fail(std::string("an account stands in the list twice"));
        }
        accounts.push_back(std::move(*account));
    }
    return accounts;
}

base::Result<AccountStore, std::string> AccountStore::open(const std::string& folder) {
    AccountStore store(folder + "/accounts.json");
    const auto text = base::readPrivateFile(store.m_path, kMaxFileBytes);
    if (!text) {
        return base::fail(text.error());
    }
    if (!*text) {
        return store;
    }
    auto accounts = parseAccounts((*text)->reveal());
    if (!accounts) {
        return base::fail(store.m_path + ": " + accounts.error() +
                          "; mend it or move it away (the tokens stay in the keychain)");
    }
    store.m_accounts = std::move(*accounts);
    return store;
}

const Account* AccountStore::byName(std::string_view name) const {
    const auto found = std::ranges::find(m_accounts, name, &Account::name);
    return found == m_accounts.end() ? nullptr : &*found;
}

const Account* AccountStore::byId(std::string_view id) const {
    const auto found = std::ranges::find(m_accounts, id, &Account::id);
    return found == m_accounts.end() ? nullptr : &*found;
}

const Account* AccountStore::byResource(std::string_view address) const {
    auto found = std::ranges::find_if(m_accounts, [&](const Account& one) { return hasAddress(one, address); });
    if (found == m_accounts.end()) {
        found = std::ranges::find_if(m_accounts, [&](const Account& one) { return isFor(one, address); });
    }
    return found == m_accounts.end() ? nullptr : &*found;
}

const Account* AccountStore::byIdentity(const Account& wanted) const {
    const auto found = std::ranges::find_if(
        m_accounts, [&](const Account& account) { return !wanted.subject.empty() && isSameIdentity(account, wanted); });
    return found == m_accounts.end() ? nullptr : &*found;
}

base::Result<void, std::string> AccountStore::save(std::vector<Account> accounts) {
    if (auto written = base::writePrivateFile(m_path, formatAccounts(accounts)); !written) {
        return written;
    }
    m_accounts = std::move(accounts);
    if (m_changed) {
        m_changed();
    }
    return {};
}

base::Result<void, std::string> AccountStore::put(Account account) {
    return putSignedIn(std::move(account), {});
}

base::Result<void, std::string> AccountStore::putSignedIn(Account account, std::string_view address) {
    if (const Account* other = byName(account.name); other != nullptr && other->id != account.id) {
        return base::fail("there is an account " + account.name + " already"); // with two, the file could not be read
    }
    std::vector<Account> next = m_accounts;
    if (!address.empty()) {
        for (Account& other : next) {
            if (other.resource != account.resource || other.issuer != account.issuer) {
                dropAddress(other, address);
            }
        }
        dropAddress(account, address); // it goes to the end
        if (account.addresses.size() >= kMaxAddresses) {
            account.addresses.erase(account.addresses.begin());
        }
        account.addresses.emplace_back(address);
    }
    place(next, std::move(account));
    return save(std::move(next));
}

base::Result<void, std::string> AccountStore::remove(std::string_view id) {
    std::vector<Account> next = m_accounts;
    std::erase_if(next, [&](const Account& account) { return account.id == id; });
    return save(std::move(next));
}

} // namespace keybearer::accounts
