#include "app/tray/renewal.h"

#include <QCoreApplication>
#include <QFile>

#include <sys/stat.h>
#include <unistd.h>

#include <array>

namespace keybearer::tray {
namespace {

/// As it was when this program was started.
QByteArray installedPath() {
    return QFile::encodeName(QCoreApplication::applicationFilePath());
}

} // namespace

bool wasReplaced() {
    struct stat mine {};
    struct stat installed {};
    return ::stat("/proc/self/exe", &mine) == 0 && ::stat(installedPath().constData(), &installed) == 0 &&
           (mine.st_dev != installed.st_dev || mine.st_ino != installed.st_ino) &&
           ::access(installedPath().constData(), X_OK) == 0;
}

void becomeInstalled(bool withWindow) {
    QByteArray path = installedPath();
    QByteArray option = "--background";
    const std::array<char*, 3> arguments{path.data(), withWindow ? nullptr : option.data(), nullptr};
    // The lock, the display's connection and the bus's are closed by that, as they are marked.
    ::execv(path.constData(), arguments.data());
}

} // namespace keybearer::tray
