#include "ipc/protocol/params.h"

#include "ipc/base/text.h"
#include "ipc/protocol/limits.h"

#include <algorithm>

namespace keybearer::protocol {
namespace {

using nlohmann::json;

bool fits(Type type, const json& value) {
    const auto isShortString = [](const json& v) {
        return v.is_string() && v.get_ref<const std::string&>().size() <= kMaxStringBytes;
    };
    switch (type) {
    case Type::String:
    case Type::Secret: return isShortString(value);
    case Type::Document: return value.is_string() && value.get_ref<const std::string&>().size() <= kMaxDocumentBytes;
    case Type::Integer: return value.is_number_integer();
    case Type::Boolean: return value.is_boolean();
    case Type::SecretMap:
        return value.is_object() && !value.empty() && value.size() <= kMaxListEntries &&
               std::ranges::all_of(value, [](const json& v) {
                   return v.is_string() && v.get_ref<const std::string&>().size() <= kMaxMapSecretBytes;
               });
    case Type::StringList:
        return value.is_array() && value.size() <= kMaxListEntries && std::ranges::all_of(value, isShortString);
    }
    return false;
}

/// "fields.api_key" is one of "fields".
bool isMember(std::string_view key, std::string_view object) {
    return key.size() > object.size() && key.starts_with(object) && key[object.size()] == '.';
}

} // namespace

void Params::takeOut(const std::string& name, json& value, Type type) {
    if (type == Type::Secret) {
        m_secrets.emplace_back(name, base::Secret::absorb(std::move(value.get_ref<std::string&>())));
        return;
    }
    for (auto it = value.begin(); it != value.end(); ++it) {
        m_secrets.emplace_back(name + "." + it.key(), base::Secret::absorb(std::move(it->get_ref<std::string&>())));
    }
}

Result<Params> Params::check(const Method& method, json&& params) {
    Params out;
    out.m_values = std::move(params);
    for (auto it = out.m_values.begin(); it != out.m_values.end();) {
        const auto spec = std::ranges::find(method.params, it.key(), &Param::name);
        if (spec == method.params.end()) {
            return base::fail(Error{ErrorKind::InvalidParams, std::string(method.name) + " has no parameter \"" +
                                                                  base::printable(it.key(), 64) + "\""});
        }
        if (it->is_null()) {
            it = out.m_values.erase(it);
            continue;
        }
        if (!fits(spec->type, *it)) {
            return base::fail(Error{ErrorKind::InvalidParams, "parameter \"" + it.key() + "\" must be a " +
                                                                  std::string(toString(spec->type)) +
                                                                  " within the limits of the protocol"});
        }
        if (spec->type == Type::Secret || spec->type == Type::SecretMap) {
            out.takeOut(it.key(), *it, spec->type);
            it = out.m_values.erase(it);
            continue;
        }
        ++it;
    }
    for (const Param& spec : method.params) {
        const auto isThere = [&] {
            return out.m_values.contains(spec.name) || std::ranges::any_of(out.m_secrets, [&](const auto& entry) {
                       return entry.first.substr(0, entry.first.find('.')) == spec.name;
                   });
        };
        if (spec.required && !isThere()) {
            return base::fail(
                Error{ErrorKind::InvalidParams, "parameter \"" + std::string(spec.name) + "\" is missing"});
        }
    }
    return out;
}

void Params::replace(std::string_view name, json value) {
    m_values[std::string(name)] = std::move(value);
}

std::optional<std::string> Params::string(std::string_view name) const {
    const auto found = m_values.find(name);
    return found == m_values.end() ? std::nullopt : std::optional(found->get<std::string>());
}

std::string Params::requiredString(std::string_view name) const {
    return m_values.find(name)->get<std::string>();
}

std::optional<std::int64_t> Params::integer(std::string_view name) const {
    const auto found = m_values.find(name);
    if (found == m_values.end()) {
        return std::nullopt;
    }
    // An unsigned value above the signed range is as out of range as the largest signed one.
    if (found->is_number_unsigned() && found->get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
        return INT64_MAX;
    }
    return found->get<std::int64_t>();
}

bool Params::boolean(std::string_view name) const {
    const auto found = m_values.find(name);
    return found != m_values.end() && found->get<bool>();
}

std::optional<std::vector<std::string>> Params::stringList(std::string_view name) const {
    const auto found = m_values.find(name);
    return found == m_values.end() ? std::nullopt : std::optional(found->get<std::vector<std::string>>());
}

std::optional<base::Secret> Params::takeSecret(std::string_view name) {
    const auto found = std::ranges::find_if(m_secrets, [&](const auto& entry) { return entry.first == name; });
    if (found == m_secrets.end()) {
        return std::nullopt;
    }
    base::Secret secret = std::move(found->second);
    m_secrets.erase(found);
    return secret;
}

std::vector<std::pair<std::string, base::Secret>> Params::takeSecretMap(std::string_view name) {
    std::vector<std::pair<std::string, base::Secret>> taken;
    for (auto& [key, secret] : m_secrets) {
        if (isMember(key, name)) {
            taken.emplace_back(key.substr(name.size() + 1), std::move(secret));
        }
    }
    std::erase_if(m_secrets, [&](const auto& entry) { return isMember(entry.first, name); });
    return taken;
}

std::vector<std::string> Params::secretNames(std::string_view name) const {
    std::vector<std::string> names;
    for (const auto& [key, secret] : m_secrets) {
        if (isMember(key, name)) {
            names.push_back(key.substr(name.size() + 1));
        }
    }
    return names;
}

Result<std::int64_t> inRange(std::string_view name, std::int64_t value, std::int64_t low, std::int64_t high) {
    if (value < low || value > high) {
        return base::fail(Error{ErrorKind::InvalidValue, "\"" + std::string(name) + "\" must be between " +
                                                             std::to_string(low) + " and " + std::to_string(high)});
    }
    return value;
}

} // namespace keybearer::protocol
