#include "app/tray/client_icons.h"

#include "app/tray/icons.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QHash>
#include <QStandardPaths>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr qint64 kMostOfAnEntry = 65536;
constexpr int kMostEntries = 5000;

/// Icon names by the path of the program; read once.
const QHash<QString, QString>& systemIcons() {
    static const QHash<QString, QString> kIcons = [] {
        QHash<QString, QString> icons;
        int read = 0;
        QStringList folders = QStandardPaths::standardLocations(QStandardPaths::ApplicationsLocation);
        folders.removeAll(QStandardPaths::writableLocation(QStandardPaths::ApplicationsLocation));
        for (const QString& folder : std::as_const(folders)) {
            const QFileInfoList entries = QDir(folder).entryInfoList({u"*.desktop"_s}, QDir::Files);
            for (const QFileInfo& entry : entries) {
                QFile file(entry.filePath());
                if (++read > kMostEntries || !file.open(QIODevice::ReadOnly)) {
                    continue;
                }
                const QByteArray text = file.read(kMostOfAnEntry);
                const QString program = programOfExec(desktopEntryValue(text, "Exec"));
                const QString path = program.startsWith(u'/') ? program : QStandardPaths::findExecutable(program);
                const QString icon = desktopEntryValue(text, "Icon");
                if (!path.isEmpty() && !icon.isEmpty() && !icons.contains(path)) {
                    icons.insert(QFileInfo(path).canonicalFilePath(), icon);
                }
            }
        }
        return icons;
    }();
    return kIcons;
}

} // namespace

QString desktopEntryValue(const QByteArray& entry, const QByteArray& key) {
    bool isInGroup = false;
    const QList<QByteArray> lines = entry.split('\n');
    for (const QByteArray& line : lines) {
        if (line.startsWith('[')) {
            isInGroup = line.trimmed() == "[Desktop Entry]";
            continue;
        }
        const qsizetype equals = line.indexOf('=');
        if (isInGroup && equals > 0 && line.left(equals).trimmed() == key) {
            return QString::fromUtf8(line.mid(equals + 1).trimmed());
        }
    }
    return {};
}

QString programOfExec(const QString& exec) {
    if (!exec.startsWith(u'"')) {
        return exec.section(u' ', 0, 0);
    }
    QString program;
    for (qsizetype i = 1; i < exec.size() && exec[i] != u'"'; ++i) {
        if (exec[i] == u'\\' && i + 1 < exec.size()) {
            ++i;
        }
        program += exec[i];
    }
    return program;
}

QIcon clientIcon(const QString& path, const QString& name) {
    const QString icon = path.isEmpty() ? QString() : systemIcons().value(path);
    const QIcon found = icon.startsWith(u'/') ? QIcon(icon) : QIcon::fromTheme(icon);
    return found.availableSizes().isEmpty() ? letterIcon(name) : found;
}

} // namespace keybearer::tray
