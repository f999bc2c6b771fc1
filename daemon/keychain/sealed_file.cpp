#include "daemon/keychain/sealed_file.h"

#include "daemon/crypto/crypto.h"
#include "ipc/base/base64url.h"
#include "ipc/base/text.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <set>
#include <utility>

namespace keybearer::keychain {
namespace {

constexpr auto kFormat = "keybearer-keychain";
constexpr std::uint64_t kVersion = 1;
constexpr auto kSealedName = "scrypt, AES-256-GCM";
constexpr auto kPlainName = "not encrypted";

/// One member of the document: text or a number.
struct Value {
    std::optional<std::uint64_t> number;
    base::Secret text;
};

/// (section, name); the section of a member of the document itself is empty.
using Members = std::map<std::pair<std::string, std::string>, Value>;

/// Takes JSON of at most two levels of objects with text and numbers apart, refuses everything else, and keeps the
/// texts in Secret: the DOM of the library would leave copies.
class Reader final : public nlohmann::json_sax<nlohmann::json> {
public:
    Members members;
    std::set<std::string> sections;

    bool start_object(std::size_t /*elements*/) override {
        ++m_depth;
        if (m_depth == 1) {
            return true;
        }
        m_section = m_name;
        return m_depth == 2 && sections.insert(m_section).second;
    }
    bool end_object() override {
        --m_depth;
        m_section.clear();
        return true;
    }
    bool key(string_t& name) override {
        m_name = name;
        return !name.empty();
    }
    bool string(string_t& text) override {
        Value value;
        value.text = base::Secret::absorb(std::move(text));
        return add(std::move(value));
    }
    bool number_unsigned(number_unsigned_t number) override {
        Value value;
        value.number = number;
        return add(std::move(value));
    }
    bool null() override { return false; }
    bool boolean(bool /*value*/) override { return false; }
    bool number_integer(number_integer_t /*number*/) override { return false; }
    bool number_float(number_float_t /*number*/, const string_t& /*text*/) override { return false; }
    bool binary(binary_t& /*bytes*/) override { return false; }
    bool start_array(std::size_t /*elements*/) override { return false; }
    bool end_array() override { return false; }
    bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                     const nlohmann::detail::exception& /*error*/) override {
        return false;
    }

private:
    bool add(Value value) {
        return m_depth > 0 && members.size() <= kMaxItems + 16 &&
               members.emplace(std::pair(m_section, m_name), std::move(value)).second;
    }

    int m_depth = 0;
    std::string m_section;
    std::string m_name;
};

std::optional<Reader> readJson(std::string_view text) {
    Reader reader;
    // The library takes a NUL for the end of the text and does not look at what follows.
    if (text.find('\0') != std::string_view::npos || !nlohmann::json::sax_parse(text.begin(), text.end(), &reader)) {
        return std::nullopt;
    }
    return reader;
}

/// Takes the member out, so that what is left at the end is what nobody knows.
std::optional<Value> take(Members& members, const char* section, const char* name) {
    auto node = members.extract({section, name});
    if (node.empty()) {
        return std::nullopt;
    }
    return std::move(node.mapped());
}

bool takeText(Members& members, const char* section, const char* name, std::string_view expected) {
    const auto value = take(members, section, name);
    return value && !value->number && value->text.reveal() == expected;
}

std::optional<unsigned> takeSmall(Members& members, const char* section, const char* name) {
    const auto value = take(members, section, name);
    if (!value || !value->number || *value->number > 1'000'000) {
        return std::nullopt;
    }
    return static_cast<unsigned>(*value->number);
}

std::optional<std::string> takeBytes(Members& members, const char* section, const char* name) {
    const auto value = take(members, section, name);
    if (!value || value->number) {
        return std::nullopt;
    }
    return base::base64UrlDecode(value->text.reveal());
}

/// All members of a section as items.
base::Result<Items, std::string> takeItems(Members& members, const std::string& section) {
    Items items;
    auto it = members.lower_bound({section, std::string()});
    while (it != members.end() && it->first.first == section) {
        const std::string& key = it->first.second;
        auto bytes = it->second.number ? std::nullopt : base::base64UrlDecode(it->second.text.reveal());
        if (!bytes || bytes->size() > kMaxItemBytes || key.size() > kMaxItemKeyBytes || items.size() == kMaxItems) {
            return base::fail(std::string("an item is not valid"));
        }
        items.emplace(key, base::Secret::absorb(std::move(*bytes)));
        it = members.erase(it);
    }
    return items;
}

base::Result<SealParameters, std::string> takeSealParameters(Members& members) {
    const bool known = takeText(members, "kdf", "name", "scrypt");
    const auto logN = takeSmall(members, "kdf", "log_n");
    const auto r = takeSmall(members, "kdf", "r");
    const auto p = takeSmall(members, "kdf", "p");
    auto salt = takeBytes(members, "kdf", "salt");
    if (!known || !logN || !r || !p || !salt || salt->size() != kSaltBytes) {
        return base::fail(std::string("the description of the seal is not valid"));
    }
    SealParameters parameters{{*logN, *r, *p}, std::move(*salt)};
    if (!isAllowed(parameters.cost)) {
        return base::fail(std::string("the scrypt parameters are outside of what is allowed"));
    }
    return parameters;
}

/// An object of items, as JSON. A buffer of the final size: growing would leave copies of the secrets behind.
base::Result<std::string, std::string> itemsToJson(const Items& items) {
    if (items.size() > kMaxItems) {
        return base::fail(std::string("the keychain file is full: too many items"));
    }
    std::size_t size = 2;
    for (const auto& [key, value] : items) {
        if (key.empty() || key.size() > kMaxItemKeyBytes || !base::isUtf8(key) || value.size() > kMaxItemBytes) {
            return base::fail(std::string("the item is too large for the keychain file, or its name is not valid"));
        }
        size += 6 * key.size() + value.size() * 4 / 3 + 10;
    }
    std::string out;
    out.reserve(size);
    out += '{';
    for (const auto& [key, value] : items) {
        out += out.size() == 1 ? "" : ",";
        out += nlohmann::json(key).dump();
        out += ":\"";
        std::string encoded = base::base64UrlEncode(value.reveal());
        out += encoded;
        base::wipe(encoded);
        out += '"';
    }
    out += '}';
    return out;
}

std::string head(const char* protection) {
    return std::string(R"({"format":")") + kFormat + R"(","version":)" + std::to_string(kVersion) +
           R"(,"protection":")" + protection + '"';
}

std::string kdfJson(const SealParameters& parameters) {
    return R"({"name":"scrypt","log_n":)" + std::to_string(parameters.cost.logN) + R"(,"r":)" +
           std::to_string(parameters.cost.r) + R"(,"p":)" + std::to_string(parameters.cost.p) + R"(,"salt":")" +
           base::base64UrlEncode(parameters.salt) + R"("})";
}

/// Binds the box to everything else in the file.
std::string aad(const SealParameters& parameters) {
    return head(kSealedName) + R"(,"kdf":)" + kdfJson(parameters) + '}';
}

base::Result<base::Secret, std::string> withinLimit(std::string text) {
    if (text.size() > kMaxFileBytes) {
        base::wipe(text);
        return base::fail(std::string("the keychain file would be too large"));
    }
    return base::Secret::absorb(std::move(text));
}

} // namespace

const char* nameOf(FileForm form) {
    return form == FileForm::Sealed ? "file-sealed" : "file-plain";
}

bool isAllowed(const ScryptCost& cost) {
    return cost.logN >= 14 && cost.logN <= 19 && cost.r >= 8 && cost.r <= 16 && cost.p >= 1 && cost.p <= 4;
}

base::Result<KeychainFile, std::string> parseKeychainFile(std::string_view text) {
    if (text.size() > kMaxFileBytes) {
        return base::fail(std::string("the file is too large"));
    }
    auto json = readJson(text);
    if (!json) {
        return base::fail(std::string("it is not the JSON of a Keybearer keychain; it may be cut short"));
    }
    Members& members = json->members;
    const auto version = takeText(members, "", "format", kFormat) ? takeSmall(members, "", "version") : std::nullopt;
    if (version != kVersion) {
        return base::fail(std::string("it is not a Keybearer keychain of version 1"));
    }
    const auto protection = take(members, "", "protection");
    KeychainFile file{};
    std::set<std::string> sections;
    if (protection && protection->text.reveal() == kSealedName) {
        file.form = FileForm::Sealed;
        sections = {"kdf"};
        auto parameters = takeSealParameters(members);
        if (!parameters) {
            return base::fail(std::move(parameters.error()));
        }
        auto box = takeBytes(members, "", "box");
        if (!box || box->size() < crypto::kNonceBytes + crypto::kTagBytes) {
            return base::fail(std::string("its sealed part is missing or damaged"));
        }
        file.seal = std::move(*parameters);
        file.box = std::move(*box);
    } else if (protection && protection->text.reveal() == kPlainName) {
        file.form = FileForm::Plain;
        sections = {"items"};
        auto items = takeItems(members, "items");
        if (!items) {
            return base::fail(std::move(items.error()));
        }
        file.items = std::move(*items);
    } else {
        return base::fail(std::string("it does not say how it is protected"));
    }
    if (!members.empty() || json->sections != sections) {
        return base::fail(std::string("it has a member that this version does not know, or lacks one"));
    }
    return file;
}

base::Result<base::Secret, std::string> formatPlain(const Items& items) {
    auto json = itemsToJson(items);
    if (!json) {
        return base::fail(std::move(json.error()));
    }
    std::string text = head(kPlainName);
    text.reserve(text.size() + json->size() + 16);
    text += R"(,"items":)";
    text += *json;
    text += "}\n";
    base::wipe(*json);
    return withinLimit(std::move(text));
}

base::Result<base::Secret, std::string> formatSealed(const Items& items, const SealParameters& parameters,
                                                     const base::Secret& key) {
    auto json = itemsToJson(items);
    if (!json) {
        return base::fail(std::move(json.error()));
    }
    const std::string box = crypto::seal(key, aad(parameters), *json);
    base::wipe(*json);
    return withinLimit(head(kSealedName) + R"(,"kdf":)" + kdfJson(parameters) + R"(,"box":")" +
                       base::base64UrlEncode(box) + "\"}\n");
}

base::Result<Items, std::string> openBox(const KeychainFile& file, const base::Secret& key) {
    const auto plain = crypto::open(key, aad(file.seal), file.box);
    if (!plain) {
        return base::fail(std::string());
    }
    auto json = readJson(plain->reveal());
    if (!json || !json->sections.empty()) {
        return base::fail(std::string("what was sealed is not a list of items"));
    }
    return takeItems(json->members, std::string());
}

} // namespace keybearer::keychain
