#pragma once
/// \file
/// Which function answers which method. Adding a method: ARCHITECTURE.md, "Adding a method".

#include "daemon/rpc/services.h"

#include <string_view>

namespace keybearer::rpc {

// system_methods.cpp
QCoro::Task<Reply> systemHello(Services& services, Call call);
QCoro::Task<Reply> systemStatus(Services& services, Call call);
QCoro::Task<Reply> systemLock(Services& services, Call call);
QCoro::Task<Reply> systemUnlock(Services& services, Call call);
QCoro::Task<Reply> systemStop(Services& services, Call call);
// provider_methods.cpp
QCoro::Task<Reply> providerList(Services& services, Call call);
QCoro::Task<Reply> providerDescribe(Services& services, Call call);
// account_methods.cpp
QCoro::Task<Reply> accountLogin(Services& services, Call call);
QCoro::Task<Reply> accountLoginCallback(Services& services, Call call);
QCoro::Task<Reply> accountLoginUrl(Services& services, Call call);
QCoro::Task<Reply> accountLoginStatus(Services& services, Call call);
QCoro::Task<Reply> accountLoginCancel(Services& services, Call call);
QCoro::Task<Reply> accountList(Services& services, Call call);
QCoro::Task<Reply> accountRename(Services& services, Call call);
QCoro::Task<Reply> accountLogout(Services& services, Call call);
// binding_methods.cpp
QCoro::Task<Reply> accountBind(Services& services, Call call);
QCoro::Task<Reply> accountUnbind(Services& services, Call call);
QCoro::Task<Reply> accountWhich(Services& services, Call call);
// token_methods.cpp
QCoro::Task<Reply> tokenGet(Services& services, Call call);
QCoro::Task<Reply> dpopProof(Services& services, Call call);
std::optional<protocol::Body> tokenFromCache(Services& services, const protocol::Params& params, ReleaseNote& note);
// credential_resolution.cpp
QCoro::Task<Reply> credentialResolve(Services& services, Call call);
std::optional<protocol::Body> credentialAtOnce(Services& services, const protocol::Params& params, ReleaseNote& note);
QCoro::Task<Reply> credentialExplain(Services& services, Call call);
// credential_watch.cpp
QCoro::Task<Reply> credentialWatch(Services& services, Call call);
// credential_methods.cpp
QCoro::Task<Reply> credentialSet(Services& services, Call call);
QCoro::Task<Reply> credentialRemove(Services& services, Call call);
QCoro::Task<Reply> credentialList(Services& services, Call call);
QCoro::Task<Reply> credentialSwitch(Services& services, Call call);
QCoro::Task<Reply> credentialRename(Services& services, Call call);
QCoro::Task<Reply> credentialRotate(Services& services, Call call);
// vault_methods.cpp
QCoro::Task<Reply> vaultExport(Services& services, Call call);
QCoro::Task<Reply> vaultImport(Services& services, Call call);
// provider_status.cpp
QCoro::Task<Reply> providerStatus(Services& services, Call call);
// keychain_methods.cpp
QCoro::Task<Reply> keychainStatus(Services& services, Call call);
QCoro::Task<Reply> keychainMigrate(Services& services, Call call);
// grant_methods.cpp
QCoro::Task<Reply> grantList(Services& services, Call call);
QCoro::Task<Reply> grantAllow(Services& services, Call call);
QCoro::Task<Reply> grantRevoke(Services& services, Call call);
QCoro::Task<Reply> grantPropose(Services& services, Call call);
QCoro::Task<Reply> grantAccept(Services& services, Call call);
QCoro::Task<Reply> policyGet(Services& services, Call call);
QCoro::Task<Reply> policySet(Services& services, Call call);
QCoro::Task<Reply> approvalAttach(Services& services, Call call);
QCoro::Task<Reply> approvalList(Services& services, Call call);
QCoro::Task<Reply> approvalDecide(Services& services, Call call);
// settings_methods.cpp
QCoro::Task<Reply> settingsGet(Services& services, Call call);
QCoro::Task<Reply> settingsSet(Services& services, Call call);
// audit_methods.cpp
QCoro::Task<Reply> auditQuery(Services& services, Call call);
QCoro::Task<Reply> auditVerify(Services& services, Call call);
// client_key_methods.cpp
QCoro::Task<Reply> systemAuthenticate(Services& services, Call call);
QCoro::Task<Reply> clientKeyCreate(Services& services, Call call);
QCoro::Task<Reply> clientKeyList(Services& services, Call call);
QCoro::Task<Reply> clientKeyRevoke(Services& services, Call call);
QCoro::Task<Reply> clientKeyRotate(Services& services, Call call);
// forward_methods.cpp
QCoro::Task<Reply> forwardBegin(Services& services, Call call);
QCoro::Task<Reply> forwardWait(Services& services, Call call);
QCoro::Task<Reply> forwardList(Services& services, Call call);
QCoro::Task<Reply> forwardEnd(Services& services, Call call);
// doctor_methods.cpp
QCoro::Task<Reply> leaseList(Services& services, Call call);
QCoro::Task<Reply> leaseRevoke(Services& services, Call call);
QCoro::Task<Reply> doctorRun(Services& services, Call call);

/// `handler` is nullptr for a method without one; a test holds the table against protocol::methods().
[[nodiscard]] Handlers findHandlers(std::string_view method);

} // namespace keybearer::rpc
