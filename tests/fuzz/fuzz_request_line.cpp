/// \file
/// Any bytes as a line from a client, then as the parameters of every method. What is answered is one line of JSON.

#include "ipc/protocol/message.h"
#include "ipc/protocol/methods.h"
#include "ipc/protocol/params.h"
#include "ipc/protocol/strict_json.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer::protocol;

namespace {

constexpr int kDepth = 32;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void checkAnswer(const std::string& line) {
    require(!line.empty() && line.back() == '\n' && line.find('\n') == line.size() - 1);
    const auto answer = parseStrictJson(std::string_view(line).substr(0, line.size() - 1), kDepth);
    require(answer && answer->is_object() && answer->contains("id"));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    const auto request = parseRequest(line);
    if (!request) {
        checkAnswer(encodeError(request.error().id, request.error().error));
        return 0;
    }
    require(request->params.is_object());
    for (const Method& method : methods()) {
        nlohmann::json params = request->params;
        if (const auto checked = Params::check(method, std::move(params)); !checked) {
            checkAnswer(encodeError(request->id, checked.error()));
        }
    }
    checkAnswer(encodeResult(request->id, nlohmann::json::object()));
    return 0;
}
