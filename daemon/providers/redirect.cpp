#include "daemon/providers/redirect.h"

#include "ipc/base/text.h"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace keybearer::providers {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr std::string_view kAnySegment = "/*";
constexpr std::size_t kMaxPath = 256;

bool isPathCharacter(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_' || c == '~' || c == '/';
}

/// Null, or what is wrong. A browser rewrites "//", "." and "..", and we compare paths byte by byte.
const char* pathProblem(std::string_view path) {
    if (path.empty()) {
        return "add a path: http://127.0.0.1/callback where the provider wants an exact one, else http://127.0.0.1/*";
    }
    if (path.size() > kMaxPath) {
        return "the path is too long; 256 characters are enough";
    }
    if (path.ends_with(kAnySegment)) {
        path.remove_suffix(1);
    }
    if (!std::ranges::all_of(path, isPathCharacter)) {
        return "use only letters, digits and - . _ ~ / in the path; * only as the whole last segment, and no ? or #";
    }
    if (path.find("//") != std::string_view::npos) {
        return "remove the empty segment (//) from the path";
    }
    for (std::string_view rest = path; !rest.empty();) {
        rest.remove_prefix(1);
        const std::string_view segment = rest.substr(0, rest.find('/'));
        if (segment == "." || segment == "..") {
            return "remove . and .. from the path";
        }
        rest.remove_prefix(segment.size());
    }
    return nullptr;
}

} // namespace

base::Result<Redirect, std::string> parseRedirect(std::string_view uri) {
    const auto refuse = [uri](std::string_view what) {
        std::string message = "the redirect \"";
        message += base::printable(uri, 100);
        message += "\" cannot be used: ";
        message += what;
        return base::fail(std::move(message));
    };
    if (!uri.starts_with(kScheme)) {
        return refuse("a loopback redirect begins with http:// (nobody can give this machine a certificate)");
    }
    uri.remove_prefix(kScheme.size());
    Redirect redirect;
    for (const std::string_view host : {"127.0.0.1", "[::1]", "localhost"}) {
        if (uri.starts_with(host)) {
            redirect.host = host;
        }
    }
    uri.remove_prefix(redirect.host.size());
    const bool hostEnds = uri.empty() || uri.front() == ':' || uri.front() == '/';
    if (redirect.host.empty() || !hostEnds) {
        return refuse("the host must be 127.0.0.1, [::1] or localhost");
    }
    if (uri.starts_with(':')) {
        const std::string_view digits = uri.substr(1, std::min(uri.find('/'), uri.size()) - 1);
        std::uint16_t port = 0;
        const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || digits.starts_with('0') ||
            port < kFirstRedirectPort) {
            return refuse("the port must be a number from 1024 to 65535; leave it out if the system may choose");
        }
        redirect.ports = {port};
        uri.remove_prefix(digits.size() + 1);
    }
    if (const char* problem = pathProblem(uri)) {
        return refuse(problem);
    }
    redirect.path = uri;
    return redirect;
}

std::string registrationUri(const Redirect& redirect) {
    std::string uri(kScheme);
    uri += redirect.host.empty() ? "127.0.0.1" : redirect.host;
    if (!redirect.ports.empty()) {
        uri += ":" + std::to_string(redirect.ports.front());
    }
    std::string_view path = redirect.path;
    if (path.ends_with(kAnySegment)) {
        path.remove_suffix(kAnySegment.size());
    }
    uri += path;
    return uri;
}

} // namespace keybearer::providers
