#pragma once
/// \file
/// Parameters and results of the methods about client keys: a part of the method table, included by methods.cpp alone.

#include "ipc/protocol/methods.h"

#include <array>

namespace keybearer::protocol {

inline constexpr std::array kAuthenticateParams{
    Param{"key", Type::Secret, true, "the client key, whole: kb_live_... or kb_test_..."},
};
inline constexpr std::array kAuthenticateResult{
    Field{"client_key_id", "string", "which key it was"},
    Field{"name", "string", "the name that it was made with"},
    Field{"kind", "string", "\"live\" or \"test\""},
    Field{"scopes", "array", "what it may be used for, as in client_key.create"},
    Field{"expires_at", "integer or null", "UTC seconds; null: not before it is revoked"},
};

inline constexpr std::array kKeyCreateParams{
    Param{"name", Type::String, true,
          "1 to 64 characters of a-z A-Z 0-9 . _ @ -, beginning with a letter or digit; no other live key's"},
    Param{"kind", Type::String, false,
          "\"live\", which is the default, or \"test\": good for credentials that were stored for test, and for no "
          "others"},
    Param{
        "scopes", Type::StringList, false,
        "what it may be used for, as a grant names it: \"account:NAME\", \"key:TENANT/PROVIDER/NAME\", one of them "
        "with "
        "* for the name, or \"*\"; \"PROVIDER/NAME\" is the tenant default's. Behind an account, each after one space, "
        "\"scope=SCOPE\" and \"audience=AUDIENCE\", behind a key \"field=FIELD\", limit it to these. No scope: "
        "nothing"},
    Param{"expires_in", Type::Integer, false,
          "seconds until it ends, 60 to 315360000; until it is revoked when left out"},
};
inline constexpr std::array kKeyCreateResult{
    Field{"client_key_id", "string", "names the key for the other methods"},
    Field{"name", "string", "its name"},
    Field{"kind", "string", "\"live\" or \"test\""},
    Field{"key", "string", "the key: a secret, which cannot be had again"},
    Field{"scopes", "array", "what it may be used for, in full, under the catalogue's own names"},
    Field{"created_at", "integer", "UTC seconds"},
    Field{"expires_at", "integer or null", "UTC seconds; null: not before it is revoked"},
};

inline constexpr std::array kKeyListResult{
    Field{
        "client_keys", "array",
        "an object for each, the oldest first: `client_key_id`, `name`, `prefix` (its first 12 characters), `kind`, "
        "`scopes`, `status` (\"live\", \"expired\", \"revoked\"), `created_at`, `created_by` (path of a program: a "
        "hint), `last_used_at` or null, `use_count`, `expires_at` or null, `revoked_at` or null, `overlap_until` (the "
        "key before the last rotation is good until then) or null"},
};

inline constexpr std::array kKeyRevokeParams{
    Param{"client_key_id", Type::String, true, "from client_key.create or client_key.list"},
};
inline constexpr std::array kKeyRevokeResult{
    Field{"client_key_id", "string", "good for nothing from now on, on open connections, too"},
};

inline constexpr std::array kKeyRotateParams{
    Param{"client_key_id", Type::String, true, "from client_key.create or client_key.list"},
    Param{"overlap", Type::Integer, false,
          "seconds that the key before stays good, 0 to 2592000; 86400 when left out. One that is still good from an "
          "earlier rotation ends at once"},
};
inline constexpr std::array kKeyRotateResult{
    Field{"client_key_id", "string", "the same as before"},
    Field{"name", "string", "its name"},
    Field{"kind", "string", "\"live\" or \"test\""},
    Field{"key", "string", "the new key: a secret, which cannot be had again"},
    Field{"overlap_until", "integer or null", "UTC seconds: the key before is good until then; null: it ends now"},
    Field{"expires_at", "integer or null", "UTC seconds, as before"},
};

} // namespace keybearer::protocol
