#include "daemon/providers/config.h"

#include "daemon/providers/toml_reader.h"
#include "daemon/providers/trusted_file.h"

namespace keybearer::providers {
namespace {

constexpr std::int64_t kMinLoginTimeout = 10;
constexpr std::int64_t kMaxLoginTimeout = 3600;

} // namespace

base::Result<Config, std::string> parseConfig(std::string_view text, std::string_view filename) {
    const auto table = parseToml(text, filename);
    if (!table) {
        return base::fail(table.error());
    }
    Config config;
    TableReader reader(*table, filename, {"policy", "login"});
    const std::string policy = reader.string("policy", R"(policy = "allow")");
    if (!policy.empty() && policy != "allow" && policy != "deny") {
        reader.refuse("policy", R"(`policy` is "allow" or "deny")");
    }
    config.allowPrograms = policy != "deny";
    const toml::node* login = reader.find("login");
    if (login != nullptr && !login->is_table()) {
        reader.refuse("login", "`login` is a section; write [login] on a line and timeout = 300 on the next");
    }
    if (!reader.problem().empty()) {
        return base::fail(reader.problem());
    }
    if (login != nullptr) {
        TableReader section(*login->as_table(), filename, {"timeout"});
        if (const auto timeout = section.integer("timeout", "timeout = 300")) {
            if (*timeout < kMinLoginTimeout || *timeout > kMaxLoginTimeout) {
                section.refuse("timeout", "`timeout` is a number of seconds from 10 to 3600");
            }
            config.loginTimeout = std::chrono::seconds(*timeout);
        }
        if (!section.problem().empty()) {
            return base::fail(section.problem());
        }
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
