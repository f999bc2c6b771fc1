/// \file
/// Any lines as the words of a client. What is one is written as the same words again.

#include "daemon/access/client_words.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer::access;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<std::string> words(1);
    for (const char letter : std::string_view(reinterpret_cast<const char*>(data), size)) {
        if (letter == '\n') {
            words.emplace_back();
        } else {
            words.back().push_back(letter);
        }
    }
    const auto client = clientFromWords(words);
    if (client && wordsOf(*client) != words) {
        std::abort();
    }
    return 0;
}
