#include "daemon/rpc/handlers.h"

namespace keybearer::rpc {
namespace {

using nlohmann::json;

json settingJson(const Settings& settings, Setting setting) {
    const Settings::Description& description = Settings::descriptions()[static_cast<std::size_t>(setting)];
    const bool isFlag = description.choices.empty();
    return json{{"name", description.name},
                {"value", isFlag ? json(settings.isOn(setting)) : json(settings.value(setting))},
                {"source", settings.source(setting)},
                {"choices", isFlag ? json() : json(description.choices)}};
}

json allSettings(const Settings& settings) {
    json all = json::array();
    for (std::size_t i = 0; i < kSettingCount; ++i) {
        all.push_back(settingJson(settings, static_cast<Setting>(i)));
    }
    return json{{"settings", std::move(all)}};
}

} // namespace

QCoro::Task<Reply> settingsGet(Services& services, Call) {
    co_return allSettings(services.settings);
}

QCoro::Task<Reply> settingsSet(Services& services, Call call) {
    const std::string name = call.params.requiredString("name");
    const std::string value = call.params.requiredString("value");
    if (const auto set = services.settings.set(name, value); !set) {
        co_return base::fail(accounts::failure(protocol::ErrorKind::InvalidValue, set.error()));
    }
    services.settingsChanged();
    co_return allSettings(services.settings);
}

} // namespace keybearer::rpc
