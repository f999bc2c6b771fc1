// The part of ClientKeys that is about keys of this run of the broker, and what happens to all keys with an account.

#include "daemon/clientkeys/client_keys.h"

#include <utility>

namespace keybearer::clientkeys {

base::Secret ClientKeys::beginSessionKey(std::string id, NewKey wanted) {
    base::Secret secret = makeKey(wanted.kind);
    ClientKey key;
    key.id = id;
    key.name = std::move(wanted.name);
    key.kind = wanted.kind;
    key.prefix = secret.reveal().substr(0, kPrefixLength);
    key.mac = macUnder(m_sessionPepper, secret);
    key.createdAt = m_clock.utcSeconds();
    key.scopes = std::move(wanted.scopes);
    m_sessionKeys.insert_or_assign(std::move(id), std::move(key));
    return secret;
}

void ClientKeys::endSessionKey(const std::string& id) {
    m_sessionKeys.erase(id);
}

const ClientKey* ClientKeys::sessionKeyOf(const PresentedKey& shown) const {
    return keyWithMac(m_sessionKeys, macUnder(m_sessionPepper, shown.text));
}

Result<void> ClientKeys::accountRenamed(const std::string& name, const std::string& newName) {
    const auto rename = [&](Keys& keys) {
        bool isChanged = false;
        for (auto& [id, key] : keys) {
            for (access::KeyScope& scope : key.scopes) {
                if (scope.credential == "account:" + name) {
                    scope.credential = "account:" + newName;
                    isChanged = true;
                }
            }
        }
        return isChanged;
    };
    rename(m_sessionKeys);
    const bool isChanged = rename(m_keys);
    return isChanged ? saveChanged("the scopes of client keys have the account's new name") : Result<void>();
}

Result<void> ClientKeys::accountGone(const std::string& name) {
    const auto forget = [&](Keys& keys) {
        std::size_t gone = 0;
        for (auto& [id, key] : keys) {
            gone += std::erase_if(key.scopes, [&](const auto& scope) { return scope.credential == "account:" + name; });
        }
        return gone;
    };
    forget(m_sessionKeys);
    const std::size_t gone = forget(m_keys);
    return gone != 0 ? saveChanged("no client key is good for the account any more") : Result<void>();
}

} // namespace keybearer::clientkeys
