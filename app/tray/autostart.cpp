#include "app/tray/autostart.h"

#include "app/tray/client_icons.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QStandardPaths>

namespace keybearer::tray {

using namespace Qt::Literals::StringLiterals;

QString execWord(const QString& word) {
    QString quoted;
    for (const QChar c : word) {
        if (u"\"`$\\"_s.contains(c)) {
            quoted += u'\\';
        }
        quoted += c;
        if (c == u'%') { // else it is a field code
            quoted += u'%';
        }
    }
    // The value is a string of its own, in which a backslash is written twice.
    return u'"' + quoted.replace(u'\\', u"\\\\"_s) + u'"';
}

Autostart Autostart::ofThisProgram() {
    return {QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) + u"/autostart"_s,
            QCoreApplication::applicationFilePath()};
}

QString Autostart::path() const {
    return m_folder + u"/keybearer-tray.desktop"_s;
}

bool Autostart::isOn() const {
    QFile file(path());
    if (!file.open(QIODevice::ReadOnly)) {
        return false;
    }
    return desktopEntryValue(file.read(4096), "Hidden") != u"true";
}

bool Autostart::set(bool on) const {
    if (!on) {
        return !QFile::exists(path()) || QFile::remove(path());
    }
    QSaveFile file(path());
    if (!QDir().mkpath(m_folder) || !file.open(QIODevice::WriteOnly)) {
        return false;
    }
    file.write((u"[Desktop Entry]\nType=Application\nName=Keybearer\nIcon=keybearer-tray\nExec=%1 --background\n"_s)
                   .arg(execWord(m_program))
                   .toUtf8());
    return file.commit();
}

} // namespace keybearer::tray
