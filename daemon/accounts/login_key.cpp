/// \file
/// The part of a login whose end is a key of the provider and not an account (oauth/key_provisioning.h).

#include "daemon/accounts/login.h"
#include "daemon/oauth/key_provisioning.h"
#include "daemon/oauth/pkce.h"

namespace keybearer::accounts {

QCoro::Task<Result<void>> Login::prepareForKey() {
    auto listening = co_await listen();
    if (!listening) {
        co_return listening;
    }
    m_url = oauth::provisioningUrl(m_plan.profile.provisioning->authorizeUrl, m_receiver->redirectUri(),
                                   oauth::codeChallengeS256(m_verifier));
    m_expiresAt = m.clock.utcSeconds() + m_plan.timeout.count();
    co_return Result<void>();
}

QCoro::Task<Result<void>> Login::finishWithKey(oauth::CallbackVerdict verdict) {
    const std::string url = m_plan.profile.provisioning->exchangeUrl;
    auto response = co_await m.http.postJson(url, oauth::provisioningBody(verdict.code, m_verifier), transport());
    if (!response) {
        co_return base::fail(fromOAuth(response.error(), who()));
    }
    auto key = oauth::parseProvisionedKey(*response);
    if (!key) {
        co_return base::fail(fromOAuth(key.error(), who()));
    }
    if (isOver()) {
        co_return Result<void>(); // nobody wants it any more; the provider's page lists it, and it is not kept here
    }
    co_return co_await m_plan.keepKey(m_plan.profile, m_plan.accountName, std::move(*key));
}

} // namespace keybearer::accounts
