#include "daemon/providers/configured_grant.h"

#include "daemon/providers/toml_reader.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace keybearer::providers {
namespace {

constexpr std::array<const char*, 4> kClientKeys{"program", "script", "terminal", "sandboxed"};
constexpr std::size_t kMaxGrantWord = 4096;
constexpr std::int64_t kMostPerMinute = 100'000;
constexpr std::size_t kSha256Digits = 64;

std::string grantPlace(const toml::node& node, std::string_view filename) {
    const toml::source_position begin = node.source().begin;
    return std::string(filename) + ":" + std::to_string(begin.line) + ":" + std::to_string(begin.column);
}

std::vector<std::string> wordsOf(TableReader& reader, std::string_view key, std::string_view example) {
    std::vector<std::string> out;
    for (const auto& [word, node] : reader.list<std::string>(key, example)) {
        if (word.empty() || word.size() > kMaxGrantWord) {
            reader.refuseAt(node->source().begin, "write each one as a text of its own");
        }
        out.push_back(word);
    }
    return out;
}

/// The last second of the day.
std::int64_t endOf(const toml::date& day) {
    using namespace std::chrono;
    const sys_days date = year_month_day(year(day.year), month(day.month), std::chrono::day(day.day));
    return duration_cast<seconds>((date + days(1)).time_since_epoch()).count() - 1;
}

bool isHexDigest(std::string_view text) {
    return text.size() == kSha256Digits &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

void readClient(TableReader& reader, const toml::table& table, ConfiguredGrant& grant) {
    for (const char* key : kClientKeys) {
        const std::string path = reader.string(key, R"(program = "/usr/bin/curl")");
        if (path.empty()) {
            continue;
        }
        if (!grant.kind.empty()) {
            reader.refuse(key, "a grant is for one program; write another [[grant]] for the next");
        } else if (path.size() > kMaxGrantWord || (path.front() != '/' && std::string_view(key) != "sandboxed")) {
            reader.refuse(key, std::string("write the whole path: ") + key + R"( = "/usr/bin/curl")");
        }
        grant.kind = key;
        grant.path = path;
    }
    if (grant.kind.empty()) {
        reader.refuseAt(table.source().begin, R"(say for which program: program = "/usr/bin/curl")");
    }
}

ConfiguredGrant readOne(TableReader& reader, const toml::table& table) {
    ConfiguredGrant grant;
    readClient(reader, table, grant);
    grant.sha256 = reader.string("sha256", R"(sha256 = "...")");
    if (!grant.sha256.empty() && !isHexDigest(grant.sha256)) {
        reader.refuse("sha256", "it is 64 digits of 0-9 and a-f: what sha256sum prints");
    }
    grant.credential = reader.string("credential", R"(credential = "account:work")");
    if (grant.credential.empty()) {
        reader.refuseAt(table.source().begin, R"(say what it may have: credential = "account:work")");
    }
    grant.scopes = wordsOf(reader, "scopes", R"(scopes = ["read"])");
    grant.audience = reader.string("audience", R"(audience = "reports")");
    grant.fields = wordsOf(reader, "fields", R"(fields = ["api_key"])");
    if (const auto rate = reader.integer("per_minute", "per_minute = 10")) {
        if (*rate < 1 || *rate > kMostPerMinute) {
            reader.refuse("per_minute", "`per_minute` is a number from 1 to 100000");
        }
        grant.perMinute = *rate;
    }
    if (const toml::node* until = reader.find("until")) {
        const auto* day = until->as_date();
        if (day == nullptr) {
            reader.refuse("until", "write the last day: until = 2030-12-31");
        } else {
            grant.until = endOf(day->get());
        }
    }
    return grant;
}

} // namespace

base::Result<std::vector<ConfiguredGrant>, std::string> readGrants(const toml::node& node, std::string_view filename) {
    const toml::array* sections = node.as_array();
    std::vector<ConfiguredGrant> grants;
    if (sections == nullptr || sections->size() > kMaxConfiguredGrants) {
        return base::fail(grantPlace(node, filename) + (sections == nullptr ? ": write [[grant]], with two brackets"
                                                                            : ": 200 grants are enough; remove some"));
    }
    for (const toml::node& element : *sections) {
        const toml::table* table = element.as_table();
        if (table == nullptr) {
            return base::fail(grantPlace(element, filename) + ": write [[grant]] on a line of its own");
        }
        TableReader reader(*table, filename,
                           {"program", "script", "terminal", "sandboxed", "sha256", "credential", "scopes", "audience",
                            "fields", "per_minute", "until"});
        grants.push_back(readOne(reader, *table));
        grants.back().place = grantPlace(element, filename);
        if (!reader.problem().empty()) {
            return base::fail(reader.problem());
        }
    }
    return grants;
}

} // namespace keybearer::providers
