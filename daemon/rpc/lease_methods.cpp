#include "daemon/audit/releases.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"
#include "ipc/base/text.h"

#include <QCoroTimer>
#include <QTimer>

#include <algorithm>
#include <array>
#include <set>

namespace keybearer::rpc {
namespace {

using accounts::failure;
using audit::Released;
using nlohmann::json;
using protocol::ErrorKind;

/// What is known here of something that was given out.
enum class LeaseState { Valid, Expired, Revoked, Replaced, Removed, SignedOut, Unknown };
constexpr std::array<const char*, 7> kLeaseStates{"valid",   "expired",    "revoked", "replaced",
                                                  "removed", "signed_out", "unknown"};

struct Leases {
    std::vector<Released> rows;
    bool isCut = false;
};

QCoro::Task<Leases> allLeases(Services& services) {
    audit::Releases releases(services.audit.files());
    while (releases.step()) {
        QTimer turn; // the other connections' turn
        turn.start(0);
        co_await turn;
    }
    Leases leases;
    leases.isCut = releases.isCut();
    leases.rows = releases.take();
    co_return leases;
}

/// "#" and the id of a client key may follow the path.
bool isMeant(const std::string& client, const std::string& wanted) {
    const std::string path = client.substr(0, client.find('#'));
    return wanted.empty() || client == wanted || path == wanted || path.substr(path.rfind('/') + 1) == wanted;
}

/// TENANT/PROVIDER/NAME
vault::CredentialId storedId(const std::string& text) {
    const std::size_t first = std::min(text.find('/'), text.size());
    const std::size_t second = std::min(text.find('/', first + 1), text.size());
    return {text.substr(0, first), text.substr(std::min(first + 1, text.size()), second - first - 1),
            text.substr(std::min(second + 1, text.size()))};
}

LeaseState tokenState(const Services& services, const Released& lease) {
    if (lease.expiresAt != 0 && lease.expiresAt <= services.clock.utcSeconds()) {
        return LeaseState::Expired;
    }
    if (lease.isRevoked) {
        return LeaseState::Revoked;
    }
    const accounts::Account* account = services.authority.accounts().byName(lease.credential);
    return account == nullptr || !account->loginRequired.empty() ? LeaseState::SignedOut : LeaseState::Valid;
}

LeaseState keyState(Services& services, const Released& lease) {
    const auto fields = services.vault.fields(storedId(lease.credential));
    if (!fields) {
        return LeaseState::Unknown;
    }
    if (fields->empty()) {
        return LeaseState::Removed;
    }
    const bool isReplaced =
        std::ranges::all_of(*fields, [&](const vault::StoredField& field) { return field.setAt > lease.last; });
    return isReplaced ? LeaseState::Replaced : LeaseState::Valid;
}

LeaseState stateOf(Services& services, const Released& lease) {
    if (lease.isToken) {
        return tokenState(services, lease);
    }
    return lease.isStored ? keyState(services, lease) : LeaseState::Unknown;
}

const char* kindOf(const Released& lease) {
    return lease.isToken ? "token" : lease.isStored ? "key" : "other";
}

json leaseJson(Services& services, const Released& lease) {
    return {{"client", lease.client},
            {"kind", kindOf(lease)},
            {"credential", lease.credential},
            {"first", lease.first},
            {"last", lease.last},
            {"count", lease.count},
            {"expires_at", lease.expiresAt == 0 ? json() : json(lease.expiresAt)},
            {"state", kLeaseStates[static_cast<std::size_t>(stateOf(services, lease))]}};
}

json itemJson(const Released& lease, const char* result, std::string detail = {}) {
    return {{"kind", kindOf(lease)},
            {"credential", lease.credential},
            {"result", result},
            {"detail", detail.empty() ? json() : json(std::move(detail))}};
}

/// Nobody but a person can take back a key: of the providers in the catalogue none lets a key delete itself.
std::string whatToDo(const Services& services, const Released& lease) {
    if (!lease.isStored) {
        return "it came from a place of config.toml, and only you can change it there";
    }
    const vault::CredentialId id = storedId(lease.credential);
    const providers::Profile* profile = services.catalogue.find(id.provider);
    const std::string where =
        profile == nullptr || profile->dashboardUrl.empty() ? "at the provider" : "at " + profile->dashboardUrl;
    return "delete the key " + where + ", then store another: keybearer provider set " + id.provider;
}

QCoro::Task<json> revokeTokens(Services& services, const Released& lease) {
    const auto report = co_await services.authority.revokeIssued(lease.credential);
    if (!report) {
        co_return itemJson(lease, "not_revoked", report.error().message);
    }
    if (report->failed > 0) {
        co_return itemJson(lease, "not_revoked",
                           report->detail + "; the account's session can be ended: keybearer logout " +
                               lease.credential);
    }
    if (report->revoked == 0) {
        co_return itemJson(
            lease, "not_revoked",
            "it was given out before this broker was started or locked, which does not have it any more; it "
            "ends by itself, or with the account's session: keybearer logout " +
                lease.credential);
    }
    audit::Record line;
    line.event = "lease.revoke";
    line.verdict = "allow";
    line.reason = "revoked at the provider";
    line.method = "lease.revoke";
    line.account = lease.credential;
    line.credential = lease.credential;
    // It is done; a record that cannot be written is told by the next release, which is refused.
    static_cast<void>(services.audit.append(line));
    // A server may end the refresh token along with an access token (RFC 7009 section 2.1); the person had better hear
    // of it here than from the next program.
    accounts::TokenRequest probe;
    probe.account = lease.credential;
    const auto next = co_await services.authority.token(std::move(probe));
    const bool isOver = !next && next.error().kind == ErrorKind::LoginRequired;
    co_return itemJson(lease, "revoked",
                       isOver ? "the provider ended the account's session with it; sign in again: keybearer login " +
                                    lease.credential
                              : std::string());
}

struct ClosedGrants {
    json removed = json::array();
    json left = json::array();
};

protocol::Result<ClosedGrants> closeGrants(Services& services, const std::string& path) {
    ClosedGrants closed;
    std::vector<std::string> ids;
    for (const access::Grant* grant : services.grants.all()) {
        if (grant->path == path && grant->isConfigured()) {
            closed.left.push_back(grant->createdBy);
        } else if (grant->path == path) {
            ids.push_back(grant->id);
        }
    }
    for (const std::string& id : ids) {
        if (const auto removed = services.grants.remove(id); !removed) {
            return base::fail(failure(ErrorKind::StorageError, removed.error()));
        }
        closed.removed.push_back(id);
    }
    return closed;
}

/// The one program that is meant, among those that were given something or that have a grant.
protocol::Result<std::string> theClient(const Services& services, const std::vector<Released>& leases,
                                        const std::string& wanted) {
    std::set<std::string> meant;
    for (const Released& lease : leases) {
        if (isMeant(lease.client, wanted)) {
            meant.insert(lease.client);
        }
    }
    for (const access::Grant* grant : services.grants.all()) {
        if (isMeant(grant->path, wanted)) {
            meant.insert(grant->path);
        }
    }
    if (meant.contains(wanted)) { // whole, even where the same program showed client keys as well
        return wanted;
    }
    if (meant.size() == 1) {
        return *meant.begin();
    }
    std::string message = meant.empty() ? "no program of that name was ever given anything, or has a grant"
                                        : "several programs have that name; say which:";
    for (const std::string& client : meant) {
        message += " " + base::printable(client, 300);
    }
    return base::fail(failure(ErrorKind::InvalidValue, std::move(message)));
}

} // namespace

QCoro::Task<Reply> leaseList(Services& services, Call call) {
    const std::string wanted = call.params.string("client").value_or(std::string());
    const Leases leases = co_await allLeases(services);
    json out = json::array();
    for (const Released& lease : leases.rows) {
        if (isMeant(lease.client, wanted)) {
            out.push_back(leaseJson(services, lease));
        }
    }
    co_return json{{"leases", std::move(out)}, {"complete", !leases.isCut}};
}

QCoro::Task<Reply> leaseRevoke(Services& services, Call call) {
    const Leases leases = co_await allLeases(services);
    const auto client = theClient(services, leases.rows, call.params.requiredString("client"));
    if (!client) {
        co_return base::fail(client.error());
    }
    // First of all, so that it gets nothing new while the old is taken back.
    auto closed = closeGrants(services, *client);
    if (!closed) {
        co_return base::fail(std::move(closed.error()));
    }
    json items = json::array();
    for (const Released& lease : leases.rows) {
        if (lease.client != *client) {
            continue;
        }
        switch (stateOf(services, lease)) {
        case LeaseState::Expired:
        case LeaseState::Revoked:
        case LeaseState::Replaced:
        case LeaseState::Removed: items.push_back(itemJson(lease, "ended")); continue;
        case LeaseState::Valid:
        case LeaseState::SignedOut:
        case LeaseState::Unknown: break;
        }
        if (!lease.isToken) {
            items.push_back(itemJson(lease, "not_revoked", whatToDo(services, lease)));
            continue;
        }
        json item = co_await revokeTokens(services, lease);
        items.push_back(std::move(item));
    }
    co_return json{{"client", *client},
                   {"items", std::move(items)},
                   {"grants_removed", std::move(closed->removed)},
                   {"grants_left", std::move(closed->left)}};
}

} // namespace keybearer::rpc
