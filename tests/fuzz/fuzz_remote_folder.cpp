/// \file
/// Any bytes as the line in which another machine names a folder. What is taken is one word of a shell, and one part of
/// what ssh -R takes, wherever it stands.

#include "app/cli/forward_plan.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    const auto folder = keybearer::cli::remoteFolderIn(line);
    if (!folder) {
        return 0;
    }
    // A socket's path has 107 bytes, and "/broker.sock" follows.
    if (!line.ends_with(*folder) || folder->front() != '/' || folder->size() > 107 - 12) {
        std::abort();
    }
    for (const char c : *folder) {
        if (c <= ' ' || c > '~' || std::strchr("\"'`$\\;&|<>(){}[]*?!#~=%:,^@+", c) != nullptr) {
            std::abort();
        }
    }
    return 0;
}
