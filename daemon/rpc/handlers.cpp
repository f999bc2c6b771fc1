#include "daemon/rpc/handlers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace keybearer::rpc {
namespace {

constexpr std::array<std::pair<std::string_view, Handlers>, 60> kHandlers{{
    {"system.hello", {systemHello}},
    {"system.authenticate", {systemAuthenticate}},
    {"system.status", {systemStatus}},
    {"system.lock", {systemLock}},
    {"system.unlock", {systemUnlock}},
    {"system.stop", {systemStop}},
    {"provider.list", {providerList}},
    {"provider.describe", {providerDescribe}},
    {"account.login", {accountLogin}},
    {"account.login_callback", {accountLoginCallback}},
    {"account.login_url", {accountLoginUrl}},
    {"account.login_status", {accountLoginStatus}},
    {"account.login_cancel", {accountLoginCancel}},
    {"account.list", {accountList}},
    {"account.rename", {accountRename}},
    {"account.logout", {accountLogout}},
    {"account.bind", {accountBind}},
    {"account.unbind", {accountUnbind}},
    {"account.which", {accountWhich}},
    {"token.get", {tokenGet, tokenFromCache}},
    {"dpop.proof", {dpopProof}},
    {"provider.status", {providerStatus}},
    {"credential.resolve", {credentialResolve, credentialAtOnce}},
    {"credential.explain", {credentialExplain}},
    {"credential.watch", {credentialWatch}},
    {"credential.set", {credentialSet}},
    {"credential.remove", {credentialRemove}},
    {"credential.list", {credentialList}},
    {"credential.switch", {credentialSwitch}},
    {"credential.rename", {credentialRename}},
    {"credential.rotate", {credentialRotate}},
    {"vault.export", {vaultExport}},
    {"vault.import", {vaultImport}},
    {"client_key.create", {clientKeyCreate}},
    {"client_key.list", {clientKeyList}},
    {"client_key.revoke", {clientKeyRevoke}},
    {"client_key.rotate", {clientKeyRotate}},
    {"forward.begin", {forwardBegin}},
    {"forward.wait", {forwardWait}},
    {"forward.list", {forwardList}},
    {"forward.end", {forwardEnd}},
    {"keychain.status", {keychainStatus}},
    {"keychain.migrate", {keychainMigrate}},
    {"grant.list", {grantList}},
    {"grant.allow", {grantAllow}},
    {"grant.revoke", {grantRevoke}},
    {"grant.propose", {grantPropose}},
    {"grant.accept", {grantAccept}},
    {"policy.get", {policyGet}},
    {"policy.set", {policySet}},
    {"settings.get", {settingsGet}},
    {"settings.set", {settingsSet}},
    {"approval.attach", {approvalAttach}},
    {"approval.list", {approvalList}},
    {"approval.decide", {approvalDecide}},
    {"audit.query", {auditQuery}},
    {"audit.verify", {auditVerify}},
    {"lease.list", {leaseList}},
    {"lease.revoke", {leaseRevoke}},
    {"doctor.run", {doctorRun}},
}};

} // namespace

Handlers findHandlers(std::string_view method) {
    const auto found = std::ranges::find(kHandlers, method, [](const auto& row) { return row.first; });
    return found == kHandlers.end() ? Handlers{} : found->second;
}

} // namespace keybearer::rpc
