#pragma once
/// \file
/// Parameters and results of the methods about accounts and signing in: a part of the method table, included by
/// methods.cpp alone.

#include "ipc/protocol/methods.h"

#include <array>

namespace keybearer::protocol {

inline constexpr std::array kLoginParams{
    Param{"provider", Type::String, true,
          "a provider's name, an account's, or a URL: an issuer's, or that of a protected resource such as an MCP "
          "server, "
          "whose authorization server is found by RFC 9728"},
    Param{"account", Type::String, false,
          "name for the account, the provider's name when left out; for a provider that makes a key for whoever signs "
          "in: "
          "the key's name, \"default\" when left out"},
    Param{"client_id", Type::String, false, "overrides the provider's client id"},
    Param{"client_secret", Type::Secret, false, "for providers that insist on one; kept in the keychain"},
    Param{"redirect", Type::String, false, "overrides the provider's redirect: \"http://127.0.0.1/callback\""},
    Param{"scopes", Type::StringList, false, "overrides the provider's scopes, or those that the resource asks for"},
    Param{"issuer", Type::String, false, "for a resource with several authorization servers: the one to use"},
    Param{"add_scopes", Type::StringList, false,
          "asked for beside the provider's scopes and those that the account was granted before"},
    Param{"flow", Type::String, false,
          "\"browser\" here, with a loopback callback, which is the default; \"device\": a code to enter anywhere (RFC "
          "8628)"},
    Param{"timeout", Type::Integer, false, "seconds until the login is given up, 10 to 3600; 300 when left out"},
    Param{"fresh", Type::Boolean, false, "begin anew: a login for the same account that is under way is cancelled"},
    Param{"attended", Type::Boolean, false,
          "a person asked for it just now. Without it the answer is \"login_required\", and the sign-in waits in "
          "`sign_in_needed` of system.status, while the screen is locked or after two windows that nobody answered"},
};
inline constexpr std::array kLoginResult{
    Field{"login_id", "string", "names this login for account.login_status and account.login_cancel"},
    Field{"joined", "boolean",
          "true: a login for the same account is under way, and its window is open; wait for it with "
          "account.login_status"},
    Field{"screen_locked", "boolean", "true: nobody would see a window; show the address instead of opening it"},
    Field{"account", "string", "name that the account will have"},
    Field{"provider", "string", "the provider's name, or the issuer; for a resource the address that it was asked by"},
    Field{"issuer", "string", "issuer, or page, that the person signs in to"},
    Field{"resource", "string or null", "what the tokens will be for (RFC 8707), when a resource's URL was given"},
    Field{"scopes", "array", "scopes that are asked for"},
    Field{"authorization_url", "string",
          "to be opened in the person's browser by the front end that was asked, and by nobody else"},
    Field{"redirect_uri", "string or null", "where the broker listens; null for flow \"device\""},
    Field{"user_code", "string or null", "what the person enters; null for flow \"browser\""},
    Field{
        "verification_uri", "string or null",
        "the page to enter it at; `authorization_url` is the same, with the code in it where the provider gives that"},
    Field{"url_expires_at", "integer or null",
          "UTC seconds: `authorization_url` opens once, and until then; account.login_url has another. null: it stays "
          "good"},
    Field{"expires_at", "integer", "UTC seconds"},
};
inline constexpr std::array kLoginUrlResult{
    Field{"authorization_url", "string", "opens now"},
    Field{"url_expires_at", "integer or null", "as in account.login"},
};

inline constexpr std::array kLoginStatusParams{
    Param{"login_id", Type::String, true, "from account.login"},
    Param{"known_state", Type::String, false,
          "the state that the caller knows: the answer waits until it is another one"},
    Param{"wait", Type::Integer, false, "seconds to wait at most, 0 to 300; 0 when left out"},
};
inline constexpr std::array kLoginStatusResult{
    Field{"state", "string", "\"waiting_for_browser\", \"exchanging\", \"done\", \"failed\", \"cancelled\""},
    Field{"account", "string", "name of the account"},
    Field{"subject", "string or null", "who signed in, when done"},
    Field{"label", "string or null", "email or user name, when the provider gave one"},
    Field{"scope", "string or null", "granted scopes, when done"},
    Field{"credential", "string or null", "`provider/name` of the key that the sign-in has made, when done"},
    Field{"error", "object or null", "`kind` and `message`, when failed"},
};

inline constexpr std::array kLoginIdParams{
    Param{"login_id", Type::String, true, "from account.login"},
};
inline constexpr std::array kCallbackParams{
    Param{"login_id", Type::String, true, "from account.login"},
    Param{"url", Type::Secret, true,
          "it begins with the `redirect_uri`; it is checked like the request of a browser, and a wrong one changes "
          "nothing"},
};
inline constexpr std::array kCancelResult{
    Field{"state", "string", "state of the login now"},
};

inline constexpr std::array kAccountListResult{
    Field{"accounts", "array",
          "an object for each account: `account`, `provider`, `issuer`, `subject`, `label`, "
          "`resource` (what the tokens are for) or null, `scope`, `client_id`, `registered` (the client was made for "
          "us), "
          "`status`, `created_at`, `last_refresh_at` or null, `expires_at` or null, `refresh_expires_at` (when the "
          "session "
          "at the provider ends, unless a refresh makes it longer, where that is known) or null, `renewable` (false: "
          "the provider gave no refresh token, so a new "
          "sign-in follows the token's end)"},
};

inline constexpr std::array kRenameParams{
    Param{"account", Type::String, true, "present name"},
    Param{"new_name", Type::String, true,
          "1 to 64 characters of a-z A-Z 0-9 . _ @ -, beginning with a letter or digit"},
};
inline constexpr std::array kRenameResult{
    Field{"account", "string", "the new name"},
};

inline constexpr std::array kLogoutParams{
    Param{"account", Type::String, false, "name of the account"},
    Param{"all", Type::Boolean, false, "every account; `account` is left out then"},
};
inline constexpr std::array kLogoutResult{
    Field{"accounts", "array",
          "an object for each account that was forgotten: `account`, `revoked` (boolean), `detail` (what the provider "
          "said when it did not revoke, or null)"},
};

inline constexpr std::array kBindParams{
    Param{"directory", Type::String, true, "absolute path of a folder, without . and .. and a slash at its end"},
    Param{"account", Type::String, true, "name of an account"},
};
inline constexpr std::array kBindResult{
    Field{"directory", "string", "the folder"},
    Field{"account", "string", "the account that programs in it, and below it, mean"},
};
inline constexpr std::array kUnbindParams{
    Param{"directory", Type::String, true, "absolute path of a folder"},
};
inline constexpr std::array kUnbindResult{
    Field{"directory", "string", "the folder"},
    Field{"removed", "boolean", "false: it had no binding of its own"},
};
inline constexpr std::array kWhichParams{
    Param{"directory", Type::String, false, "where the caller works"},
};
inline constexpr std::array kWhichResult{
    Field{"account", "string", "the account that token.get would take"},
    Field{"why", "string", "\"bound\": the folder or one above it is bound to it; \"only\": there is no other"},
    Field{"bound_by", "string or null", "the folder that is bound"},
    Field{"bindings", "array", "an object for each: `directory`, `account` or null where that is not there any more"},
};

} // namespace keybearer::protocol
