#include "daemon/rpc/credential_call.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"
#include "ipc/base/text.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using accounts::failure;
using clientkeys::ClientKey;
using nlohmann::json;
using protocol::ErrorKind;

protocol::Error fromClientKeys(const clientkeys::Error& error) {
    using clientkeys::ErrorKind;
    switch (error.kind) {
    case ErrorKind::Unknown:
    case ErrorKind::Revoked:
    case ErrorKind::Expired:
    case ErrorKind::Misused: return failure(protocol::ErrorKind::InvalidValue, error.detail);
    case ErrorKind::KeyMissing:
        return failure(protocol::ErrorKind::KeyMissing,
                       error.detail + "; bring the keyring back, or revoke the client keys and make new ones with: "
                                      "keybearer key create");
    case ErrorKind::Keychain: return accounts::fromKeychain(*error.keychain);
    case ErrorKind::Storage: return failure(protocol::ErrorKind::StorageError, error.detail);
    }
    return failure(protocol::ErrorKind::Internal, error.detail);
}

json scopeTexts(const std::vector<access::KeyScope>& scopes) {
    json texts = json::array();
    for (const access::KeyScope& scope : scopes) {
        texts.push_back(access::formatScope(scope));
    }
    return texts;
}

/// The provider of "key:TENANT/PROVIDER/NAME"; empty where it names none.
std::string_view providerIn(std::string_view credential) {
    const std::size_t provider = credential.starts_with("key:") ? credential.find('/') + 1 : credential.size();
    const std::size_t end = credential.find('/', provider);
    return end == std::string_view::npos ? std::string_view() : credential.substr(provider, end - provider);
}

/// The same scope under the catalogue's own names, so that a word that nothing matches is noticed now.
protocol::Result<access::KeyScope> knownScope(const Services& services, const std::string& text) {
    auto scope = access::parseScope(text);
    if (!scope) {
        return base::fail(failure(ErrorKind::InvalidValue, std::move(scope.error())));
    }
    const std::string_view provider = providerIn(scope->credential);
    if (provider.empty()) {
        return std::move(*scope);
    }
    const std::string named(provider);
    const providers::Profile* profile = services.catalogue.find(named);
    if (profile == nullptr) {
        return base::fail(accounts::unknownProvider(named, services.catalogue.nearest(named)));
    }
    scope->credential.replace(static_cast<std::size_t>(provider.data() - scope->credential.data()), provider.size(),
                              profile->id);
    for (std::string& name : scope->fields) {
        const auto field = fieldOf(*profile, name);
        if (!field) {
            return base::fail(field.error());
        }
        name = (*field)->name;
    }
    return std::move(*scope);
}

protocol::Result<clientkeys::NewKey> wantedKey(const Services& services, const Call& call) {
    clientkeys::NewKey wanted;
    wanted.name = call.params.requiredString("name");
    wanted.createdBy = call.peer->exe;
    const auto kind = clientkeys::keyKindOf(call.params.string("kind").value_or("live"));
    if (!kind) {
        return base::fail(failure(ErrorKind::InvalidValue, R"(`kind` is "live" or "test")"));
    }
    wanted.kind = *kind;
    for (const std::string& text : call.params.stringList("scopes").value_or(std::vector<std::string>())) {
        auto scope = knownScope(services, text);
        if (!scope) {
            return base::fail(std::move(scope.error()));
        }
        wanted.scopes.push_back(std::move(*scope));
    }
    if (const auto seconds = call.params.integer("expires_in")) {
        const auto checked =
            protocol::inRange("expires_in", *seconds, clientkeys::kMinLifetime.count(),
                              std::chrono::duration_cast<std::chrono::seconds>(clientkeys::kMaxLifetime).count());
        if (!checked) {
            return base::fail(checked.error());
        }
        wanted.lifetime = std::chrono::seconds(*checked);
    }
    return wanted;
}

json shownKey(const ClientKey& key, std::int64_t now) {
    const char* status = key.revokedAt ? "revoked" : key.isLive(now) ? "live" : "expired";
    return json{{"client_key_id", key.id},
                {"name", key.name},
                {"prefix", key.prefix},
                {"kind", clientkeys::nameOf(key.kind)},
                {"scopes", scopeTexts(key.scopes)},
                {"status", status},
                {"created_at", key.createdAt},
                {"created_by", orNull(key.createdBy)},
                {"last_used_at", key.lastUsedAt == 0 ? json() : json(key.lastUsedAt)},
                {"use_count", key.useCount},
                {"expires_at", orNull(key.expiresAt)},
                {"revoked_at", orNull(key.revokedAt)},
                {"overlap_until", now < key.oldUntil ? json(key.oldUntil) : json()}};
}

/// Who has shown which key, or a wrong one, is recorded without a part of what was shown.
protocol::Result<void> recordAttempt(const Services& services, const Call& call, std::string_view verdict,
                                     const std::string& id, const std::string& reason) {
    audit::Record line;
    line.event = "client_key.authenticate";
    line.verdict = verdict;
    line.reason = reason;
    line.method = "system.authenticate";
    line.clientKey = id;
    line.uid = call.peer->uid;
    line.pid = call.peer->pid;
    line.exe = call.peer->exe;
    return services.audit.append(line).map_error([](const std::string& why) {
        return failure(ErrorKind::StorageError, "the audit record cannot be written, so no key is taken: " + why);
    });
}

Reply refuseKey(Services& services, const Call& call, const std::string& why) {
    if (const auto missed = services.connectionKeys.countRefusal(services.clock.utcSeconds())) {
        const auto recorded = recordAttempt(services, call, "deny", {}, why + missedText(*missed));
        static_cast<void>(recorded); // nothing is given either way
    }
    if (services.connectionKeys.noteWrong(call.connection)) {
        services.endConnection(call.connection);
    }
    return base::fail(failure(ErrorKind::Denied, why));
}

bool isNoKey(clientkeys::ErrorKind kind) {
    return kind == clientkeys::ErrorKind::Unknown || kind == clientkeys::ErrorKind::Revoked ||
           kind == clientkeys::ErrorKind::Expired;
}

} // namespace

QCoro::Task<Reply> systemAuthenticate(Services& services, Call call) {
    if (!services.connectionKeys.beginAttempt(call.connection)) {
        services.endConnection(call.connection);
        co_return base::fail(failure(ErrorKind::RateLimited, "too many wrong client keys on this connection"));
    }
    const base::Secret shown = std::move(*call.params.takeSecret("key"));
    auto parsed = clientkeys::parseKey(shown.reveal());
    if (!parsed) {
        co_return refuseKey(services, call, parsed.error());
    }
    auto proof = co_await services.clientKeys.verify(std::move(*parsed));
    if (!proof) {
        if (isNoKey(proof.error().kind)) {
            co_return refuseKey(services, call, proof.error().detail);
        }
        services.connectionKeys.noteUnchecked(call.connection);
        co_return base::fail(fromClientKeys(proof.error()));
    }
    const ClientKey key = *services.clientKeys.find(*proof);
    if (auto recorded = recordAttempt(services, call, "allow", key.id, "the client key is known"); !recorded) {
        services.connectionKeys.noteUnchecked(call.connection);
        co_return base::fail(std::move(recorded.error()));
    }
    services.clientKeys.noteUse(*proof);
    services.connectionKeys.attach(call.connection, std::move(*proof));
    co_return json{{"client_key_id", key.id},
                   {"name", key.name},
                   {"kind", clientkeys::nameOf(key.kind)},
                   {"scopes", scopeTexts(key.scopes)},
                   {"expires_at", orNull(key.expiresAt)}};
}

QCoro::Task<Reply> clientKeyCreate(Services& services, Call call) {
    auto wanted = wantedKey(services, call);
    if (!wanted) {
        co_return base::fail(std::move(wanted.error()));
    }
    const auto issued = co_await services.clientKeys.create(std::move(*wanted));
    if (!issued) {
        co_return base::fail(fromClientKeys(issued.error()));
    }
    const ClientKey& key = *services.clientKeys.byId(issued->id);
    protocol::Body answer;
    answer.add("client_key_id", key.id)
        .add("name", key.name)
        .add("kind", clientkeys::nameOf(key.kind))
        .add("key", issued->key.reveal())
        .addTree("scopes", scopeTexts(key.scopes))
        .addTree("created_at", key.createdAt)
        .add("expires_at", key.expiresAt);
    co_return answer;
}

QCoro::Task<Reply> clientKeyList(Services& services, Call) {
    json list = json::array();
    for (const ClientKey* key : services.clientKeys.all()) {
        list.push_back(shownKey(*key, services.clock.utcSeconds()));
    }
    co_return json{{"client_keys", std::move(list)}};
}

QCoro::Task<Reply> clientKeyRevoke(Services& services, Call call) {
    const std::string id = call.params.requiredString("client_key_id");
    if (const auto revoked = services.clientKeys.revoke(id); !revoked) {
        co_return base::fail(fromClientKeys(revoked.error()));
    }
    co_return json{{"client_key_id", id}};
}

QCoro::Task<Reply> clientKeyRotate(Services& services, Call call) {
    using std::chrono::seconds;
    const std::string id = call.params.requiredString("client_key_id");
    const auto overlap = protocol::inRange(
        "overlap", call.params.integer("overlap").value_or(seconds(clientkeys::kDefaultOverlap).count()), 0,
        seconds(clientkeys::kMaxOverlap).count());
    if (!overlap) {
        co_return base::fail(overlap.error());
    }
    const auto issued = co_await services.clientKeys.rotate(id, seconds(*overlap));
    if (!issued) {
        co_return base::fail(fromClientKeys(issued.error()));
    }
    const ClientKey& key = *services.clientKeys.byId(id);
    protocol::Body answer;
    answer.add("client_key_id", key.id)
        .add("name", key.name)
        .add("kind", clientkeys::nameOf(key.kind))
        .add("key", issued->key.reveal())
        .addTree("overlap_until", key.oldUntil == 0 ? json() : json(key.oldUntil))
        .add("expires_at", key.expiresAt);
    co_return answer;
}

} // namespace keybearer::rpc
