/// \file
/// Any bytes to the loopback receiver's parser and judge. Besides not crashing: limits hold, a refusal stays a refusal
/// however the bytes arrive, and nothing is believed without the right state.

#include "daemon/oauth/callback_request.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer::oauth;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void checkPrefixes(std::string_view bytes, RequestState whole) {
    // Every cut of a short input, and some of a long one.
    const std::size_t step = bytes.size() / 64 + 1;
    for (std::size_t size = 0; size < bytes.size(); size += step) {
        const RequestState part = parseCallbackRequest(bytes.substr(0, size)).state;
        require(part == RequestState::NeedMore || part == whole);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const CallbackRequest request = parseCallbackRequest(bytes);
    checkPrefixes(bytes, request.state);
    if (request.state != RequestState::Complete) {
        require(request.state == RequestState::NeedMore || request.status >= 400);
        require(judgeCallback(request, {}).kind == CallbackVerdict::Kind::Stray);
        return 0;
    }
    require(request.method == "GET" && request.fields.size() <= kMaxHeaderFields);
    require(request.path.size() + request.query.size() <= kMaxRequestLine);

    const CallbackExpectation expected{"127.0.0.1:8400", "/cb", "STATE", "https://as.example", true};
    const CallbackVerdict verdict = judgeCallback(request, expected);
    if (verdict.kind == CallbackVerdict::Kind::Stray) {
        require(verdict.status >= 400 && verdict.code.empty() && verdict.error.empty());
    } else {
        require(request.path == "/cb");
        require(verdict.kind != CallbackVerdict::Kind::Code || (!verdict.code.empty() && verdict.error.empty()));
        require(verdict.kind != CallbackVerdict::Kind::Error || (verdict.code.empty() && !verdict.error.empty()));
    }
    require(verdict.errorDescription.size() <= 200);
    const CallbackExpectation noState{"127.0.0.1:8400", "/cb", "", "https://as.example", false};
    require(judgeCallback(request, noState).kind == CallbackVerdict::Kind::Stray);
    const CallbackExpectation byPath{"127.0.0.1:8400", "/cb", "", "", false, true};
    const CallbackVerdict proven = judgeCallback(request, byPath);
    require(proven.kind == CallbackVerdict::Kind::Stray || request.path == "/cb");
    return 0;
}
