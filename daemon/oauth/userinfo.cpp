#include "daemon/oauth/userinfo.h"

#include "daemon/oauth/server_json.h"
#include "ipc/base/text.h"

namespace keybearer::oauth {
namespace {

constexpr std::size_t kMaxLabelBytes = 200;

std::string textOf(const nlohmann::json& object, const char* name) {
    const nlohmann::json& value = memberOrNull(object, name);
    return value.is_string() ? base::printable(value.get<std::string>(), kMaxLabelBytes) : std::string();
}

} // namespace

Result<IdTokenClaims> parseUserinfo(std::string_view json, std::string_view subject) {
    const auto object = parseServerObject(json, "its userinfo");
    if (!object) {
        return base::fail(object.error());
    }
    const nlohmann::json& sub = memberOrNull(*object, "sub");
    if (!sub.is_string() || sub.get<std::string>() != subject) {
        return base::fail(Error{ErrorKind::Rejected, "its userinfo is about another subject"});
    }
    return IdTokenClaims{std::string(subject), textOf(*object, "email"), textOf(*object, "preferred_username"),
                         textOf(*object, "name")};
}

} // namespace keybearer::oauth
