/// \file
/// How long whole processes take, in turns.
///
///   bench-spawn ROUNDS PROGRAM [ARGUMENT...] [-- PROGRAM [ARGUMENT...]]...
///
/// One line of JSON: for each program the median and the 99th percentile in microseconds. Output goes to /dev/null.

#include "tests/bench/bench.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <chrono>

extern char** environ;

int main(int argc, char** argv) {
    using Clock = std::chrono::steady_clock;
    if (argc < 3) {
        bench::die("usage: bench-spawn ROUNDS PROGRAM ...");
    }
    std::vector<std::vector<char*>> programs(1);
    for (int i = 2; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--") {
            programs.emplace_back();
        } else {
            programs.back().push_back(argv[i]);
        }
    }
    std::vector<std::vector<double>> micros(programs.size());
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    for (auto& program : programs) {
        program.push_back(nullptr);
    }
    for (long round = std::stol(argv[1]); round > 0; --round) {
        for (std::size_t i = 0; i < programs.size(); ++i) {
            const auto begin = Clock::now();
            pid_t pid = 0;
            int status = 0;
            if (::posix_spawnp(&pid, programs[i][0], &actions, nullptr, programs[i].data(), environ) != 0 ||
                ::waitpid(pid, &status, 0) != pid || status != 0) {
                bench::die(programs[i][0]);
            }
            micros[i].push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
        }
    }
    std::printf("[");
    for (std::size_t i = 0; i < programs.size(); ++i) {
        std::printf("%s{\"p50_us\": %.1f, \"p99_us\": %.1f}", i == 0 ? "" : ", ", bench::percentile(micros[i], 0.5),
                    bench::percentile(micros[i], 0.99));
    }
    std::puts("]");
}
