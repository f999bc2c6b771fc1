#include "app/cli/app.h"
#include "app/cli/failure.h"

#include <sys/resource.h>

#include <exception>

namespace {

/// Tokens pass through this process: no core dump of it.
void harden() {
    rlimit none{};
    if (::getrlimit(RLIMIT_CORE, &none) == 0) {
        none.rlim_cur = 0;
        ::setrlimit(RLIMIT_CORE, &none);
    }
    // Dumpable it stays: the broker could not see which program asks (/proc/PID/exe), and whoever could read this
    // process's memory can ask the broker itself.
}

} // namespace

int main(int argc, char** argv) {
    harden();
    try {
        return keybearer::cli::run({argv, static_cast<std::size_t>(argc)});
    } catch (const std::exception& error) {
        // Memory ran out, or a library broke its word; neither has a place in a Result.
        return keybearer::cli::report(keybearer::cli::failure("internal", error.what(), 1), false);
    }
}
