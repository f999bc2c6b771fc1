#include "daemon/vault/format.h"

#include "daemon/crypto/crypto.h"
#include "ipc/base/ascii.h"
#include "ipc/base/base64url.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace keybearer::vault {
namespace {

using nlohmann::json;

constexpr std::string_view kFormatName = "keybearer-vault-1";
constexpr std::string_view kTestMark = "test";
constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kIdBytes = 8;
/// A rotation that is cut off leaves one key more; nobody's luck is that bad.
constexpr std::size_t kMaxKeys = 64;

void appendPart(std::string& out, std::string_view part) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        out.push_back(static_cast<char>((part.size() >> shift) & 0xFFU));
    }
    out.append(part);
}

bool isName(std::string_view name, bool (*fits)(char)) {
    return !name.empty() && name.size() <= kMaxNameBytes && base::isAlnum(name.front()) &&
           std::ranges::all_of(name, fits);
}

bool isKeyId(std::string_view id) {
    return id.size() == 2 * kIdBytes && std::ranges::all_of(id, base::isHexDigit);
}

std::optional<DataKey> parseKey(const json& object) {
    if (!object.is_object() || object.size() != 3) {
        return std::nullopt;
    }
    const json id = object.value("id", json());
    const json created = object.value("created_at", json());
    const auto key = object.find("key");
    if (!id.is_string() || !isKeyId(id.get_ref<const std::string&>()) || !created.is_number_integer() ||
        key == object.end() || !key->is_string()) {
        return std::nullopt;
    }
    auto bytes = base::base64UrlDecode(key->get_ref<const std::string&>());
    if (!bytes || bytes->size() != crypto::kKeyBytes) {
        return std::nullopt;
    }
    return DataKey{id.get<std::string>(), base::Secret::absorb(std::move(*bytes)), created.get<std::int64_t>()};
}

void wipeKeys(json& document) {
    const auto keys = document.is_object() ? document.find("keys") : document.end();
    if (keys == document.end() || !keys->is_array()) {
        return;
    }
    for (json& object : *keys) {
        if (object.is_object() && object.contains("key") && object["key"].is_string()) {
            base::wipe(object["key"].get_ref<std::string&>());
        }
    }
}

} // namespace

bool isTenantName(std::string_view name) {
    return isName(name,
                  [](char c) { return base::isLower(c) || base::isDigit(c) || c == '.' || c == '_' || c == '-'; });
}

bool isCredentialName(std::string_view name) {
    return isName(name, [](char c) { return base::isAlnum(c) || c == '.' || c == '_' || c == '-' || c == '@'; });
}

std::string additionalData(const Place& place) {
    std::string out;
    const std::string slot = std::to_string(static_cast<unsigned>(place.slot));
    const std::string generation = std::to_string(place.generation);
    for (const std::string_view part : {kFormatName, place.tenant, place.provider, place.name, std::string_view(slot),
                                        place.field, std::string_view(generation), place.keyId}) {
        appendPart(out, part);
    }
    if (place.test) {
        appendPart(out, kTestMark);
    }
    return out;
}

DataKey makeDataKey(std::int64_t now) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<unsigned char, kIdBytes> random{};
    crypto::randomBytes(random);
    DataKey key;
    for (const unsigned char byte : random) {
        key.id.push_back(kDigits[byte >> 4U]);
        key.id.push_back(kDigits[byte & 15U]);
    }
    key.key = base::Secret::ofSize(crypto::kKeyBytes);
    crypto::randomBytes(key.key.mutableBytes());
    key.createdAt = now;
    return key;
}

const DataKey* findKey(const DataKeys& keys, std::string_view id) {
    const auto found = std::ranges::find(keys, id, &DataKey::id);
    return found == keys.end() ? nullptr : &*found;
}

DataKeys cloneKeys(const DataKeys& keys) {
    DataKeys copy;
    for (const DataKey& key : keys) {
        copy.push_back({key.id, key.key.clone(), key.createdAt});
    }
    return copy;
}

base::Secret formatDataKeys(const DataKeys& keys) {
    std::string text = R"({"version":1,"keys":[)";
    // Room for all of it at once: a string that grows would leave keys behind.
    text.reserve(text.size() + keys.size() * 160 + 2);
    for (const DataKey& key : keys) {
        text.append(&key == keys.data() ? "" : ",").append(R"({"id":")").append(key.id).append(R"(","key":")");
        std::string encoded = base::base64UrlEncode(key.key.reveal());
        text.append(encoded).append(R"(","created_at":)").append(std::to_string(key.createdAt)).append("}");
        base::wipe(encoded);
    }
    text.append("]}");
    return base::Secret::absorb(std::move(text));
}

base::Result<DataKeys, std::string> parseDataKeys(const base::Secret& item) {
    const auto refuse = [] { return base::fail(std::string("the keychain's item is not a list of data keys")); };
    json document = json::parse(item.reveal(), nullptr, false);
    if (!document.is_object() || document.size() != 2 || document.value("version", json()) != 1) {
        wipeKeys(document);
        return refuse();
    }
    DataKeys keys;
    const json empty = json::array();
    const auto listed = document.find("keys");
    const bool isList =
        listed != document.end() && listed->is_array() && !listed->empty() && listed->size() <= kMaxKeys;
    for (std::size_t i = 0; isList && i < listed->size(); ++i) {
        auto key = parseKey((*listed)[i]);
        if (!key || findKey(keys, key->id) != nullptr) {
            break;
        }
        keys.push_back(std::move(*key));
    }
    const bool complete = isList && keys.size() == listed->size();
    wipeKeys(document);
    if (!complete) {
        return refuse();
    }
    return keys;
}

} // namespace keybearer::vault
