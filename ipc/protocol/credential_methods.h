#pragma once
/// \file
/// Parameters and results of the methods about providers' keys: a part of the method table, included by methods.cpp
/// alone.

#include "ipc/protocol/methods.h"

#include <array>
#include <tuple>

namespace keybearer::protocol {

/// The rows of both tables, in this order.
template<class A, class B>
[[nodiscard]] constexpr auto joined(const A& first, const B& second) {
    return std::apply(
        [&](const auto&... ones) {
            return std::apply([&](const auto&... others) { return std::array{ones..., others...}; }, second);
        },
        first);
}

inline constexpr std::array kDescribeParams{
    Param{"provider", Type::String, true, "a provider's name, an alias of it, or an issuer URL"},
};
inline constexpr std::array kDescribeResult{
    Field{"provider", "string", "the provider's name"},
    Field{"display_name", "string", "its name for people"},
    Field{"aliases", "array", "other names"},
    Field{"issuer", "string or null", "where one signs in"},
    Field{"auth_methods", "array", "\"api_key\", \"oauth\"; none where nothing is needed"},
    Field{"dashboard_url", "string or null", "where a person gets a key"},
    Field{"source", "string", "file that it is described in"},
    Field{"client_id_set", "boolean", "whether an OAuth client is known"},
    Field{"fields", "array",
          "an object for each: `field`, `type` (\"token\", \"pem\", \"json\", \"url\", \"path\", \"text\"), `secret`, "
          "`endpoint` (it says where secrets are sent), `variables` and `path_variables` of the environment, "
          "`configured_variables` and `configured_path_variables` (further ones that config.toml names), `prefixes`, "
          "`default` or null"},
    Field{"needs", "array", "lists of fields, one of which must be whole; none: it works without any"},
    Field{"main_field", "string or null", "what is meant by \"the key\""},
};

inline constexpr std::array kResolveParams{
    Param{"provider", Type::String, true, "a provider's name, or an alias of it"},
    Param{"name", Type::String, false, "which of several keys of the provider; \"default\" when left out"},
    Param{"tenant", Type::String, false, "whose; \"default\" when left out"},
    Param{"fields", Type::StringList, false, "only these fields; all that are found when left out"},
    Param{"call", Type::StringList, false,
          "names of the fields that the caller has been given with this request; also a name that config.toml has in a "
          "`dynamic::` location"},
    Param{"instance", Type::StringList, false, "names of the fields that the caller's client was made with"},
    Param{"environment", Type::StringList, false,
          "those variables of the provider (provider.describe) that are set where the caller runs; names only"},
    Param{"only", Type::StringList, false,
          "the only layers that may be looked at: \"call\", \"instance\", \"environment\", \"store\", \"shared\", "
          "\"broker_environment\", \"oauth\", \"file\", \"command\", \"aws_sdk\", \"none\", \"default\"; all of "
          "them when left out"},
    Param{"next", Type::Boolean, false, "the stored value that is to follow the one in use"},
    Param{"purpose", Type::String, false, "what it is for, in the program's words: shown to a person who is asked"},
};
inline constexpr std::array kResolveResult{
    Field{"provider", "string", "the provider's name"},
    Field{"tenant", "string", "whose credential"},
    Field{"name", "string", "which of them"},
    Field{"fields", "array",
          "an object for each: `field`, `source` (a layer), `from` (where in the layer: a variable's name, "
          "`tenant/name`, "
          "the name under which the call has it, or empty), `secret`, "
          "`file` (true: the variable holds the path of a file with the value), `test` (true: it is marked for test in "
          "the vault), and `value`, a secret, where `source` is "
          "not one of the caller's own layers; `expires_at` in UTC seconds where it is known to end"},
    Field{"shadowed", "array", "weaker places with the same field: `field`, `source`, `from`"},
    Field{"ignored", "array",
          "stronger places that were passed over: `field`, `source`, `from`, `why` (\"incomplete\", "
          "\"secrets_come_from_elsewhere\")"},
    Field{"version", "string", "another one whenever the values are others; for credential.watch"},
    Field{"warnings", "array", "sentences for the person"},
};
/// Those of the resolution that is watched, and two of its own.
inline constexpr std::array kWatchParams =
    joined(kResolveParams,
           std::array{Param{"version", Type::String, true, "from credential.resolve with the same parameters"},
                      Param{"wait", Type::Integer, false, "seconds to wait at most, 0 to 300; 60 when left out"}});
inline constexpr std::array kWatchResult{
    Field{"event", "string",
          "\"renewed\": resolve again; \"removed\": there is none any more; \"none\": nothing changed in that time"},
    Field{"version", "string or null", "of what credential.resolve would give now; null when \"removed\""},
};

inline constexpr std::array kExplainResult{
    Field{"provider", "string", "the provider's name"},
    Field{"tenant", "string", "whose credential"},
    Field{"name", "string", "which of them"},
    Field{"complete", "boolean", "whether a whole credential was found, or none is needed"},
    Field{"looked_at", "array", "the layers that were looked at, the strongest first"},
    Field{"fields", "array",
          "an object for each: `field`, `source`, `from`, `secret`, `test` (true: it is marked for test in the vault), "
          "and `fingerprint` (the first eight digits of the "
          "value's SHA-256) of a secret that the broker holds, or null"},
    Field{"shadowed", "array", "as in credential.resolve"},
    Field{"ignored", "array", "as in credential.resolve"},
    Field{"warnings", "array", "sentences for the person"},
};

inline constexpr std::array kSetParams{
    Param{"provider", Type::String, true, "a provider's name, or an alias of it"},
    Param{"fields", Type::SecretMap, true, "field and value; a field that is not named keeps its value"},
    Param{"name", Type::String, false, "which of several keys of the provider; \"default\" when left out"},
    Param{"tenant", Type::String, false, "whose; \"default\" when left out"},
    Param{"shared", Type::Boolean, false,
          "in the namespace that every tenant falls back to; `tenant` is left out then"},
    Param{"next", Type::Boolean, false, "as the value that is to follow the one in use (credential.switch)"},
    Param{"test", Type::Boolean, false,
          "the values are for test, and a client key of kind \"test\" may have them; what is stored without it is not"},
};
inline constexpr std::array kSetResult{
    Field{"provider", "string", "the provider's name"},
    Field{"tenant", "string", "where it was put"},
    Field{"name", "string", "which of them"},
    Field{"fields", "array", "names of the fields that were set"},
    Field{"warnings", "array", "sentences for the person, as about a key that looks like another provider's"},
};

inline constexpr std::array kRemoveParams{
    Param{"provider", Type::String, true, "a provider's name, or an alias of it"},
    Param{"field", Type::String, false, "one field; the whole credential when left out"},
    Param{"name", Type::String, false, "which of several keys of the provider; \"default\" when left out"},
    Param{"tenant", Type::String, false, "whose; \"default\" when left out"},
    Param{"shared", Type::Boolean, false, "from the shared namespace; `tenant` is left out then"},
};
inline constexpr std::array kRemoveResult{
    Field{"provider", "string", "the provider's name"},
    Field{"removed", "integer", "how many values went"},
};

inline constexpr std::array kCredentialListParams{
    Param{"tenant", Type::String, false, "whose; \"default\" when left out"},
    Param{"all_tenants", Type::Boolean, false, "those of every tenant; `tenant` is left out then"},
};
inline constexpr std::array kCredentialListResult{
    Field{
        "credentials", "array",
        "an object for each: `provider`, `tenant` (\"shared\" for what every tenant falls back to), `name`, `used_at` "
        "or null, and `fields`: `field`, `slot` (\"current\", \"next\"), `preview` (a secret is masked, or null "
        "where it cannot be opened), `set_at`, `test` (whether it is marked for test)"},
    Field{"unreadable", "array",
          "with `all_tenants`: the tenants whose file cannot be read; otherwise that is an error"},
};

inline constexpr std::array kSwitchParams{
    Param{"provider", Type::String, true, "a provider's name, or an alias of it"},
    Param{"name", Type::String, false, "which of several keys of the provider; \"default\" when left out"},
    Param{"tenant", Type::String, false, "whose; \"default\" when left out"},
    Param{"shared", Type::Boolean, false, "in the shared namespace; `tenant` is left out then"},
};
inline constexpr std::array kSwitchResult{
    Field{"provider", "string",
          "the provider's name; what was in use is the next value now, so a second call goes back"},
};

inline constexpr std::array kRenameKeyParams{
    Param{"provider", Type::String, true, "a provider's name, or an alias of it"},
    Param{"name", Type::String, false, "its present name; \"default\" when left out"},
    Param{"new_name", Type::String, true,
          "1 to 64 characters of a-z A-Z 0-9 . _ @ -, beginning with a letter or digit; refused where it is taken"},
    Param{"tenant", Type::String, false, "whose; \"default\" when left out"},
    Param{"shared", Type::Boolean, false, "in the shared namespace; `tenant` is left out then"},
};
inline constexpr std::array kRenameKeyResult{
    Field{"provider", "string", "the provider's name"},
    Field{"tenant", "string", "whose credential"},
    Field{"name", "string", "the new name"},
};

inline constexpr std::array kRotateParams{
    Param{"tenant", Type::String, false, "whose data key; \"default\" when left out"},
    Param{"provider", Type::String, false, "seal only this provider's values anew; all of the tenant when left out"},
    Param{"shared", Type::Boolean, false, "the shared namespace's; `tenant` is left out then"},
    Param{"limit", Type::Integer, false, "seal at most so many values in this call; all of them when left out"},
    Param{"go_on", Type::Boolean, false, "no new data key: go on where a call with `limit` has stopped"},
};
inline constexpr std::array kRotateResult{
    Field{"tenant", "string", "whose data key is a new one"},
    Field{"sealed", "integer", "how many values this call has sealed anew"},
    Field{"left", "integer", "how many are still sealed with an older data key"},
};

inline constexpr std::array kProviderStatusParams{
    Param{"provider", Type::String, false, "only this provider"},
    Param{"tenant", Type::String, false, "whose; \"default\" when left out"},
    Param{"environment", Type::StringList, false, "variables that are set where the caller runs; names only"},
};
inline constexpr std::array kProviderStatusResult{
    Field{
        "providers", "array",
        "an object for each: `provider`, `display_name`, `status` (\"authenticated\", \"not_authenticated\", "
        "\"not_required\", \"needs_login\", \"locked\", \"expiring\": it ends within ten minutes and cannot be "
        "renewed), "
        "`source` (a layer, \"oauth\" or null), `from` or null, `auth_methods`, `expires_at` or null, `detail` (why a "
        "place could not be looked at) or null"},
};

inline constexpr std::array kExportParams{
    Param{"passphrase", Type::Secret, true, "that seals it; not empty"},
    Param{"tenant", Type::String, false, "whose vault; \"default\" when left out"},
    Param{"shared", Type::Boolean, false, "the shared namespace; `tenant` is left out then"},
    Param{"after", Type::String, false, "`next` of the part before this one; the first part when left out"},
};
inline constexpr std::array kExportResult{
    Field{"tenant", "string", "whose vault it is"},
    Field{"values", "integer", "how many values are in this document"},
    Field{"document", "string",
          "the values, sealed with the passphrase: a sealed keychain file (daemon/vault/FORMAT.md)"},
    Field{"next", "string or null", "there are more values than one document holds: ask for the part after this one"},
};
inline constexpr std::array kImportParams{
    Param{"document", Type::Document, true, "from vault.export"},
    Param{"passphrase", Type::Secret, true, "that it was sealed with"},
    Param{"tenant", Type::String, false, "whose vault; \"default\" when left out"},
    Param{"shared", Type::Boolean, false, "the shared namespace; `tenant` is left out then"},
    Param{"replace", Type::Boolean, false,
          "take everything out of the vault first: the way back when the keychain has lost its key"},
};
inline constexpr std::array kImportResult{
    Field{"tenant", "string", "whose vault it was put into"},
    Field{"values", "integer", "how many values were put there"},
};

} // namespace keybearer::protocol
