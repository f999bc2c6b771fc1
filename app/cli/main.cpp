#include "app/cli/app.h"
#include "app/cli/failure.h"
#include "app/common/core_dumps.h"

#include <exception>

int main(int argc, char** argv) {
    keybearer::common::refuseCoreDumps();
    try {
        return keybearer::cli::run({argv, static_cast<std::size_t>(argc)});
    } catch (const std::exception& error) {
        // Memory ran out, or a library broke its word; neither has a place in a Result.
        return keybearer::cli::report(keybearer::cli::failure("internal", error.what(), 1), false);
    }
}
