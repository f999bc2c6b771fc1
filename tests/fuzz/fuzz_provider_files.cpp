/// \file
/// Any bytes as a provider profile, as config.toml and as a redirect URI. Besides not crashing: errors name the file,
/// and what is accepted keeps its promises.

#include "daemon/providers/config.h"
#include "daemon/providers/profile_file.h"
#include "daemon/providers/redirect.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer::providers;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto profile = parseProfile(text, "p.toml")) {
        require(!profile->id.empty() && !profile->displayName.empty() && profile->redirect.path.starts_with('/'));
        const bool signsIn = profile->issuer.starts_with("https://") || profile->issuer.starts_with("http://");
        require(signsIn || (profile->issuer.empty() && !profile->fields.empty()));
        for (const Field& field : profile->fields) {
            require(profile->field(field.name) == &field);
            require(field.defaultValue.empty() || (!field.secret && !problemWith(field, field.defaultValue)));
        }
    } else {
        require(profile.error().starts_with("p.toml:"));
    }
    // Whatever a person's own profile says on top of a good one, the result keeps the same promises.
    constexpr const char* kGood = "id = 'good'\nneeds = [['key']]\n[fields.key]\ntype = 'token'\nsecret = true\n";
    if (const auto own = parseProfile(text, "p.toml", {kGood})) {
        require(own->field("key") != nullptr && !profileHead(text).extends.empty());
    } else {
        require(own.error().starts_with("p.toml:"));
    }
    if (const auto config = parseConfig(text, "config.toml")) {
        require(config->loginTimeout.count() >= 10 && config->loginTimeout.count() <= 3600);
    } else {
        require(config.error().starts_with("config.toml:"));
    }
    if (const auto redirect = parseRedirect(text)) {
        // What a person is told to register means the same redirect again.
        const auto path = registrationUri(*redirect);
        require(path.starts_with("http://") && path.find('*') == std::string::npos);
    }
    return 0;
}
