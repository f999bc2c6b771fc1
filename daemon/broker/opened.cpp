#include "daemon/broker/opened.h"

#include "daemon/broker/clients.h"
#include "daemon/broker/file_versions.h"

#include <QCoreApplication>

#include <unistd.h>

namespace keybearer::broker {
namespace {

std::string builtInProviders() {
    const std::string beside = QCoreApplication::applicationDirPath().toStdString() + "/../share/keybearerd/providers";
    return ::access(beside.c_str(), R_OK) == 0 ? beside : KEYBEARER_PROVIDERS;
}

} // namespace

base::Result<Configuration, std::string> readConfiguration(const base::Paths& paths) {
    auto config = providers::loadConfig(paths.config + "/config.toml");
    if (!config) {
        return base::fail(config.error());
    }
    auto catalogue = providers::Catalogue::load(builtInProviders(), paths.config + "/providers.d");
    auto locations = resolution::Locations::check(config->locations, catalogue);
    if (!locations) {
        return base::fail(locations.error());
    }
    return Configuration{std::move(*config), std::move(catalogue), std::move(*locations)};
}

base::Result<OpenedFiles, std::string> openFiles(const base::Paths& paths, const providers::Config& config,
                                                 const base::Clock& clock) {
    if (auto known = refuseNewerFiles(paths); !known) {
        return base::fail(known.error());
    }
    auto audit = audit::AuditLog::open(paths.state + "/audit.log", clock, {config.auditKeepDays, config.auditMaxBytes});
    if (!audit) {
        return base::fail(audit.error());
    }
    auto accounts = accounts::AccountStore::open(paths.data);
    if (!accounts) {
        return base::fail(accounts.error());
    }
    auto bindings = accounts::BindingStore::open(paths.data);
    if (!bindings) {
        return base::fail(bindings.error());
    }
    auto policy = rpc::PolicySetting::open(paths.data, access::policyOf(config.policy));
    if (!policy) {
        return base::fail(policy.error());
    }
    auto settings = rpc::Settings::open(paths.data, config);
    if (!settings) {
        return base::fail(settings.error());
    }
    auto grants = openGrants(paths.data, config.grants, clock);
    if (!grants) {
        return base::fail(grants.error());
    }
    auto keys = clientkeys::KeyFile(paths.data).read();
    if (!keys) {
        return base::fail(keys.error());
    }
    return OpenedFiles{
        std::move(*audit),  std::move(*accounts), std::move(*bindings), accounts::RefreshJournal::open(paths.data),
        std::move(*policy), std::move(*settings), std::move(*grants),   std::move(*keys)};
}

} // namespace keybearer::broker
