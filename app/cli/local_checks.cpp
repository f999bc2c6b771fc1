#include "app/cli/local_checks.h"

#include "ipc/base/paths.h"
#include "ipc/base/secure_dir.h"
#include "ipc/client/autostart.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace keybearer::cli {
namespace {

using nlohmann::json;

json check(const char* name, const char* result, const std::string& message, const json& fix = json()) {
    return json{{"name", name}, {"result", result}, {"message", message}, {"fix", fix}, {"mend", nullptr}};
}

json programCheck() {
    const std::string path = client::brokerPath();
    return path.empty() ? check("broker program", "fail", "keybearerd was not found beside this program",
                                "install Keybearer again; keybearer and keybearerd belong in the same folder")
                        : check("broker program", "ok", path);
}

json folderCheck(const base::Paths& paths) {
    struct stat info {};
    if (::lstat(paths.runtimeDir.c_str(), &info) != 0 && errno == ENOENT) {
        return check("socket folder", "ok", paths.runtimeDir + " does not exist yet; the broker creates it");
    }
    const auto safe = base::checkPrivateDir(paths.runtimeDir);
    return safe ? check("socket folder", "ok", paths.runtimeDir)
                : check("socket folder", "fail", safe.error(),
                        "make it a folder of your own with: chmod 700 " + paths.runtimeDir);
}

json socketCheck(const base::Paths& paths, const client::Error& whyNoBroker) {
    struct stat info {};
    if (::lstat(paths.socket.c_str(), &info) != 0) {
        return errno == ENOENT ? check("socket", "warn", paths.socket + " does not exist: no broker listens")
                               : check("socket", "fail", paths.socket + ": " + std::strerror(errno));
    }
    if (!S_ISSOCK(info.st_mode)) {
        return check("socket", "fail", paths.socket + " is not a socket", "look at it, then remove it");
    }
    return whyNoBroker.kind == "no_broker"
               ? check("socket", "warn", paths.socket + " was left behind by a broker that has ended")
               : check("socket", "ok", paths.socket);
}

} // namespace

json localChecks(const client::Error& whyNoBroker) {
    json checks = json::array();
    checks.push_back(programCheck());
    if (const auto paths = base::currentPaths()) {
        checks.push_back(folderCheck(*paths));
        checks.push_back(socketCheck(*paths, whyNoBroker));
    } else {
        checks.push_back(check("environment", "fail", paths.error()));
    }
    checks.push_back(check("broker", "fail", whyNoBroker.message));
    return checks;
}

} // namespace keybearer::cli
