#pragma once
/// \file
/// Parameters and results of the methods about who may have what. Included by methods.cpp alone.

#include "ipc/protocol/methods.h"

#include <array>

namespace keybearer::protocol {

inline constexpr std::string_view kGrantMembers =
    "`grant_id`, `kind`, `path`, `sha256` or null (the file is root's, and holds through its updates), `credential`, "
    "`scopes`, `audience` or null, `fields`, `span` (\"once\", \"session\", \"until\", \"always\"), `until` in UTC "
    "seconds "
    "or null, `per_minute` or null, `reason` or null, `created_by`, `created_at`, `last_used_at` or null, `uses`";

inline constexpr std::array kGrantListResult{
    Field{"grants", "array", kGrantMembers},
};
inline constexpr std::array kGrantAllowParams{
    Param{"credential", Type::String, true,
          "\"account:NAME\", \"key:TENANT/PROVIDER/NAME\", one of them with * at its end, or \"*\""},
    Param{"kind", Type::String, true, "what `path` is: \"program\", \"script\", \"terminal\", \"sandboxed\""},
    Param{"path", Type::String, true,
          "file of the program, the script or the shell; the application's name for a sandboxed one"},
    Param{"scopes", Type::StringList, false, "these scopes only; all when left out"},
    Param{"audience", Type::String, false, "this audience only"},
    Param{"seconds", Type::Integer, false, "how long it holds, at most ten years; for good when left out"},
    Param{"per_minute", Type::Integer, false, "releases a minute at most, 1 to 100000; any number when left out"},
    Param{"reason", Type::String, false, "a note for the person"},
};
inline constexpr std::array kGrantResult{
    Field{"grant_id", "string", "names the grant"},
    Field{"kind", "string", "as in grant.list, and so are the rest"},
    Field{"path", "string", ""},
    Field{"sha256", "string or null", ""},
    Field{"credential", "string", ""},
    Field{"scopes", "array", ""},
    Field{"audience", "string or null", ""},
    Field{"fields", "array", ""},
    Field{"span", "string", ""},
    Field{"until", "integer or null", ""},
    Field{"per_minute", "integer or null", ""},
    Field{"reason", "string or null", ""},
    Field{"created_by", "string", ""},
    Field{"created_at", "integer or null", ""},
    Field{"last_used_at", "integer or null", ""},
    Field{"uses", "integer", ""},
};
inline constexpr std::array kGrantIdParams{
    Param{"grant_id", Type::String, true, "from grant.list"},
};
inline constexpr std::array kGrantRevokeResult{
    Field{"removed", "boolean", "true"},
};

inline constexpr std::array kProposeResult{
    Field{"grants", "array",
          "as in grant.list, without ids: what programs have asked for under the policy \"observe\""},
    Field{"toml", "string", "the same for config.toml"},
    Field{"not_possible", "array",
          "`client` and `wants`: who cannot be told again, and would have to be asked about each time"},
};
inline constexpr std::array kAcceptResult{
    Field{"grants", "array", "as in grant.list: those that were made"},
};

inline constexpr std::array kPolicyResult{
    Field{
        "policy", "string",
        "\"ask\": what a grant allows, and somebody is asked for the rest; \"allow\": every program of this user gets "
        "what it asks for; \"deny\": none does"},
    Field{"source", "string", "\"config.toml\", \"command\" (policy.set), \"default\""},
};
inline constexpr std::array kPolicySetParams{
    Param{"policy", Type::String, true, "\"ask\", \"observe\", \"allow\" or \"deny\""},
};

inline constexpr std::array kSettingsResult{
    Field{"settings", "array",
          "an object for each: `name` (\"resolution.shadow\", \"lock.on_screen_lock\", \"lock.on_suspend\", "
          "\"lock.keyring\"), `value` (a string, or a boolean), `source` (\"config.toml\", which settings.set cannot "
          "change; \"command\": settings.set; \"default\"), `choices` (strings; null: the value is a boolean)"},
};
inline constexpr std::array kSettingsSetParams{
    Param{"name", Type::String, true, "from settings.get"},
    Param{"value", Type::String, true, "one of its `choices`; \"true\" or \"false\" where it has none"},
};

inline constexpr std::array kAttachResult{
    Field{"approvers", "integer", "how many there are now, this one included"},
    Field{"new_grants", "array", "as in grant.list: those that were made while no approver was attached"},
};
inline constexpr std::array kApprovalListParams{
    Param{"known_version", Type::Integer, false,
          "the version that the caller knows: the answer waits until it is another one"},
    Param{"wait", Type::Integer, false, "seconds to wait at most, 0 to 300; 0 when left out"},
};
inline constexpr std::array kApprovalListResult{
    Field{"version", "integer", "another number after each change"},
    Field{"approvers", "integer", "how many are attached"},
    Field{"questions", "array",
          "the oldest first: `question_id`, `client` (`kind`, `name`, `path`, `pid`, `sha256` or null, `root_owned`, "
          "`weak`, `ancestors`, `problem` or null), `method`, `wants`, `credential` or null, `scopes`, `audience` or "
          "null, `fields`, `available_scopes` (of the account, where the program names none: the answer may allow some "
          "of "
          "them), `purpose` (the program's own words) or null, `reason` (why somebody is asked), `can_be_kept` "
          "(\"until\" and \"always\" are possible), `has_session`, `waiting` (calls; 0: refused, and may be repeated), "
          "`asked_at`, `expires_at`"},
};
inline constexpr std::array kDecideParams{
    Param{"question_id", Type::String, true, "from approval.list, or from the error consent_required"},
    Param{"answer", Type::String, true, "\"once\", \"session\", \"until\", \"always\" or \"deny\""},
    Param{"seconds", Type::Integer, false, "how long, for the answer \"until\""},
    Param{"scopes", Type::StringList, false, "narrower than asked"},
};
inline constexpr std::array kDecideResult{
    Field{"answer", "string", "as given"},
};

} // namespace keybearer::protocol
