#pragma once
/// \file
/// What lies on the disk when a broker starts: what the person configured, and what the broker keeps itself.

#include "daemon/access/grant_store.h"
#include "daemon/accounts/account_store.h"
#include "daemon/accounts/binding_store.h"
#include "daemon/accounts/refresh_journal.h"
#include "daemon/audit/audit_log.h"
#include "daemon/clientkeys/key_list.h"
#include "daemon/providers/catalogue.h"
#include "daemon/providers/config.h"
#include "daemon/resolution/locations.h"
#include "daemon/rpc/policy.h"
#include "daemon/rpc/settings.h"
#include "ipc/base/paths.h"

#include <string>
#include <vector>

namespace keybearer::broker {

struct Configuration {
    providers::Config config;
    providers::Catalogue catalogue;
    resolution::Locations locations;
};

/// The error is a sentence with the place of the mistake. A profile that cannot be used is one of the catalogue's
/// problems instead.
[[nodiscard]] base::Result<Configuration, std::string> readConfiguration(const base::Paths& paths);

struct OpenedFiles {
    audit::AuditLog audit;
    accounts::AccountStore accounts;
    accounts::BindingStore bindings;
    accounts::RefreshJournal journal;
    rpc::PolicySetting policy;
    rpc::Settings settings;
    access::GrantStore grants;
    std::vector<clientkeys::ClientKey> clientKeys;
};

/// The folders must exist. `clock` outlives what is opened. The error is a sentence: none of these files is passed over
/// because it is damaged.
[[nodiscard]] base::Result<OpenedFiles, std::string>
openFiles(const base::Paths& paths, const providers::Config& config, const base::Clock& clock);

} // namespace keybearer::broker
