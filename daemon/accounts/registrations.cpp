#include "daemon/accounts/registrations.h"

#include "daemon/accounts/account.h"

#include <utility>

namespace keybearer::accounts {
namespace {

constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kNotFound = 404;

/// RFC 7592 section 2.1: what a server says of a client that is not there. Some say 403 or 404 instead of 401.
bool isGone(int status) {
    return status == kUnauthorized || status == kForbidden || status == kNotFound;
}

} // namespace

std::string registrationKey(std::string_view issuer) {
    return std::string("registration/").append(issuer);
}

QCoro::Task<Result<std::optional<oauth::ClientRegistration>>> Registrations::stored(std::string issuer) {
    auto item = co_await m_keychain.read(registrationKey(issuer));
    if (!item && item.error().kind != keychain::ErrorKind::NotFound) {
        co_return base::fail(fromKeychain(item.error()));
    }
    std::optional<oauth::ClientRegistration> found;
    if (item) {
        // A damaged one is worth no more than none: another is registered.
        if (auto parsed = oauth::parseStoredRegistration(*item); parsed && parsed->issuer == issuer) {
            found = std::move(*parsed);
        }
    }
    co_return std::move(found);
}

QCoro::Task<Result<std::optional<oauth::ClientRegistration>>>
Registrations::confirmed(oauth::ClientRegistration registration, oauth::Transport transport) {
    std::optional<oauth::ClientRegistration> known;
    if (!registration.configurationUri.empty()) {
        auto response =
            co_await m_http.get(registration.configurationUri, std::move(transport), &*registration.accessToken);
        if (response && isGone(response->status)) {
            co_return std::move(known);
        }
        if (response && response->status / 100 == 2) {
            auto now = oauth::parseConfirmation(*response, registration);
            if (!now) {
                co_return std::move(known); // it is no client of ours any more
            }
            auto kept = co_await store(*now);
            if (kept) {
                kept = co_await renewSecret(*now);
            }
            if (!kept) {
                co_return base::fail(std::move(kept.error()));
            }
            registration = std::move(*now);
        }
    }
    if (registration.secretExpiresAt == 0 || registration.secretExpiresAt > m_clock.utcSeconds()) {
        known = std::move(registration);
    }
    co_return std::move(known);
}

QCoro::Task<Result<oauth::ClientRegistration>>
Registrations::add(oauth::Metadata server, oauth::RegistrationRequest request, oauth::Transport transport) {
    auto body = oauth::registrationBody(request, server);
    if (!body) {
        co_return base::fail(fromOAuth(body.error(), server.issuer));
    }
    base::Secret document = base::Secret::absorb(std::move(*body));
    auto response = co_await m_http.postJson(server.registrationEndpoint, std::move(document), std::move(transport));
    if (!response) {
        co_return base::fail(fromOAuth(response.error(), server.issuer));
    }
    auto made = oauth::parseRegistration(*response, server.issuer, server.registrationEndpoint, request.redirectUris);
    if (!made) {
        co_return base::fail(fromOAuth(made.error(), server.issuer));
    }
    made->dpopBound = request.dpopBound;
    auto kept = co_await store(*made);
    if (!kept) {
        co_return base::fail(std::move(kept.error()));
    }
    co_return std::move(*made);
}

QCoro::Task<> Registrations::forget(std::string issuer, std::string clientId) {
    auto known = co_await stored(issuer);
    if (known && *known && (*known)->clientId == clientId) {
        // What cannot be removed now is refused, and forgotten, at the next sign-in.
        [[maybe_unused]] const auto removed = co_await m_keychain.remove(registrationKey(issuer));
    }
}

QCoro::Task<Result<void>> Registrations::retire(std::string issuer, std::string clientId, oauth::Transport transport) {
    auto known = co_await stored(issuer);
    if (!known) {
        co_return base::fail(std::move(known.error()));
    }
    const auto used = m_uses.find(issuer);
    const bool isUsed = used != m_uses.end() && !used->second.expired();
    if (isUsed || !*known || (*known)->clientId != clientId) {
        co_return Result<void>();
    }
    // First here: a login that begins meanwhile must not come upon a client that is about to end.
    auto removed = co_await m_keychain.remove(registrationKey(issuer));
    if (!removed) {
        co_return base::fail(fromKeychain(removed.error()));
    }
    if (!(*known)->configurationUri.empty()) {
        [[maybe_unused]] const auto deleted =
            co_await m_http.remove((*known)->configurationUri, std::move(transport), *(*known)->accessToken);
    }
    co_return Result<void>();
}

std::shared_ptr<const void> Registrations::use(const std::string& issuer) {
    std::weak_ptr<const void>& known = m_uses[issuer];
    auto use = known.lock();
    if (!use) {
        use = std::make_shared<const char>();
        known = use;
    }
    return use;
}

QCoro::Task<Result<void>> Registrations::renewSecret(const oauth::ClientRegistration& registration) {
    const std::string key = clientSecretKey(registration.issuer, registration.clientId);
    auto item = co_await m_keychain.read(key);
    if (!item && item.error().kind == keychain::ErrorKind::NotFound) {
        co_return Result<void>(); // no account uses it yet
    }
    if (!item) {
        co_return base::fail(fromKeychain(item.error()));
    }
    if (registration.clientSecret && registration.clientSecret->reveal() != item->reveal()) {
        auto written = co_await m_keychain.write(key, registration.clientSecret->value.clone());
        if (!written) {
            co_return base::fail(fromKeychain(written.error()));
        }
    }
    co_return Result<void>();
}

QCoro::Task<Result<void>> Registrations::store(const oauth::ClientRegistration& registration) {
    base::Secret item = oauth::formatRegistration(registration);
    auto written = co_await m_keychain.write(registrationKey(registration.issuer), std::move(item));
    if (!written) {
        co_return base::fail(fromKeychain(written.error()));
    }
    co_return Result<void>();
}

} // namespace keybearer::accounts
