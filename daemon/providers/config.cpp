#include "daemon/providers/config.h"

#include "daemon/providers/toml_reader.h"
#include "daemon/providers/trusted_file.h"
#include "ipc/base/ascii.h"

#include <algorithm>
#include <array>

namespace keybearer::providers {
namespace {

constexpr std::int64_t kMinLoginTimeout = 10;
constexpr std::int64_t kMaxLoginTimeout = 3600;
constexpr std::size_t kMaxVariables = 100;

/// The problem, empty when there is none.
std::string readLogin(const toml::table& table, std::string_view filename, Config& config) {
    TableReader section(table, filename, {"timeout"});
    if (const auto timeout = section.integer("timeout", "timeout = 300")) {
        if (*timeout < kMinLoginTimeout || *timeout > kMaxLoginTimeout) {
            section.refuse("timeout", "`timeout` is a number of seconds from 10 to 3600");
        }
        config.loginTimeout = std::chrono::seconds(*timeout);
    }
    return section.problem();
}

std::string readResolution(const toml::table& table, std::string_view filename, Config& config) {
    TableReader section(table, filename, {"shadow", "environment"});
    const std::string shadow = section.string("shadow", R"(shadow = "warn")");
    if (shadow == "allow") {
        config.shadow = Config::Shadow::Allow;
    } else if (shadow == "deny" || shadow == "ask") {
        config.shadow = Config::Shadow::Deny; // there is nobody yet who could be asked
    } else if (!shadow.empty() && shadow != "warn") {
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
    return section.problem();
}

struct Section {
    std::string_view name;
    std::string_view example;
    std::string (*read)(const toml::table& table, std::string_view filename, Config& config);
};
constexpr std::array kSections{Section{"login", "timeout = 300", readLogin},
                               Section{"resolution", R"(shadow = "warn")", readResolution}};

} // namespace

base::Result<Config, std::string> parseConfig(std::string_view text, std::string_view filename) {
    const auto table = parseToml(text, filename);
    if (!table) {
        return base::fail(table.error());
    }
    Config config;
    TableReader reader(*table, filename, {"policy", "login", "resolution"});
    const std::string policy = reader.string("policy", R"(policy = "allow")");
    if (!policy.empty() && policy != "allow" && policy != "deny") {
        reader.refuse("policy", R"(`policy` is "allow" or "deny")");
    }
    config.allowPrograms = policy != "deny";
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
