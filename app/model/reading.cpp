#include "app/model/reading.h"

#include "app/common/shown.h"

namespace keybearer::model {
namespace {

using nlohmann::json;

const json* memberOf(const json& object, const char* name) {
    const auto found = object.find(name);
    return object.is_object() && found != object.end() ? &*found : nullptr;
}

} // namespace

QString shownText(std::string_view text) {
    return QString::fromStdString(common::shown(text));
}

QString textOf(const json& object, const char* name) {
    return shownText(exactOf(object, name));
}

std::string exactOf(const json& object, const char* name) {
    const json* member = memberOf(object, name);
    return member != nullptr && member->is_string() ? member->get<std::string>() : std::string();
}

std::optional<std::int64_t> numberOf(const json& object, const char* name) {
    const json* member = memberOf(object, name);
    return member != nullptr && member->is_number_integer() ? std::optional(member->get<std::int64_t>()) : std::nullopt;
}

bool isTrue(const json& object, const char* name) {
    const json* member = memberOf(object, name);
    return member != nullptr && *member == true;
}

const json& listOf(const json& object, const char* name) {
    static const json kNone = json::array();
    const json* member = memberOf(object, name);
    return member != nullptr && member->is_array() ? *member : kNone;
}

const json& objectOf(const json& object, const char* name) {
    static const json kNone = json::object();
    const json* member = memberOf(object, name);
    return member != nullptr && member->is_object() ? *member : kNone;
}

QStringList textsOf(const json& object, const char* name) {
    QStringList texts;
    for (const json& member : listOf(object, name)) {
        if (member.is_string()) {
            texts << shownText(member.get_ref<const std::string&>());
        }
    }
    return texts;
}

} // namespace keybearer::model
