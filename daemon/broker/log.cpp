#include "daemon/broker/log.h"

#include "ipc/base/text.h"
#include "ipc/base/unique_fd.h"

#include <QString>
#include <QtGlobal>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace keybearer::broker {
namespace {

constexpr std::size_t kMaxLine = 2000;

void handleQtMessage(QtMsgType type, const QMessageLogContext&, const QString& message) {
    if (type != QtDebugMsg && type != QtInfoMsg) {
        logLine("qt: " + message.toStdString());
    }
}

} // namespace

base::Result<void, std::string> redirectLog(const std::string& path) {
    if (path.empty()) {
        return {};
    }
    struct stat info {};
    if (::lstat(path.c_str(), &info) == 0 && info.st_size > kMaxLogBytes) {
        std::rename(path.c_str(), (path + ".old").c_str());
    }
    const base::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd || ::dup2(fd.get(), STDERR_FILENO) < 0) {
        return base::fail("cannot open the log " + path + ": " + std::strerror(errno));
    }
    return {};
}

void installLogHandler() {
    qInstallMessageHandler(handleQtMessage);
}

void logLine(const std::string& text) {
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::array<char, 32> stamp{};
    std::strftime(stamp.data(), stamp.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    const std::string line = std::string(stamp.data()) + " keybearerd: " + base::printable(text, kMaxLine) + "\n";
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

} // namespace keybearer::broker
