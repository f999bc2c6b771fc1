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
    for (const accounts::Account& account : services.authority.accounts().all()) {
        keys.push_back(accounts::grantKey(account));
        const std::string clientKey = accounts::clientSecretKey(account.issuer, account.clientId);
        if (account.confidential && std::ranges::find(keys, clientKey) == keys.end()) {
            keys.push_back(clientKey);
        }
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
