#include "ipc/protocol/methods.h"

#include "ipc/protocol/access_methods.h"
#include "ipc/protocol/account_methods.h"
#include "ipc/protocol/audit_methods.h"
#include "ipc/protocol/client_key_methods.h"
#include "ipc/protocol/credential_methods.h"
#include "ipc/protocol/forward_methods.h"
#include "ipc/protocol/lease_methods.h"

#include <algorithm>

namespace keybearer::protocol {
namespace {

constexpr std::array<Param, 0> kNoParams{};

constexpr std::array kHelloParams{
    Param{"client", Type::String, false, "name and version of the calling program, for logs: \"mytool/1.2\""},
    Param{"protocol", Type::Integer, false,
          "the newest version of the protocol that the program speaks; 1 when left out"},
};
constexpr std::array kHelloResult{
    Field{"broker", "string", "\"keybearerd\""},
    Field{"version", "string", "version of the broker"},
    Field{"protocol", "integer", "the newest version of the protocol that both sides speak: 1"},
    Field{"pid", "integer", "process id of the broker"},
};

constexpr std::array kStatusParams{
    Param{"provider", Type::String, false, "only this provider or account"},
    Param{"known_revision", Type::String, false,
          "the revision that the caller knows: the answer waits until it is another one"},
    Param{"wait", Type::Integer, false, "seconds to wait at most, 0 to 300; 0 when left out"},
};
constexpr std::array kStatusResult{
    Field{"version", "string", "version of the broker"},
    Field{"pid", "integer", "process id of the broker"},
    Field{"started_at", "integer", "UTC seconds"},
    Field{"socket", "string", "path of the socket"},
    Field{"policy", "string",
          "what holds for programs of this user: \"ask\", \"observe\", \"allow\" or \"deny\", as in policy.get"},
    Field{"keychain", "object",
          "`backend` (\"secret-service\", \"file-sealed\", \"file-plain\", \"unset\"), `state` (\"ready\", \"locked\", "
          "\"unavailable\", \"unset\"), `detail`"},
    Field{"accounts", "array",
          "an object for each account: `account`, `provider`, `issuer`, `resource` or null, `status` (\"signed_in\", "
          "\"login_required\", "
          "\"unknown\"), `source`, `auth_methods`, `expires_at` of the cached access token or null, `reason` or null"},
    Field{
        "sign_in_needed", "array",
        "an object for each sign-in that waits for a person: `provider`, `account`, `reason` (\"ended\": the provider "
        "wants a new one; \"screen_locked\", \"not_answered\": a program asked, and nobody would have seen, or "
        "answered, a window), `since` in UTC seconds or null"},
    Field{"locked", "object or null",
          "null while it is open; else `by` (\"command\", \"screen\", \"suspend\", \"unknown\") and `since` in UTC "
          "seconds"},
    Field{"warnings", "array", "sentences about this broker that the person should know"},
    Field{"revision", "string", "another one whenever the rest is another"},
};

constexpr std::array kProviderListResult{
    Field{"providers", "array",
          "an object for each: `provider`, `display_name`, `aliases`, `issuer` or null, `auth_methods` (\"api_key\", "
          "\"oauth\"; none where nothing is needed), `dashboard_url` or null, `source`, `client_id_set`"},
};

constexpr std::array kTokenParams{
    Param{"account", Type::String, false,
          "name of an account, or the address of a resource that it was signed in to; when left out, `directory` or "
          "there being only one decides"},
    Param{"directory", Type::String, false, "where the caller works: an absolute path, for account.bind"},
    Param{"min_valid", Type::Integer, false,
          "seconds that the token must live at least, 0 to 86400; 60 when left out, or what the provider gives if that "
          "is less"},
    Param{"refresh", Type::Boolean, false, "ask the provider for a new token even if the cached one is good"},
    Param{"scopes", Type::StringList, false, "a part of the granted scopes; all of them when left out"},
    Param{"resource", Type::String, false,
          "what the token is for (RFC 8707), one of the provider's `resources`; an account for one resource has that "
          "alone"},
    Param{"purpose", Type::String, false, "what it is for, in the program's words: shown to a person who is asked"},
    Param{"audience", Type::String, false,
          "whom the token is for: got by token exchange (RFC 8693), one of the provider's `audiences`; not with an "
          "account for one resource"},
};
template<class T, std::size_t A, std::size_t B>
constexpr std::array<T, A + B> joined(const std::array<T, A>& first, const std::array<T, B>& second) {
    std::array<T, A + B> all{};
    std::copy(first.begin(), first.end(), all.begin());
    std::copy(second.begin(), second.end(), all.begin() + A);
    return all;
}

constexpr std::array kProofParams =
    joined(kTokenParams,
           std::array{
               Param{"htm", Type::String, true, "the request's HTTP method, such as \"GET\" (RFC 9449 section 4.2)"},
               Param{"htu", Type::String, true,
                     "its URL: https, or http to this machine; query and fragment stay out of the proof"},
               Param{"nonce", Type::String, false, "what the server's header DPoP-Nonce said last"},
           });
constexpr std::array kTokenResult{
    Field{"access_token", "string", "the token: a secret"},
    Field{"token_type", "string",
          "\"Bearer\", or \"DPoP\": it is good with a proof alone, for each request another (dpop.proof)"},
    Field{"expires_at", "integer or null", "UTC seconds; null when the provider does not say"},
    Field{"scope", "string", "granted scopes"},
    Field{"account", "string", "name of the account"},
    Field{"issuer", "string", "issuer of the token"},
    Field{"source", "string", "where it came from: \"cache\" or \"refresh\""},
};
constexpr std::array kProofResult =
    joined(std::array{Field{"proof", "string", "the value of the header DPoP: good once, and soon"}}, kTokenResult);

constexpr std::array kKeychainStatusResult{
    Field{"backend", "string",
          "\"secret-service\", \"file-sealed\", \"file-plain\", or \"unset\" before the first choice"},
    Field{"state", "string", "\"ready\", \"locked\", \"unavailable\", \"unset\""},
    Field{"encrypted", "boolean or null", "false for \"file-plain\"; null when unset"},
    Field{"chosen_at", "integer or null", "UTC seconds"},
    Field{"detail", "string", "a sentence for the person"},
};

constexpr std::array kMigrateParams{
    Param{"backend", Type::String, true, "\"secret-service\", \"file-sealed\" or \"file-plain\""},
    Param{"passphrase", Type::Secret, false, "for \"file-sealed\""},
};
constexpr std::array kMigrateResult{
    Field{"backend", "string", "keychain in use now"},
    Field{"moved", "integer", "items that were moved"},
};

constexpr std::array kUnlockParams{
    Param{"passphrase", Type::Secret, false, "of the sealed file keychain, where that is in use"},
};
constexpr std::array kLockResult{
    Field{"since", "integer", "when it was locked, in UTC seconds"},
};
constexpr std::array kUnlockResult{
    Field{"state", "string", "state of the keychain now"},
};

constexpr std::array kDoctorParams{
    Param{"provider", Type::String, false, "checks what a sign-in at this provider depends on, and nothing else"},
    Param{"network", Type::Boolean, false, "also ask the providers of the accounts for their metadata"},
};
constexpr std::array kDoctorResult{
    Field{"checks", "array",
          "an object for each check: `name`, `result` (\"ok\", \"warn\", \"fail\"), `message`, `fix` (what a person "
          "can do) or "
          "null, `mend` or null: what a front end can do, an object with `action` and what that needs. \"sign_in\": "
          "account.login with `account` and `provider`; \"unlock\": system.unlock, with a passphrase if `passphrase`; "
          "\"choose_keychain\": keychain.migrate; \"set_policy\": policy.set with `policy`; \"restart_broker\": "
          "system.stop, and connect anew; \"open_url\": show `url` in the browser. Expect further actions"},
};

constexpr std::array kStopResult{
    Field{"stopping", "boolean", "true"},
};

constexpr std::array kMethods{
    Method{"system.hello", Guard::Greet, Fuzz::Free, "", false, "Says who the broker is.", kHelloParams, kHelloResult},
    Method{"system.authenticate", Guard::Greet, Fuzz::Free, "", false,
           "Shows a client key; the calls that follow on this connection may do what that key may, and nothing else.",
           kAuthenticateParams, kAuthenticateResult},
    Method{"system.status", Guard::Metadata, Fuzz::Free, "", false,
           "State of the broker, the keychain and the accounts, without a secret.", kStatusParams, kStatusResult},
    Method{"system.lock", Guard::Manage, Fuzz::SideEffects, "system.lock", false,
           "Forgets tokens and keys, and refuses everything else until it is unlocked; a restart does not.", kNoParams,
           kLockResult},
    Method{"system.unlock", Guard::Person, Fuzz::Free, "system.unlock", false,
           "Opens a locked broker, and the sealed file keychain, whose passphrase is proof enough.", kUnlockParams,
           kUnlockResult},
    Method{"system.stop", Guard::Manage, Fuzz::SideEffects, "system.stop", false, "Ends the broker after the answer.",
           kNoParams, kStopResult},
    Method{"provider.list", Guard::Metadata, Fuzz::Free, "", false, "The providers that a person can sign in to.",
           kNoParams, kProviderListResult},
    Method{"provider.describe", Guard::Metadata, Fuzz::Free, "", false, "What a provider's credential is made of.",
           kDescribeParams, kDescribeResult},
    Method{"account.login", Guard::Propose, Fuzz::SideEffects, "account.login", false,
           "Begins a login; it lives as long as this connection.", kLoginParams, kLoginResult},
    Method{"account.login_callback", Guard::Own, Fuzz::Free, "account.login_callback", false,
           "The address that a browser on another machine was sent to, in the place of its request.", kCallbackParams,
           kCancelResult},
    Method{
        "account.login_url", Guard::Own, Fuzz::Free, "account.login_url", false,
        "The address of a login's page once more: where the provider takes requests beforehand (RFC 9126), it is told "
        "of this one again, and the earlier address may be used up.",
        kLoginIdParams, kLoginUrlResult},
    Method{"account.login_status", Guard::Own, Fuzz::Free, "", false, "State of a login, at once or when it changes.",
           kLoginStatusParams, kLoginStatusResult},
    Method{"account.login_cancel", Guard::Own, Fuzz::Free, "account.login_cancel", false,
           "Gives a login up and closes its listener.", kLoginIdParams, kCancelResult},
    Method{"account.list", Guard::Manage, Fuzz::Free, "account.list", false, "The accounts with their details.",
           kNoParams, kAccountListResult},
    Method{"account.rename", Guard::Manage, Fuzz::SideEffects, "account.rename", false,
           "Gives an account another name.", kRenameParams, kRenameResult},
    Method{"account.logout", Guard::Manage, Fuzz::SideEffects, "account.logout", false,
           "Revokes at the provider, then forgets. With the last account of a client that the server registered for "
           "us, that "
           "client is deleted there as well (RFC 7592).",
           kLogoutParams, kLogoutResult},
    Method{"account.bind", Guard::Manage, Fuzz::SideEffects, "account.bind", false,
           "Makes a folder choose an account for the programs in it.", kBindParams, kBindResult},
    Method{"account.unbind", Guard::Manage, Fuzz::SideEffects, "account.unbind", false, "Takes a folder's choice back.",
           kUnbindParams, kUnbindResult},
    Method{"account.which", Guard::Manage, Fuzz::Free, "account.which", false,
           "Which account a program in a folder would get a token of, and why.", kWhichParams, kWhichResult},
    Method{"token.get", Guard::Use, Fuzz::SideEffects, "token.release", true,
           "An access token that is good for a while.", kTokenParams, kTokenResult},
    Method{"dpop.proof", Guard::Use, Fuzz::SideEffects, "token.release", true,
           "An access token that is bound to a key, and the proof for one request with it (RFC 9449): the headers "
           "`Authorization: DPoP` and `DPoP`. The key stays where it is.",
           kProofParams, kProofResult},
    Method{"provider.status", Guard::Metadata, Fuzz::Free, "", false,
           "Which providers a program could use right now, and with what.", kProviderStatusParams,
           kProviderStatusResult},
    Method{"credential.resolve", Guard::Use, Fuzz::Free, "credential.release", true,
           "A provider's credential, field by field, each with the place that it comes from.", kResolveParams,
           kResolveResult},
    Method{"credential.explain", Guard::Manage, Fuzz::Free, "credential.explain", false,
           "What credential.resolve would give, without a value.", kResolveParams, kExplainResult},
    Method{"credential.watch", Guard::Use, Fuzz::Free, "", false,
           "Waits until credential.resolve would give something else, and renews a token that would end.", kWatchParams,
           kWatchResult},
    Method{"credential.set", Guard::Manage, Fuzz::SideEffects, "credential.set", false,
           "Puts values into the vault: all of them or none.", kSetParams, kSetResult},
    Method{"credential.remove", Guard::Manage, Fuzz::SideEffects, "credential.remove", false,
           "Takes values out of the vault.", kRemoveParams, kRemoveResult},
    Method{"credential.list", Guard::Manage, Fuzz::Free, "credential.list", false,
           "What is stored, with masked previews.", kCredentialListParams, kCredentialListResult},
    Method{"credential.switch", Guard::Manage, Fuzz::SideEffects, "credential.switch", false,
           "Puts the next values in the place of those in use.", kSwitchParams, kSwitchResult},
    Method{
        "credential.rename", Guard::Widen, Fuzz::SideEffects, "credential.rename", false,
        "Gives a stored credential another name; grants, client keys and config.toml go by the name and do not follow.",
        kRenameKeyParams, kRenameKeyResult},
    Method{"credential.rotate", Guard::Manage, Fuzz::SideEffects, "credential.rotate", false,
           "A new data key for a tenant's vault; readers are served meanwhile.", kRotateParams, kRotateResult},
    Method{"vault.export", Guard::Widen, Fuzz::SideEffects, "vault.export", false,
           "A tenant's vault, sealed with a passphrase.", kExportParams, kExportResult},
    Method{"vault.import", Guard::Widen, Fuzz::SideEffects, "vault.import", false,
           "Puts what was exported into a tenant's vault.", kImportParams, kImportResult},
    Method{"client_key.create", Guard::Widen, Fuzz::SideEffects, "client_key.create", false,
           "Makes a key that a program without an identity of its own can show.", kKeyCreateParams, kKeyCreateResult},
    Method{"client_key.list", Guard::Manage, Fuzz::Free, "client_key.list", false, "The client keys, without a key.",
           kNoParams, kKeyListResult},
    Method{"client_key.revoke", Guard::Manage, Fuzz::SideEffects, "client_key.revoke", false, "Ends a client key.",
           kKeyRevokeParams, kKeyRevokeResult},
    Method{"client_key.rotate", Guard::Widen, Fuzz::SideEffects, "client_key.rotate", false,
           "Another key in the place of one, which stays good for a while.", kKeyRotateParams, kKeyRotateResult},
    Method{"keychain.status", Guard::Metadata, Fuzz::Free, "", false, "Which keychain is in use and how it is.",
           kNoParams, kKeychainStatusResult},
    Method{"keychain.migrate", Guard::Widen, Fuzz::SideEffects, "keychain.migrate", false,
           "Moves everything to another keychain, or chooses the first one.", kMigrateParams, kMigrateResult},
    Method{"grant.list", Guard::Manage, Fuzz::Free, "grant.list", false, "What programs are allowed.", kNoParams,
           kGrantListResult},
    Method{"grant.allow", Guard::Widen, Fuzz::SideEffects, "grant.allow", false, "Allows a program a credential.",
           kGrantAllowParams, kGrantResult},
    Method{"grant.revoke", Guard::Manage, Fuzz::SideEffects, "grant.revoke", false, "Takes a grant back, at once.",
           kGrantIdParams, kGrantRevokeResult},
    Method{"grant.propose", Guard::Manage, Fuzz::Free, "grant.propose", false,
           "The least grants that would have allowed what was asked for.", kNoParams, kProposeResult},
    Method{"grant.accept", Guard::Widen, Fuzz::SideEffects, "grant.accept", false, "Makes the grants of grant.propose.",
           kNoParams, kAcceptResult},
    Method{"policy.get", Guard::Metadata, Fuzz::Free, "", false, "What holds for programs.", kNoParams, kPolicyResult},
    Method{"policy.set", Guard::Widen, Fuzz::SideEffects, "policy.set", false,
           "Decides what holds for programs, where config.toml does not.", kPolicySetParams, kPolicyResult},
    Method{"settings.get", Guard::Metadata, Fuzz::Free, "", false,
           "What may be changed here instead of in config.toml.", kNoParams, kSettingsResult},
    Method{"settings.set", Guard::Widen, Fuzz::SideEffects, "settings.set", false,
           "Changes a setting, where config.toml does not decide it; it holds at once and after a restart.",
           kSettingsSetParams, kSettingsResult},
    Method{"approval.attach", Guard::Approve, Fuzz::SideEffects, "approval.attach", false,
           "Makes this connection one that answers for the person, as long as it is open.", kNoParams, kAttachResult},
    Method{"approval.list", Guard::Approve, Fuzz::Free, "approval.list", false,
           "The questions that wait for an answer.", kApprovalListParams, kApprovalListResult},
    Method{"approval.decide", Guard::Approve, Fuzz::SideEffects, "approval.decide", false,
           "Answers a question; what waits for it goes on.", kDecideParams, kDecideResult},
    Method{"audit.query", Guard::Manage, Fuzz::Free, "", false,
           "Rows of the audit record. It leaves none itself: whoever waits for a row would be told of the question.",
           kAuditQueryParams, kAuditQueryResult},
    Method{"audit.verify", Guard::Manage, Fuzz::Free, "audit.verify", false,
           "Checks the whole audit record against its chain and its seal.", kAuditVerifyParams, kAuditVerifyResult},
    Method{"lease.list", Guard::Manage, Fuzz::Free, "lease.list", false,
           "What programs were ever given, and whether it still works.", kLeaseListParams, kLeaseListResult},
    Method{"lease.revoke", Guard::Manage, Fuzz::SideEffects, "lease.revoke", false,
           "Takes back what a program was given: its grants, and its tokens at the provider (RFC 7009).",
           kLeaseRevokeParams, kLeaseRevokeResult},
    Method{
        "forward.begin", Guard::Widen, Fuzz::SideEffects, "forward.begin", false,
        "Lets another machine, or a container, get short tokens of named accounts, as long as this connection is open "
        "and no longer.",
        kForwardBeginParams, kForwardBeginResult},
    Method{"forward.wait", Guard::Own, Fuzz::Free, "", false, "What happens in a session that this connection began.",
           kForwardWaitParams, kForwardWaitResult},
    Method{"forward.list", Guard::Manage, Fuzz::Free, "forward.list", false, "The sessions that are open.", kNoParams,
           kForwardListResult},
    Method{"forward.end", Guard::Manage, Fuzz::SideEffects, "forward.end", false,
           "Ends a session: its socket and key at once, and its tokens at the provider (RFC 7009).", kForwardEndParams,
           kForwardEndResult},
    Method{"doctor.run", Guard::Manage, Fuzz::Free, "doctor.run", false,
           "Checks the installation and says how to mend it.", kDoctorParams, kDoctorResult},
};

} // namespace

std::span<const Method> methods() {
    return kMethods;
}

const Method* findMethod(std::string_view name) {
    const auto found = std::ranges::find(kMethods, name, &Method::name);
    return found == kMethods.end() ? nullptr : &*found;
}

std::string_view toString(Guard guard) {
    switch (guard) {
    case Guard::Greet: return "greet";
    case Guard::Metadata: return "metadata";
    case Guard::Use: return "use";
    case Guard::Own: return "own";
    case Guard::Propose: return "propose";
    case Guard::Manage: return "manage";
    case Guard::Widen: return "widen";
    case Guard::Person: return "person";
    case Guard::Approve: return "approve";
    }
    return {};
}

std::string_view toString(Type type) {
    switch (type) {
    case Type::String: return "string";
    case Type::Integer: return "integer";
    case Type::Boolean: return "boolean";
    case Type::StringList: return "array of strings";
    case Type::Secret: return "secret string";
    case Type::SecretMap: return "object of secret strings";
    case Type::Document: return "string, up to 768 KiB";
    }
    return {};
}

} // namespace keybearer::protocol
