#include "ipc/base/paths.h"

#include <pwd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

namespace keybearer::base {
namespace {

constexpr std::size_t kSocketPathMax = sizeof(sockaddr_un::sun_path) - 1;

std::string joined(const std::string& folder, const char* rest) {
    return folder + (folder.back() == '/' ? "" : "/") + rest;
}

} // namespace

Environment processEnvironment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        if (value == nullptr || *value == '\0') {
            return std::nullopt;
        }
        return std::string(value);
    };
}

Result<Paths, std::string> resolvePaths(const Environment& environment, unsigned uid, bool runUserExists) {
    for (const char* name : {"KEYBEARER_SOCKET", "KEYBEARER_HOME"}) {
        const auto value = environment(name);
        if (value && value->front() != '/') {
            return fail(std::string(name) + " must be an absolute path");
        }
    }
    // The XDG specification tells programs to ignore relative values rather than to fail.
    const auto absolute = [&](const char* name) {
        auto value = environment(name);
        return value && value->front() == '/' ? value : std::nullopt;
    };

    Paths paths;
    if (const auto home = environment("KEYBEARER_HOME")) {
        paths.config = joined(*home, "config");
        paths.data = joined(*home, "data");
        paths.state = joined(*home, "state");
        paths.runtimeDir = joined(*home, "run");
    } else {
        const auto userHome = absolute("HOME");
        if (!userHome) {
            return fail(std::string("HOME is not set to an absolute path; set HOME or KEYBEARER_HOME"));
        }
        const auto under = [&](const char* variable, const char* standard) {
            const auto value = absolute(variable);
            return joined(value ? *value : joined(*userHome, standard), "keybearer");
        };
        paths.config = under("XDG_CONFIG_HOME", ".config");
        paths.data = under("XDG_DATA_HOME", ".local/share");
        paths.state = under("XDG_STATE_HOME", ".local/state");
        if (const auto runtime = absolute("XDG_RUNTIME_DIR")) {
            paths.runtimeDir = joined(*runtime, "keybearer");
        } else if (runUserExists) {
            paths.runtimeDir = "/run/user/" + std::to_string(uid) + "/keybearer";
        } else {
            paths.runtimeDir = joined(*userHome, ".local/state/keybearer/run");
        }
    }
    paths.socket = joined(paths.runtimeDir, "broker.sock");
    if (const auto socket = environment("KEYBEARER_SOCKET")) {
        paths.socket = *socket;
        const auto slash = socket->rfind('/');
        paths.runtimeDir = slash == 0 ? "/" : socket->substr(0, slash);
    }
    if (paths.socket.size() > kSocketPathMax) {
        return fail("the socket path is " + std::to_string(paths.socket.size()) + " bytes long and the system allows " +
                    std::to_string(kSocketPathMax) + "; set KEYBEARER_SOCKET to a shorter one: " + paths.socket);
    }
    return paths;
}

Result<Paths, std::string> currentPaths() {
    const unsigned uid = ::geteuid();
    struct stat info {};
    const std::string runUser = "/run/user/" + std::to_string(uid);
    const bool exists = ::lstat(runUser.c_str(), &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == uid;
    Environment environment = processEnvironment();
    if (!environment("HOME")) {
        // cron and some service managers start programs without HOME.
        if (const passwd* entry = ::getpwuid(uid);
            entry != nullptr && entry->pw_dir != nullptr && *entry->pw_dir != '\0') {
            const std::string home = entry->pw_dir;
            environment = [environment, home](const std::string& name) {
                return name == "HOME" ? std::optional<std::string>(home) : environment(name);
            };
        }
    }
    return resolvePaths(environment, uid, exists);
}

} // namespace keybearer::base
