/// \file
/// Any bytes as server-sent events, in any pieces: the same comes out, and within bounds.

#include "app/mcp/message.h"
#include "app/mcp/resumption.h"
#include "app/mcp/sse_parser.h"

#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace keybearer::mcp;

namespace {

std::vector<std::string> eventsIn(std::string_view bytes, std::size_t piece, std::string& lastId) {
    SseParser parser;
    std::vector<std::string> events;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        if (!parser.feed(bytes.substr(at, piece), [&](std::string data) { events.push_back(std::move(data)); })) {
            break;
        }
    }
    lastId = parser.lastEventId();
    Resumption resumption(1);
    resumption.take(parser);
    const auto pause = resumption.next({});
    if (!pause || pause->count() < 20 || pause->count() > 30'000 || resumption.next({}) ||
        resumption.lastEventId() != lastId) {
        std::abort();
    }
    return events;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::string idAtOnce;
    std::string idInPieces;
    const auto atOnce = eventsIn(bytes, size + 1, idAtOnce);
    if (atOnce != eventsIn(bytes, 1, idInPieces) || idAtOnce != idInPieces || idAtOnce.size() > kMaxEventId) {
        std::abort();
    }
    for (const std::string& one : atOnce) {
        if (one.empty() || one.size() > kMaxMessage) {
            std::abort();
        }
    }
    return 0;
}
