/// \file
/// Any bytes as WWW-Authenticate: what comes out is bounded and can be shown.

#include "ipc/base/ascii.h"
#include "ipc/base/challenge.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace keybearer::base;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

bool isShowable(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return isVisible(c) || c == ' '; });
}

bool isTokenScheme(const std::string& scheme) {
    return scheme == "dpop" || scheme == "bearer";
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view header(reinterpret_cast<const char*>(data), size);
    const auto all = parseChallenges(header);
    const auto forTokens = findTokenChallenge(header, "error");
    require(!forTokens || (all && forTokens->parameter("error") != nullptr && isTokenScheme(forTokens->scheme)));
    require(all || !wantsBoundTokens(header));
    if (!all) {
        return 0;
    }
    require(all->size() <= kMaxChallenges);
    for (const Challenge& one : *all) {
        require(!one.scheme.empty() && isShowable(one.scheme) && one.parameters.size() <= kMaxChallengeParameters);
        for (const auto& [name, value] : one.parameters) {
            require(!name.empty() && isShowable(name) && isShowable(value) && one.parameter(name) == &value);
        }
    }
    return 0;
}
