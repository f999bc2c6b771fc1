#include "daemon/rpc/handlers.h"
#include "ipc/base/secure_dir.h"

#include <sys/resource.h>

namespace keybearer::rpc {
namespace {

using nlohmann::json;

json check(const char* name, const char* result, std::string message, const std::string& fix = {}) {
    return json{
        {"name", name}, {"result", result}, {"message", std::move(message)}, {"fix", fix.empty() ? json() : json(fix)}};
}

json folderCheck(const char* name, const std::string& path) {
    const auto safe = base::checkPrivateDir(path);
    return safe ? check(name, "ok", path) : check(name, "fail", safe.error(), "chmod 700 " + path);
}

json keychainCheck(const keychain::Status& status) {
    if (status.state == "unset") {
        return check("keychain", "warn", status.detail,
                     "keybearer login PROVIDER, or keybearer keychain migrate --to file");
    }
    if (status.state != "ready") {
        return check("keychain", "fail", status.backend + " is " + status.state + ": " + status.detail,
                     status.backend == "file-sealed" ? "keybearer unlock"
                                                     : "start or unlock the keyring service of your desktop");
    }
    if (status.encrypted == false) {
        return check("keychain", "warn", "the file keychain is not encrypted", "keybearer keychain migrate --to file");
    }
    return check("keychain", "ok", status.backend + " is ready");
}

json accountCheck(const accounts::Account& account) {
    return account.loginRequired.empty() ? check("account", "ok", account.name + " is signed in at " + account.issuer)
                                         : check("account", "warn", account.name + ": " + account.loginRequired,
                                                 "keybearer login " + account.name);
}

QCoro::Task<json> providerCheck(Services& services, accounts::Account account) {
    services.servers.forget(account.issuer);
    auto server = co_await services.servers.metadata(account.issuer, services.authority.transportFor(account));
    if (!server) {
        co_return check("provider", "fail", accounts::fromOAuth(server.error(), account.issuer).message,
                        "check the network, the proxy and the provider's CA");
    }
    co_return check("provider", "ok", account.issuer + " answers and is who it says");
}

} // namespace

QCoro::Task<Reply> doctorRun(Services& services, Call call) {
    json checks = json::array();
    checks.push_back(
        check("broker", "ok", std::string("keybearerd ") + KEYBEARER_VERSION + " serves " + services.paths.socket));
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
        checks.push_back(
            works ? check("keychain round trip", "ok", "an item was written and removed")
                  : check("keychain round trip", "fail", written ? removed.error().detail : written.error().detail));
    }
    const auto& warnings = services.warnings;
    for (const std::string& warning : warnings) {
        checks.push_back(check("configuration", "warn", warning));
    }
    if (warnings.empty()) {
        checks.push_back(check("configuration", "ok", services.paths.config));
    }
    rlimit core{};
    ::getrlimit(RLIMIT_CORE, &core);
    checks.push_back(core.rlim_cur == 0 ? check("memory", "ok", "core dumps are off")
                                        : check("memory", "warn", "core dumps of the broker are possible"));
    checks.push_back(services.config.allowPrograms
                         ? check("policy", "ok", "allow: every program of this user gets what it asks for")
                         : check("policy", "ok", "deny: no program gets a credential"));
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
