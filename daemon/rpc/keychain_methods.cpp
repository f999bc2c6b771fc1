#include "daemon/rpc/handlers.h"

#include <algorithm>

namespace keybearer::rpc {

using nlohmann::json;

QCoro::Task<Reply> keychainStatus(Services& services, Call) {
    const keychain::Status status = co_await services.keychain.status();
    co_return json{{"backend", status.backend},
                   {"state", status.state},
                   {"encrypted", status.encrypted ? json(*status.encrypted) : json()},
                   {"chosen_at", status.chosenAt ? json(*status.chosenAt) : json()},
                   {"detail", status.detail}};
}

QCoro::Task<Reply> keychainMigrate(Services& services, Call call) {
    std::vector<std::string> keys;
    const auto addOnce = [&keys](bool isWanted, std::string key) {
        if (isWanted && std::ranges::find(keys, key) == keys.end()) {
            keys.push_back(std::move(key));
        }
    };
    for (const accounts::Account& account : services.authority.accounts().all()) {
        keys.push_back(accounts::grantKey(account));
        addOnce(account.confidential, accounts::clientSecretKey(account.issuer, account.clientId));
        addOnce(account.registered, accounts::registrationKey(account.issuer));
    }
    for (const std::string& tenant : services.vault.tenants()) {
        keys.push_back(vault::Vault::keychainItem(tenant));
    }
    keys.push_back(services.seal.item());
    keys.push_back(clientkeys::ClientKeys::keychainItem());
    base::Passphrase passphrase;
    if (auto given = call.params.takeSecret("passphrase")) {
        passphrase.value = std::move(*given);
    }
    const std::string backend = call.params.requiredString("backend");
    auto moved = co_await services.keychain.migrate(backend, std::move(passphrase), std::move(keys));
    if (!moved) {
        co_return base::fail(accounts::fromKeychain(moved.error()));
    }
    services.seal.retry();
    co_return json{{"backend", backend}, {"moved", *moved}};
}

} // namespace keybearer::rpc
