#include "daemon/rpc/credential_call.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/key_scopes.h"
#include "daemon/rpc/or_null.h"

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

protocol::Result<clientkeys::NewKey> wantedKey(const Services& services, const Call& call) {
    clientkeys::NewKey wanted;
    wanted.name = call.params.requiredString("name");
    wanted.createdBy = call.peer->exe;
    const auto kind = clientkeys::keyKindOf(call.params.string("kind").value_or("live"));
    if (!kind) {
        return base::fail(failure(ErrorKind::InvalidValue, R"(`kind` is "live" or "test")"));
    }
    wanted.kind = *kind;
    auto scopes = knownScopes(services, call.params.stringList("scopes").value_or(std::vector<std::string>()));
    if (!scopes) {
        return base::fail(std::move(scopes.error()));
    }
    wanted.scopes = std::move(*scopes);
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
    const std::string host = services.forwards.hostOf(services.connectionKeys.sessionOf(call.connection));
    line.host = host;
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
    if (!services.connectionKeys.isFor(call.connection, proof->id)) {
        co_return refuseKey(services, call, "this client key is not for this socket");
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
