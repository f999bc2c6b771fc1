/// \file
/// Any bytes as a packet between the broker and its helper. What is a frame is written as the same bytes again, and
/// goes one way only.

#include "daemon/spawner/frames.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

using namespace keybearer::spawner;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto toHelper = parseFrame({data, size}, Direction::ToHelper);
    const auto toBroker = parseFrame({data, size}, Direction::ToBroker);
    require(!toHelper || !toBroker);
    if (const auto& frame = toHelper ? toHelper : toBroker) {
        require(frame->words.size() <= kMaxWords);
        const auto again = encodeFrame(*frame);
        require(again && std::equal(again->begin(), again->end(), data, data + size));
    }
    return 0;
}
