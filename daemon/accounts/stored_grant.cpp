#include "daemon/accounts/stored_grant.h"

#include "ipc/base/base64url.h"
#include "ipc/protocol/strict_json.h"

#include <nlohmann/json.hpp>

namespace keybearer::accounts {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr int kMaxDepth = 2;
constexpr std::size_t kKeyNumber = 32; // bytes

/// Moves a string member out of the tree into a secret, so that the tree keeps no copy of it.
std::optional<base::Secret> take(json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string() || found->get_ref<std::string&>().empty()) {
        return std::nullopt;
    }
    return base::Secret::absorb(std::move(found->get_ref<std::string&>()));
}

/// The private number and both public ones, 32 bytes each, in base64url.
base::Secret savedKey(const crypto::SigningKey& key) {
    const base::Secret number = key.save();
    std::string bytes;
    bytes.reserve(3 * kKeyNumber);
    bytes.append(number.reveal()).append(key.publicKey().x).append(key.publicKey().y);
    const base::Secret all = base::Secret::absorb(std::move(bytes));
    return base::Secret::absorb(base::base64UrlEncode(all.reveal()));
}

std::shared_ptr<const crypto::SigningKey> loadedKey(const base::Secret& saved) {
    auto decoded = base::base64UrlDecode(saved.reveal());
    if (!decoded || decoded->size() != 3 * kKeyNumber) {
        return nullptr;
    }
    const base::Secret all = base::Secret::absorb(std::move(*decoded));
    const std::string_view bytes = all.reveal();
    const crypto::PublicKey shown{"EC",
                                  "P-256",
                                  {},
                                  {},
                                  std::string(bytes.substr(kKeyNumber, kKeyNumber)),
                                  std::string(bytes.substr(2 * kKeyNumber))};
    auto key = crypto::SigningKey::load(base::Secret(bytes.substr(0, kKeyNumber)), shown);
    return key ? std::make_shared<const crypto::SigningKey>(std::move(*key)) : nullptr;
}

} // namespace

base::Secret formatGrant(const StoredGrant& grant) {
    json object{{"version", kVersion},
                {"generation", grant.generation},
                {"issuer", grant.issuer},
                {"client_id", grant.clientId},
                {"expires_at", grant.expiresAt}};
    if (grant.refreshToken) {
        object["refresh_token"] = grant.refreshToken->reveal();
    }
    if (grant.accessToken) {
        object["access_token"] = grant.accessToken->reveal();
    }
    if (grant.dpopKey) {
        object["dpop_key"] = savedKey(*grant.dpopKey).reveal();
    }
    base::Secret item = base::Secret::absorb(object.dump());
    for (const char* name : {"refresh_token", "access_token", "dpop_key"}) {
        [[maybe_unused]] const auto wiped = take(object, name);
    }
    return item;
}

base::Result<StoredGrant, std::string> parseGrant(const base::Secret& item) {
    auto parsed = protocol::parseStrictJson(item.reveal(), kMaxDepth);
    const std::string damaged = "the keychain item of this account is damaged, or was written by a newer Keybearer";
    if (!parsed || !parsed->is_object() || parsed->value("version", json()) != kVersion) {
        return base::fail(damaged);
    }
    json& object = *parsed;
    StoredGrant grant;
    if (auto token = take(object, "refresh_token")) {
        grant.refreshToken = base::RefreshToken{std::move(*token)};
    }
    if (auto token = take(object, "access_token")) {
        grant.accessToken = base::AccessToken{std::move(*token)};
    }
    if (auto key = take(object, "dpop_key")) {
        grant.dpopKey = loadedKey(*key);
        if (!grant.dpopKey) {
            return base::fail(damaged);
        }
    }
    const json generation = object.value("generation", json());
    const json expiresAt = object.value("expires_at", json());
    const json issuer = object.value("issuer", json());
    const json clientId = object.value("client_id", json());
    if (!generation.is_number_unsigned() || !expiresAt.is_number_integer() || !issuer.is_string() ||
        !clientId.is_string() || (!grant.refreshToken && !grant.accessToken)) {
        return base::fail(damaged);
    }
    grant.generation = generation.get<std::uint64_t>();
    grant.expiresAt = expiresAt.get<std::int64_t>();
    grant.issuer = issuer.get<std::string>();
    grant.clientId = clientId.get<std::string>();
    return grant;
}

} // namespace keybearer::accounts
