#include "daemon/rpc/settings.h"

#include "ipc/base/private_file.h"
#include "ipc/base/text.h"
#include "ipc/protocol/strict_json.h"

#include <algorithm>

namespace keybearer::rpc {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxSettingsBytes = 4096;
constexpr int kMaxSettingsDepth = 2;
/// Another setting, or value of one, is another version; files from before there was one have this.
constexpr int kSettingsVersion = 1;

constexpr std::array<std::string_view, 4> kShadowChoices{"allow", "warn", "ask", "deny"};
constexpr std::array<std::string_view, 2> kFlagValues{"true", "false"};
constexpr std::array<Settings::Description, kSettingCount> kSettings{{
    {"resolution.shadow", kShadowChoices, "warn"},
    {"lock.on_screen_lock", {}, "false"},
    {"lock.on_suspend", {}, "false"},
    {"lock.keyring", {}, "false"},
}};

std::optional<std::size_t> indexOf(std::string_view name) {
    const auto* const found = std::ranges::find(kSettings, name, &Settings::Description::name);
    return found == kSettings.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - kSettings.begin()));
}

bool canBe(const Settings::Description& setting, std::string_view value) {
    const std::span<const std::string_view> values = setting.choices.empty() ? kFlagValues : setting.choices;
    return std::ranges::find(values, value) != values.end();
}

/// `"a", "b" or "c"`.
std::string listed(std::span<const std::string_view> words) {
    std::string text;
    for (const std::string_view& word : words) {
        text.append(text.empty() ? "" : &word == &words.back() ? " or " : ", ");
        text.append("\"").append(word).append("\"");
    }
    return text;
}

std::optional<std::string> flagText(std::optional<bool> flag) {
    return flag ? std::optional<std::string>(*flag ? "true" : "false") : std::nullopt;
}

/// The problem, empty when there is none.
std::string readSettings(std::string_view text, std::array<std::optional<std::string>, kSettingCount>& values) {
    const auto document = protocol::parseStrictJson(text, kMaxSettingsDepth);
    if (!document || !document->is_object()) {
        return "is no list of settings";
    }
    for (const auto& [name, member] : document->items()) {
        if (name == "version" && member.is_number_unsigned()) {
            continue; // a newer one has been refused before
        }
        const auto index = indexOf(name);
        const std::string value = member.is_string() ? member.get<std::string>() : std::string();
        if (!index || !canBe(kSettings.at(*index), value)) {
            return "has a setting that is not known here, or cannot have its value: " + base::printable(name, 64);
        }
        values.at(*index) = value;
    }
    return {};
}

} // namespace

std::span<const Settings::Description, kSettingCount> Settings::descriptions() {
    return kSettings;
}

base::Result<Settings, std::string> Settings::open(const std::string& folder, const providers::Config& config) {
    Settings settings;
    settings.m_path = folder + "/settings.json";
    settings.m_configured = {config.shadow.empty() ? std::nullopt : std::optional(config.shadow),
                             flagText(config.lockWithScreen), flagText(config.lockOnSuspend),
                             flagText(config.lockKeyring)};
    const auto text = base::readPrivateFile(settings.m_path, kMaxSettingsBytes);
    if (!text) {
        return base::fail(text.error());
    }
    if (*text) {
        if (const std::string problem = readSettings((*text)->reveal(), settings.m_stored); !problem.empty()) {
            return base::fail(settings.m_path + " " + problem + "; remove it to go back to the defaults");
        }
    }
    return settings;
}

std::string_view Settings::value(Setting setting) const {
    const auto index = static_cast<std::size_t>(setting);
    const auto& configured = m_configured.at(index);
    const auto& stored = m_stored.at(index);
    return configured ? std::string_view(*configured) : stored ? std::string_view(*stored) : kSettings.at(index).preset;
}

ShadowRule Settings::shadow() const {
    const std::string_view rule = value(Setting::Shadow);
    return rule == "allow" ? ShadowRule::Allow : rule == "warn" ? ShadowRule::Warn : ShadowRule::Deny;
}

std::string_view Settings::source(Setting setting) const {
    const auto index = static_cast<std::size_t>(setting);
    return m_configured.at(index) ? "config.toml" : m_stored.at(index) ? "command" : "default";
}

base::Result<void, std::string> Settings::set(std::string_view name, std::string_view value) {
    const auto index = indexOf(name);
    if (!index) {
        std::string problem = "there is no setting \"" + base::printable(std::string(name), 64) + "\"; there are";
        for (const Description& known : kSettings) {
            problem.append(" ").append(known.name);
        }
        return base::fail(std::move(problem));
    }
    const Description& setting = kSettings.at(*index);
    if (!canBe(setting, value)) {
        return base::fail("`" + std::string(name) + "` is " +
                          listed(setting.choices.empty() ? kFlagValues : setting.choices));
    }
    if (m_configured.at(*index)) {
        return base::fail("config.toml decides `" + std::string(name) + "`; change it there and restart the broker");
    }
    Values values = m_stored;
    values.at(*index) = value;
    json document{{"version", kSettingsVersion}};
    for (std::size_t i = 0; i < kSettingCount; ++i) {
        if (values.at(i)) {
            document[std::string(kSettings.at(i).name)] = *values.at(i);
        }
    }
    return base::writePrivateFile(m_path, document.dump() + "\n").map([&] { m_stored = std::move(values); });
}

} // namespace keybearer::rpc
