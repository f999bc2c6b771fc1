#include "daemon/providers/config.h"

#include "daemon/providers/toml_reader.h"
#include "daemon/providers/trusted_file.h"
#include "ipc/base/ascii.h"
#include "ipc/base/url.h"

#include <algorithm>
#include <array>

namespace keybearer::providers {
namespace {

constexpr std::int64_t kMinLoginTimeout = 10;
constexpr std::int64_t kMaxLoginTimeout = 3600;
constexpr std::int64_t kMaxCommandTimeout = 300;
constexpr std::int64_t kMaxKeepDays = 3650;
constexpr std::int64_t kMinAuditBytes = std::int64_t{1} << 20;
constexpr std::int64_t kMaxAuditBytes = std::int64_t{1} << 32;
constexpr std::size_t kMaxVariables = 100;
constexpr std::size_t kMaxLists = 200;
constexpr std::size_t kMaxSources = 16;
constexpr std::size_t kMaxSocketPath = 107; // of sockaddr_un

/// "Client Identifier" of draft-ietf-oauth-client-id-metadata-document; http, as everywhere, to a loopback host alone.
bool isClientIdDocument(std::string_view text) {
    const auto url = base::parseUrl(text);
    if (!url || url->hasQuery || url->hasFragment || url->path.size() < 2 || (!url->https && !base::isLoopback(*url))) {
        return false;
    }
    const std::string path = url->path + "/";
    return path.find("/./") == std::string::npos && path.find("/../") == std::string::npos;
}

/// The problem, empty when there is none.
std::string readLogin(const toml::table& table, std::string_view filename, Config& config) {
    TableReader section(table, filename, {"timeout", "client_id_metadata_document"});
    config.clientIdDocument = section.string("client_id_metadata_document",
                                             R"(client_id_metadata_document = "https://example.org/keybearer.json")");
    if (!config.clientIdDocument.empty() && !isClientIdDocument(config.clientIdDocument)) {
        section.refuse("client_id_metadata_document",
                       "`client_id_metadata_document` is an https URL with a path, and without query and fragment");
    }
    if (const auto timeout = section.integer("timeout", "timeout = 300")) {
        if (*timeout < kMinLoginTimeout || *timeout > kMaxLoginTimeout) {
            section.refuse("timeout", "`timeout` is a number of seconds from 10 to 3600");
        }
        config.loginTimeout = std::chrono::seconds(*timeout);
    }
    return section.problem();
}

std::string readResolution(const toml::table& table, std::string_view filename, Config& config) {
    TableReader section(table, filename, {"shadow", "environment", "command_timeout"});
    config.shadow = section.string("shadow", R"(shadow = "warn")");
    constexpr std::array<std::string_view, 5> kRules{"", "allow", "warn", "ask", "deny"};
    if (std::ranges::find(kRules, config.shadow) == kRules.end()) {
        section.refuse("shadow", R"(`shadow` is "allow", "warn", "ask" or "deny")");
    }
    for (const auto& [name, node] : section.list<std::string>("environment", R"(environment = ["OPENAI_API_KEY"])")) {
        if (name.empty() || !std::ranges::all_of(name, [](char c) { return base::isAlnum(c) || c == '_'; })) {
            section.refuseAt(node->source().begin, "an environment variable's name has letters, digits and _");
        } else if (config.brokerVariables.size() == kMaxVariables) {
            section.refuseAt(node->source().begin, "100 variables are enough; remove some");
        }
        config.brokerVariables.push_back(name);
    }
    if (const auto timeout = section.integer("command_timeout", "command_timeout = 30")) {
        if (*timeout < 1 || *timeout > kMaxCommandTimeout) {
            section.refuse("command_timeout", "`command_timeout` is a number of seconds from 1 to 300");
        }
        config.commandTimeout = std::chrono::seconds(*timeout);
    }
    return section.problem();
}

std::string readAudit(const toml::table& table, std::string_view filename, Config& config) {
    TableReader section(table, filename, {"keep_days", "max_bytes"});
    if (const auto days = section.integer("keep_days", "keep_days = 365")) {
        if (*days < 1 || *days > kMaxKeepDays) {
            section.refuse("keep_days", "`keep_days` is a number of days from 1 to 3650");
        }
        config.auditKeepDays = static_cast<int>(*days);
    }
    if (const auto bytes = section.integer("max_bytes", "max_bytes = 67108864")) {
        if (*bytes < kMinAuditBytes || *bytes > kMaxAuditBytes) {
            section.refuse("max_bytes", "`max_bytes` is a number of bytes from 1048576 (1 MiB) to 4294967296 (4 GiB)");
        }
        config.auditMaxBytes = static_cast<std::uint64_t>(*bytes);
    }
    return section.problem();
}

std::string readLock(const toml::table& table, std::string_view filename, Config& config) {
    TableReader section(table, filename, {"on_screen_lock", "on_suspend", "keyring"});
    for (const auto& [key, flag] :
         {std::pair("on_screen_lock", &config.lockWithScreen), std::pair("on_suspend", &config.lockOnSuspend),
          std::pair("keyring", &config.lockKeyring)}) {
        if (section.find(key) != nullptr) {
            *flag = section.boolean(key);
        }
    }
    return section.problem();
}

std::string readListener(const toml::table& table, std::string_view filename, Config& config) {
    TableReader section(table, filename, {"path", "any_uid"});
    constexpr const char* kExample = R"(path = "/run/user/1000/keybearer-containers/broker.sock")";
    config.listenerPath = section.string("path", kExample);
    const bool isPath = config.listenerPath.starts_with('/') && !config.listenerPath.ends_with('/') &&
                        config.listenerPath.size() <= kMaxSocketPath &&
                        std::ranges::none_of(config.listenerPath, base::isControl);
    if (!isPath) {
        section.refuse("path", std::string("`path` is the absolute path of a socket, at most 107 bytes: ") + kExample);
    }
    config.listenerAnyUser = section.boolean("any_uid");
    return section.problem();
}

std::string placeOf(const toml::source_position& place, std::string_view filename) {
    return std::string(filename) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

/// Variables are one kind of place, whether they hold a value or a path.
LocationKind placeKind(LocationKind kind) {
    return kind == LocationKind::PathFromEnv ? LocationKind::Env : kind;
}

/// One element of a list; the problem goes to the reader.
Source readSource(const toml::node& node, TableReader& section) {
    Source source;
    const auto add = [&](const toml::node& element) {
        const auto text = element.value_exact<std::string>();
        auto location = text ? parseLocation(*text)
                             : base::Result<Location, std::string>(
                                   base::fail(std::string("a location is a text like \"env::MY_KEY\"")));
        if (!location) {
            section.refuseAt(element.source().begin, location.error());
            return;
        }
        source.push_back(std::move(*location));
    };
    const toml::array* group = node.as_array();
    if (group == nullptr) {
        add(node);
        return source;
    }
    for (const toml::node& element : *group) {
        add(element);
    }
    const auto isAlike = [&](const Location& one) {
        return rowOf(one.kind).fillsAField && placeKind(one.kind) == placeKind(source.front().kind);
    };
    if (source.empty() || source.size() > kMaxSources || !std::ranges::all_of(source, isAlike)) {
        section.refuseAt(node.source().begin, "what stands in brackets together makes up one credential: 1 to 16 "
                                              "fields from one kind of place");
    }
    return source;
}

/// What a list says that only the whole of it shows.
std::string listProblem(const LocationList& list) {
    for (const Source& source : list.sources) {
        const bool isLast = &source == &list.sources.back();
        if (!isLast && !source.empty() && source.front().kind == LocationKind::None) {
            return "`none` ends a list; nothing is looked at behind it";
        }
    }
    return list.sources.empty() || list.sources.size() > kMaxSources ? "a list has 1 to 16 locations" : "";
}

std::string readLocations(const toml::table& table, std::string_view filename, Config& config) {
    const toml::table empty;
    TableReader section(empty, filename, {});
    for (const auto& [key, node] : table) {
        LocationList list;
        const std::string_view written = key.str();
        const std::size_t slash = std::min(written.find('/'), written.size());
        list.provider = written.substr(0, slash);
        list.name = written.substr(std::min(slash + 1, written.size()));
        list.place = placeOf(key.source().begin, filename);
        const toml::array* elements = node.as_array();
        if (elements == nullptr) {
            section.refuseAt(key.source().begin, R"(write a list: openai = ["env::MY_KEY", "store::"])");
            break;
        }
        for (const toml::node& element : *elements) {
            list.sources.push_back(readSource(element, section));
        }
        if (const std::string problem = listProblem(list); !problem.empty()) {
            section.refuseAt(key.source().begin, problem);
        } else if (config.locations.size() == kMaxLists) {
            section.refuseAt(key.source().begin, "200 lists are enough; remove some");
        }
        config.locations.push_back(std::move(list));
    }
    return section.problem();
}

struct Section {
    std::string_view name;
    std::string_view example;
    std::string (*read)(const toml::table& table, std::string_view filename, Config& config);
};
constexpr std::array kSections{Section{"login", "timeout = 300", readLogin},
                               Section{"resolution", R"(shadow = "warn")", readResolution},
                               Section{"audit", "keep_days = 365", readAudit},
                               Section{"lock", "on_screen_lock = true", readLock},
                               Section{"listener", R"(path = "/run/user/1000/kb/broker.sock")", readListener},
                               Section{"locations", R"(openai = ["env::MY_KEY", "store::"])", readLocations}};

} // namespace

base::Result<Config, std::string> parseConfig(std::string_view text, std::string_view filename) {
    const auto table = parseToml(text, filename);
    if (!table) {
        return base::fail(table.error());
    }
    Config config;
    TableReader reader(*table, filename,
                       {"policy", "login", "resolution", "audit", "lock", "listener", "locations", "grant"});
    config.policy = reader.string("policy", R"(policy = "ask")");
    if (!config.policy.empty() && config.policy != "ask" && config.policy != "observe" && config.policy != "allow" &&
        config.policy != "deny") {
        reader.refuse("policy", R"(`policy` is "ask", "observe", "allow" or "deny")");
    }
    if (const toml::node* grants = reader.find("grant")) {
        auto read = readGrants(*grants, filename);
        if (!read) {
            return base::fail(read.error());
        }
        config.grants = std::move(*read);
    }
    for (const Section& section : kSections) {
        const toml::node* node = reader.find(section.name);
        if (node != nullptr && !node->is_table()) {
            reader.refuse(section.name, "`" + std::string(section.name) + "` is a section; write [" +
                                            std::string(section.name) + "] on a line and " +
                                            std::string(section.example) + " on the next");
        } else if (node != nullptr) {
            reader.adopt(section.read(*node->as_table(), filename, config));
        }
    }
    if (!reader.problem().empty()) {
        return base::fail(reader.problem());
    }
    return config;
}

base::Result<Config, std::string> loadConfig(const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    const auto text = readTrustedFile(path, name);
    if (!text) {
        return base::fail(text.error());
    }
    return *text ? parseConfig(**text, name) : Config{};
}

} // namespace keybearer::providers
