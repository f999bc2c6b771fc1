/// \file
/// Any words as the command line of any interpreter, the first being its name. Besides not crashing: a path is one of
/// the words, and stands there only for a script; what was cut off is never taken for its end.

#include "daemon/identity/interpreter.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

using namespace keybearer::identity;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<std::string> words;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find_first_of(std::string_view("\0\n", 2)));
        text.remove_prefix(std::min(word.size() + 1, text.size()));
        words.emplace_back(word);
    }
    const Interpreter* row = words.empty() ? nullptr : findInterpreter(words.front());
    if (row == nullptr) {
        return 0;
    }
    const Code whole = codeOf(*row, words, false);
    const Code cut = codeOf(*row, words, true);
    require((whole.from == CodeFrom::File) == !whole.path.empty());
    require(whole.path.empty() || std::find(words.begin() + 1, words.end(), whole.path) != words.end());
    require(row->kind != Interpreter::Kind::Opaque || whole.from == CodeFrom::Unknown);
    require(cut.from != CodeFrom::Nothing && (cut.from != CodeFrom::File || cut.path == whole.path));
    return 0;
}
