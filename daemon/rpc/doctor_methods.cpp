#include "daemon/rpc/doctor_provider.h"
#include "daemon/rpc/handlers.h"
#include "ipc/base/locked_arena.h"
#include "ipc/base/secure_dir.h"
#include "ipc/base/unique_fd.h"

#include <QtGlobal>

#include <sys/socket.h>
#include <sys/utsname.h>

#include <algorithm>
#include <array>

namespace keybearer::rpc {
namespace {

using nlohmann::json;

json folderCheck(const char* name, const std::string& path) {
    const auto safe = base::checkPrivateDir(path);
    return safe ? doctorCheck(name, "ok", path) : doctorCheck(name, "fail", safe.error(), "chmod 700 " + path);
}

json keychainCheck(const keychain::Status& status) {
    if (status.state == "unset") {
        return doctorCheck("keychain", "warn", status.detail,
                           "keybearer login PROVIDER, or keybearer keychain migrate --to file",
                           mendBy(MendAction::ChooseKeychain));
    }
    if (status.state != "ready") {
        const bool isSealed = status.backend == "file-sealed";
        return doctorCheck("keychain", "fail", status.backend + " is " + status.state + ": " + status.detail,
                           isSealed ? "keybearer unlock" : "start or unlock the keyring service of your desktop",
                           status.state == "locked" ? mendBy(MendAction::Unlock, {{"passphrase", isSealed}}) : json());
    }
    if (status.encrypted == false) {
        return doctorCheck("keychain", "warn", "the file keychain is not encrypted",
                           "keybearer keychain migrate --to file", mendBy(MendAction::ChooseKeychain));
    }
    return doctorCheck("keychain", "ok", status.backend + " is ready");
}

/// Whoever signed in by an issuer's address does so again.
json signIn(const accounts::Account& account) {
    return mendBy(MendAction::SignIn, {{"account", account.name},
                                       {"provider", account.provider.empty() ? account.issuer : account.provider}});
}

json accountCheck(const accounts::Account& account) {
    return account.loginRequired.empty()
               ? doctorCheck("account", "ok", account.name + " is signed in at " + account.issuer)
               : doctorCheck("account", "warn", account.name + ": " + account.loginRequired,
                             "keybearer login " + account.name, signIn(account));
}

/// What a bug report begins with.
json systemCheck() {
    utsname name{};
    ::uname(&name);
    return doctorCheck("system", "ok",
                       std::string(name.sysname) + " " + name.release + " " + name.machine + ", Qt " + qVersion());
}

/// What the kernel tells about a peer and lets a process give up.
json kernelCheck() {
    int ends[2];
    std::string has = "SO_PEERCRED";
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0) {
        const base::UniqueFd one(ends[0]);
        const base::UniqueFd other(ends[1]);
        int pidfd = -1;
        socklen_t size = sizeof pidfd;
        constexpr int kPeerPidFd = 77; // SO_PEERPIDFD, Linux 6.5; not in this libc's headers
        const bool works = ::getsockopt(one.get(), SOL_SOCKET, kPeerPidFd, &pidfd, &size) == 0;
        const base::UniqueFd peer(works ? pidfd : -1);
        has += works ? ", SO_PEERPIDFD" : ", no SO_PEERPIDFD (Linux 6.5)";
    }
    return doctorCheck("kernel", "ok", has);
}

json helperCheck(const spawner::Spawner& spawner) {
    return spawner.isGone()
               ? doctorCheck("helper", "warn", "the process that runs commands and opens configured files has ended",
                             "keybearer daemon stop; the next command starts a whole broker",
                             mendBy(MendAction::RestartBroker))
               : doctorCheck("helper", "ok", "it runs commands and opens files that config.toml names");
}

json lockedMemoryCheck() {
    const base::LockedArena::Use use = base::LockedArena::ofProcess().use();
    if (use.capacity == 0) {
        return doctorCheck("locked memory", "warn", "secrets can reach the swap: the system lets no memory be locked",
                           "raise the limit (ulimit -l, LimitMEMLOCK), or use encrypted swap");
    }
    const std::string has = std::to_string(use.capacity / 1024) + " KiB of memory that is never swapped";
    return use.refused == 0
               ? doctorCheck("locked memory", "ok", "secrets up to 16 KiB lie in " + has)
               : doctorCheck("locked memory", "warn", "there are only " + has + ", too little for all secrets so far",
                             "raise the limit (ulimit -l, LimitMEMLOCK), or use encrypted swap");
}

QCoro::Task<json> providerCheck(Services& services, accounts::Account account) {
    services.servers.forget(account.issuer);
    auto server = co_await services.servers.metadata(account.issuer, services.authority.transportFor(account));
    if (!server) {
        co_return doctorCheck("provider", "fail", accounts::fromOAuth(server.error(), account.issuer).message,
                              "check the network, the proxy and the provider's CA");
    }
    co_return doctorCheck("provider", "ok", account.issuer + " answers and is who it says");
}

struct PolicyRow {
    access::Policy policy;
    const char* result;
    const char* message;
    const char* fix; ///< where there is one, the policy "ask" mends it
};
constexpr std::array kPolicyRows{
    PolicyRow{access::Policy::Ask, "ok", "ask: what was allowed, and somebody is asked for the rest", ""},
    PolicyRow{access::Policy::Allow, "warn", "allow: every program of this user gets what it asks for",
              "keybearer policy ask"},
    PolicyRow{access::Policy::Observe, "warn", "observe: every program gets what it asks for, and that is remembered",
              "keybearer grant propose, then keybearer policy ask"},
    PolicyRow{access::Policy::Deny, "ok", "deny: no program gets a credential", ""},
};

json policyCheck(const PolicySetting& setting) {
    const PolicyRow& row = *std::ranges::find(kPolicyRows, setting.current(), &PolicyRow::policy);
    const bool canBeSet = *row.fix != '\0' && setting.source() != "config.toml";
    return doctorCheck("policy", row.result, row.message, row.fix,
                       canBeSet ? mendBy(MendAction::SetPolicy, {{"policy", "ask"}}) : json());
}

} // namespace

QCoro::Task<Reply> doctorRun(Services& services, Call call) {
    json checks = json::array();
    if (const auto name = call.params.string("provider")) {
        const providers::Profile* profile = services.catalogue.find(*name);
        if (profile == nullptr) {
            co_return base::fail(accounts::unknownProvider(*name, services.catalogue.nearest(*name)));
        }
        checks = co_await checkProvider(services, *profile);
        co_return json{{"checks", std::move(checks)}};
    }
    checks.push_back(doctorCheck("broker", "ok",
                                 std::string("keybearerd ") + KEYBEARER_VERSION + " serves " + services.paths.socket));
    checks.push_back(systemCheck());
    checks.push_back(folderCheck("socket folder", services.paths.runtimeDir));
    checks.push_back(folderCheck("data folder", services.paths.data));
    checks.push_back(folderCheck("state folder", services.paths.state));
    const keychain::Status status = co_await services.keychain.status();
    checks.push_back(keychainCheck(status));
    if (status.state == "ready") {
        // A round trip shows what a state cannot: a full disk, a service that reads and does not write.
        auto written = co_await services.keychain.write("doctor/probe", base::Secret("probe"));
        auto removed = co_await services.keychain.remove("doctor/probe");
        const bool works = written.has_value() && removed.has_value();
        checks.push_back(works ? doctorCheck("keychain round trip", "ok", "an item was written and removed")
                               : doctorCheck("keychain round trip", "fail",
                                             written ? removed.error().detail : written.error().detail));
    }
    const auto& warnings = services.warnings;
    for (const std::string& warning : warnings) {
        checks.push_back(doctorCheck("configuration", "warn", warning));
    }
    if (warnings.empty()) {
        checks.push_back(doctorCheck("configuration", "ok", services.paths.config));
    }
    checks.push_back(kernelCheck());
    for (const platform::Measure& measure : services.measures) {
        checks.push_back(doctorCheck(measure.name.c_str(), measure.inForce ? "ok" : "warn", measure.message));
    }
    checks.push_back(lockedMemoryCheck());
    checks.push_back(helperCheck(services.spawner));
    checks.push_back(policyCheck(services.policy));
    const std::vector<accounts::Account> accounts = services.authority.accounts().all();
    for (const accounts::Account& account : accounts) {
        checks.push_back(accountCheck(account));
        if (call.params.boolean("network")) {
            json result = co_await providerCheck(services, account);
            checks.push_back(std::move(result));
        }
    }
    co_return json{{"checks", std::move(checks)}};
}

} // namespace keybearer::rpc
