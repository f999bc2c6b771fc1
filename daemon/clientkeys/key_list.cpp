#include "daemon/clientkeys/key_list.h"

#include "ipc/base/ascii.h"
#include "ipc/base/private_file.h"
#include "ipc/protocol/strict_json.h"

#include <algorithm>
#include <set>

namespace keybearer::clientkeys {
namespace {

using access::KeyScope;
using nlohmann::json;

constexpr int kListVersion = 1;
constexpr int kMaxListDepth = 4;
constexpr std::size_t kMaxListBytes = 8U << 20;
constexpr std::size_t kMaxCreatedBy = 4096;
constexpr std::string_view kIdHead = "ck_";
constexpr std::size_t kIdDigits = 12;
constexpr std::size_t kMacDigits = 64;
constexpr std::size_t kKeyMembers = 14;
constexpr std::size_t kMaxKeyName = 64;

bool isLowerHex(std::string_view text, std::size_t digits) {
    return text.size() == digits &&
           std::ranges::all_of(text, [](char c) { return base::isHexDigit(c) && !base::isUpper(c); });
}

/// Reads the members of one object; after the first that does not fit, `good` is false.
class MemberReader {
public:
    explicit MemberReader(const json& object) : m_object(object) {}

    [[nodiscard]] std::string text(const char* name) {
        const json* value = member(name);
        good = good && value != nullptr && value->is_string();
        return good ? value->get<std::string>() : std::string();
    }
    [[nodiscard]] std::int64_t number(const char* name) {
        const json* value = member(name);
        good = good && value != nullptr && value->is_number_integer() &&
               (!value->is_number_unsigned() || value->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)) &&
               value->get<std::int64_t>() >= 0;
        return good ? value->get<std::int64_t>() : 0;
    }
    [[nodiscard]] std::optional<std::int64_t> numberOrNull(const char* name) {
        const json* value = member(name);
        return value != nullptr && value->is_null() ? std::nullopt : std::optional(number(name));
    }
    [[nodiscard]] std::vector<KeyScope> scopes(const char* name) {
        std::vector<KeyScope> out;
        const json* list = member(name);
        good = good && list != nullptr && list->is_array() && list->size() <= kMaxScopes;
        for (std::size_t i = 0; good && i < list->size(); ++i) {
            const json& element = (*list)[i];
            auto scope = element.is_string() ? access::parseScope(element.get_ref<const std::string&>())
                                             : base::Result<KeyScope, std::string>(base::fail(std::string()));
            good = scope.has_value();
            if (scope) {
                out.push_back(std::move(*scope));
            }
        }
        return out;
    }

    bool good = true;

private:
    [[nodiscard]] const json* member(const char* name) const {
        const auto found = m_object.find(name);
        return found == m_object.end() ? nullptr : &*found;
    }
    const json& m_object;
};

bool isSound(const ClientKey& key) {
    const std::string_view head = key.kind == KeyKind::Live ? "kb_live_" : "kb_test_";
    const bool hasOld = isLowerHex(key.oldMac, kMacDigits);
    return key.id.starts_with(kIdHead) && isLowerHex(std::string_view(key.id).substr(kIdHead.size()), kIdDigits) &&
           isKeyName(key.name) && key.prefix.size() == kPrefixLength && key.prefix.starts_with(head) &&
           std::ranges::all_of(key.prefix.substr(head.size()), base::isAlnum) && isLowerHex(key.mac, kMacDigits) &&
           (hasOld || (key.oldMac.empty() && key.oldUntil == 0)) && key.createdBy.size() <= kMaxCreatedBy &&
           std::ranges::none_of(key.createdBy, base::isControl);
}

std::optional<ClientKey> readKey(const json& object) {
    if (!object.is_object() || object.size() != kKeyMembers) {
        return std::nullopt;
    }
    MemberReader reader(object);
    ClientKey key;
    key.id = reader.text("id");
    key.name = reader.text("name");
    key.prefix = reader.text("prefix");
    const auto kind = keyKindOf(reader.text("kind"));
    key.mac = reader.text("mac");
    key.oldMac = reader.text("old_mac");
    key.oldUntil = reader.number("old_until");
    key.createdAt = reader.number("created_at");
    key.createdBy = reader.text("created_by");
    key.lastUsedAt = reader.number("last_used_at");
    key.useCount = reader.number("use_count");
    key.expiresAt = reader.numberOrNull("expires_at");
    key.revokedAt = reader.numberOrNull("revoked_at");
    key.scopes = reader.scopes("scopes");
    if (!reader.good || !kind) {
        return std::nullopt;
    }
    key.kind = *kind;
    return isSound(key) ? std::optional(std::move(key)) : std::nullopt;
}

json writeKey(const ClientKey& key) {
    json scopes = json::array();
    for (const KeyScope& scope : key.scopes) {
        scopes.push_back(formatScope(scope));
    }
    return json{{"id", key.id},
                {"name", key.name},
                {"prefix", key.prefix},
                {"kind", nameOf(key.kind)},
                {"mac", key.mac},
                {"old_mac", key.oldMac},
                {"old_until", key.oldUntil},
                {"created_at", key.createdAt},
                {"created_by", key.createdBy},
                {"last_used_at", key.lastUsedAt},
                {"use_count", key.useCount},
                {"expires_at", key.expiresAt ? json(*key.expiresAt) : json()},
                {"revoked_at", key.revokedAt ? json(*key.revokedAt) : json()},
                {"scopes", std::move(scopes)}};
}

} // namespace

bool isKeyName(std::string_view name) {
    return !name.empty() && name.size() <= kMaxKeyName && base::isAlnum(name.front()) &&
           std::ranges::all_of(name,
                               [](char c) { return base::isAlnum(c) || c == '.' || c == '_' || c == '@' || c == '-'; });
}

std::string formatKeyList(const std::vector<ClientKey>& keys) {
    json list = json::array();
    for (const ClientKey& key : keys) {
        list.push_back(writeKey(key));
    }
    return json{{"version", kListVersion}, {"keys", std::move(list)}}.dump(1) + "\n";
}

base::Result<std::vector<ClientKey>, std::string> parseKeyList(std::string_view text) {
    const auto document = protocol::parseStrictJson(text, kMaxListDepth);
    if (!document || !document->is_object() || document->value("version", json()) != kListVersion) {
        return base::fail(std::string("is not a list of client keys of this version"));
    }
    const json list = document->value("keys", json());
    if (!list.is_array() || list.size() > kMaxClientKeys) {
        return base::fail(std::string("has no list of client keys"));
    }
    std::vector<ClientKey> keys;
    std::set<std::string, std::less<>> ids;
    for (const json& entry : list) {
        auto key = readKey(entry);
        if (!key || !ids.insert(key->id).second) {
            return base::fail(std::string("holds a client key that is not whole, or twice"));
        }
        keys.push_back(std::move(*key));
    }
    return keys;
}

base::Result<std::vector<ClientKey>, std::string> KeyFile::read() const {
    const auto text = base::readPrivateFile(m_path, kMaxListBytes);
    if (!text) {
        return base::fail(text.error());
    }
    if (!*text) {
        return std::vector<ClientKey>();
    }
    return parseKeyList((*text)->reveal()).map_error([this](const std::string& why) { return m_path + " " + why; });
}

base::Result<void, std::string> KeyFile::write(const std::vector<ClientKey>& keys) const {
    const std::string text = formatKeyList(keys);
    if (text.size() > kMaxListBytes) { // it could not be read again
        return base::fail(m_path + " would be longer than 8 MiB; give the keys fewer scopes");
    }
    return base::writePrivateFile(m_path, text);
}

} // namespace keybearer::clientkeys
