#include "ipc/client/client_key.h"

#include "ipc/base/unique_fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace keybearer::client {
namespace {

constexpr std::size_t kMaxFileBytes = 64U << 10;
constexpr const char* kKeyVariable = "KEYBEARER_CLIENT_KEY";
constexpr const char* kKeyFileVariable = "KEYBEARER_CLIENT_KEY_FILE";

Error unreadable(const std::string& variable, const std::string& why) {
    return {"invalid_value", "the file that " + variable + " names " + why, nlohmann::json::object(), 2};
}

} // namespace

Result<base::Secret> readNamedFile(const std::string& variable, const std::string& path) {
    const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0) {
        return base::fail(unreadable(variable, std::string("cannot be read: ") + std::strerror(errno)));
    }
    if (!S_ISREG(info.st_mode)) {
        return base::fail(unreadable(variable, "is not a regular file"));
    }
    if ((info.st_mode & 077U) != 0) {
        return base::fail(unreadable(variable, "is open to other users; run chmod 600 on it"));
    }
    if (static_cast<std::size_t>(info.st_size) > kMaxFileBytes) {
        return base::fail(unreadable(variable, "is longer than 64 KiB"));
    }
    base::Secret content = base::Secret::ofSize(static_cast<std::size_t>(info.st_size));
    std::size_t done = 0;
    while (done < content.size()) {
        const ssize_t got = ::read(fd.get(), content.mutableBytes().data() + done, content.size() - done);
        if (got <= 0 && !(got < 0 && errno == EINTR)) {
            return base::fail(unreadable(variable, "changed while it was read"));
        }
        done += got > 0 ? static_cast<std::size_t>(got) : 0;
    }
    std::string_view text = content.reveal();
    while (text.ends_with('\n') || text.ends_with('\r')) {
        text.remove_suffix(1);
    }
    return base::Secret(text);
}

Result<std::optional<base::Secret>> clientKeyOf(const base::Environment& environment) {
    if (auto key = environment(kKeyVariable); key && !key->empty()) {
        return base::Secret::absorb(std::move(*key));
    }
    const auto path = environment(kKeyFileVariable);
    if (!path || path->empty()) {
        return std::nullopt;
    }
    auto key = readNamedFile(kKeyFileVariable, *path);
    if (!key) {
        return base::fail(std::move(key.error()));
    }
    return std::move(*key);
}

} // namespace keybearer::client
