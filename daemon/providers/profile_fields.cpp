#include "daemon/providers/profile_fields.h"

#include "ipc/base/ascii.h"
#include "ipc/base/text.h"
#include "ipc/base/url.h"

#include <algorithm>

namespace keybearer::providers {
namespace {

constexpr std::size_t kMaxFields = 32;
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxNames = 16; // aliases, variables, prefixes, sets of fields
constexpr std::string_view kNeedsExample = R"(needs = [["api_key"], ["oauth_token"]])";

bool isFieldName(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName && base::isLower(name.front()) &&
           std::ranges::all_of(name, [](char c) { return base::isLower(c) || base::isDigit(c) || c == '_'; });
}

bool isVariable(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName && !base::isDigit(name.front()) &&
           std::ranges::all_of(
               name, [](char c) { return base::isUpper(c) || base::isLower(c) || base::isDigit(c) || c == '_'; });
}

bool isAlias(std::string_view name) {
    return !name.empty() && name.size() <= kMaxName && std::ranges::all_of(name, [](char c) {
        return base::isUpper(c) || base::isLower(c) || base::isDigit(c) || c == '_' || c == '-';
    });
}

bool isPrefix(std::string_view text) {
    return !text.empty() && text.size() <= kMaxName &&
           std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

struct NameRule {
    bool (*fits)(std::string_view);
    std::string_view says;
};
constexpr NameRule kAliasRule{isAlias, "an alias is at most 64 characters of letters, digits, - and _"};
constexpr NameRule kVariableRule{isVariable, "an environment variable's name has letters, digits and _"};
constexpr NameRule kPrefixRule{isPrefix, "a prefix is at most 64 printable characters"};

std::vector<std::string> readNames(TableReader& reader, std::string_view key, std::string_view example,
                                   const NameRule& rule) {
    std::vector<std::string> names;
    for (const auto& [name, node] : reader.list<std::string>(key, example)) {
        if (!rule.fits(name)) {
            reader.refuseAt(node->source().begin, rule.says);
        } else if (std::ranges::find(names, name) != names.end()) {
            reader.refuseAt(node->source().begin, "this name is already in the list; remove it");
        } else if (names.size() == kMaxNames) {
            reader.refuseAt(node->source().begin, "16 names are enough; remove some");
        }
        names.push_back(name);
    }
    return names;
}

void readType(TableReader& reader, Field& field) {
    const std::string type = reader.string("type", R"(type = "token")");
    const auto* const known = std::ranges::find(kFieldTypes, type, [](const auto& row) { return row.first; });
    if (known == kFieldTypes.end()) {
        reader.refuse("type", R"(`type` is one of "token", "pem", "json", "url", "path" and "text")");
        return;
    }
    field.type = known->second;
}

/// The error is that of the table's own reader, empty when all is well.
std::string readField(const toml::table& table, std::string_view filename, Field& field) {
    TableReader reader(table, filename, {"type", "secret", "endpoint", "env", "path_env", "prefixes", "default"});
    readType(reader, field);
    field.secret = reader.boolean("secret");
    field.endpoint = reader.boolean("endpoint");
    field.variables = readNames(reader, "env", R"(env = ["EXAMPLE_API_KEY"])", kVariableRule);
    field.pathVariables = readNames(reader, "path_env", R"(path_env = ["EXAMPLE_KEY_FILE"])", kVariableRule);
    field.prefixes = readNames(reader, "prefixes", R"(prefixes = ["sk-"])", kPrefixRule);
    field.defaultValue = reader.string("default", R"(default = "https://api.example.com")");
    if (field.secret && field.endpoint) {
        reader.refuse("endpoint", "a field is a secret or says where secrets go, not both");
    }
    if (field.secret && !field.defaultValue.empty()) {
        reader.refuse("default", "a secret does not belong in a file; leave `default` out");
    } else if (!field.defaultValue.empty()) {
        if (const auto problem = problemWith(field, field.defaultValue)) {
            reader.refuse("default", "`default` " + *problem);
        }
    }
    return reader.problem();
}

void readFieldTables(TableReader& reader, std::string_view filename, Profile& profile) {
    const toml::node* node = reader.find("fields");
    if (node == nullptr) {
        return;
    }
    if (!node->is_table()) {
        reader.refuse("fields", "`fields` has the wrong type; write [fields.api_key]");
        return;
    }
    for (const auto& [key, value] : *node->as_table()) {
        Field field;
        field.name = key.str();
        if (!isFieldName(field.name)) {
            reader.refuseAt(key.source().begin, "a field's name is at most 64 characters of a-z, 0-9 and _, beginning "
                                                "with a letter");
        } else if (!value.is_table()) {
            reader.refuseAt(key.source().begin, "a field is a table; write [fields." + field.name + "]");
        } else if (profile.fields.size() == kMaxFields) {
            reader.refuseAt(key.source().begin, "32 fields are enough; remove some");
        } else if (profile.field(field.name) != nullptr) {
            reader.refuseAt(key.source().begin, "another field has nearly the same name; choose another");
        } else if (const std::string problem = readField(*value.as_table(), filename, field); !problem.empty()) {
            reader.adopt(problem);
        }
        profile.fields.push_back(std::move(field));
    }
    std::ranges::sort(profile.fields, {}, &Field::name);
}

std::vector<std::string> readNeededSet(TableReader& reader, const toml::node& node, const Profile& profile) {
    std::vector<std::string> set;
    const toml::array* array = node.as_array();
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
        const auto name = array->get(i)->value_exact<std::string>();
        if (!name || std::ranges::find(profile.fields, *name, &Field::name) == profile.fields.end()) {
            reader.refuseAt(array->get(i)->source().begin, "this is not the name of a field of this provider");
            return set;
        }
        set.push_back(*name);
    }
    if (set.empty()) {
        reader.refuseAt(node.source().begin, "write a list of lists of fields: " + std::string(kNeedsExample));
    }
    return set;
}

void readNeeds(TableReader& reader, Profile& profile) {
    const toml::node* node = reader.find("needs");
    if (node == nullptr && !profile.fields.empty()) {
        reader.refuse("needs", "`needs` is missing; write which fields are enough: " + std::string(kNeedsExample) +
                                   ", or needs = [] for a provider that works without any");
        return;
    }
    if (node == nullptr) {
        return;
    }
    if (!node->is_array() || node->as_array()->size() > kMaxNames) {
        reader.refuse("needs", "write a list of lists of fields: " + std::string(kNeedsExample));
        return;
    }
    for (const toml::node& set : *node->as_array()) {
        profile.needs.push_back(readNeededSet(reader, set, profile));
    }
}

void readMain(TableReader& reader, Profile& profile) {
    profile.mainField = reader.string("main", R"(main = "api_key")");
    if (!profile.mainField.empty()) {
        if (std::ranges::find(profile.fields, profile.mainField, &Field::name) == profile.fields.end()) {
            reader.refuse("main", "`main` is not the name of a field of this provider");
        }
    } else if (!profile.needs.empty() && profile.needs.front().size() == 1) {
        profile.mainField = profile.needs.front().front();
    } else if (profile.fields.size() == 1) {
        profile.mainField = profile.fields.front().name;
    }
}

} // namespace

const Field* Profile::field(std::string_view name) const {
    const std::string folded = foldedName(name);
    const auto found = std::ranges::find_if(fields, [&](const Field& one) { return foldedName(one.name) == folded; });
    return found == fields.end() ? nullptr : &*found;
}

void readFields(TableReader& reader, std::string_view filename, Profile& profile) {
    profile.aliases = readNames(reader, "aliases", R"(aliases = ["example-ai"])", kAliasRule);
    profile.dashboardUrl = reader.string("dashboard_url", R"(dashboard_url = "https://example.com/keys")");
    if (!profile.dashboardUrl.empty()) {
        const auto url = base::parseUrl(profile.dashboardUrl);
        if (!url || !url->https) {
            reader.refuse("dashboard_url", R"(`dashboard_url` must be a URL like "https://example.com/keys")");
        }
    }
    readFieldTables(reader, filename, profile);
    readNeeds(reader, profile);
    readMain(reader, profile);
}

} // namespace keybearer::providers
