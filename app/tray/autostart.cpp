#include "app/tray/autostart.h"

#include "app/tray/client_icons.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QStandardPaths>

#include <algorithm>

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

namespace {

QString entryIn(const QString& folder) {
    return folder + u"/keybearer-tray.desktop"_s;
}

bool starts(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) && desktopEntryValue(file.read(4096), "Hidden") != u"true";
}

} // namespace

Autostart Autostart::ofThisProgram() {
    QStringList folders = QStandardPaths::standardLocations(QStandardPaths::GenericConfigLocation);
    folders.removeFirst(); // the person's own
    for (QString& folder : folders) {
        folder += u"/autostart"_s;
    }
    return {QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) + u"/autostart"_s,
            QCoreApplication::applicationFilePath(), folders};
}

QString Autostart::path() const {
    return entryIn(m_folder);
}

QString Autostart::sharedPath() const {
    const auto found = std::find_if(m_shared.begin(), m_shared.end(),
                                    [](const QString& folder) { return QFile::exists(entryIn(folder)); });
    return found == m_shared.end() ? QString() : entryIn(*found);
}

bool Autostart::isOn() const {
    return starts(QFile::exists(path()) ? path() : sharedPath());
}

bool Autostart::set(bool on) const {
    const bool isShared = starts(sharedPath());
    if (on == isShared) { // what holds without an entry of one's own
        return !QFile::exists(path()) || QFile::remove(path());
    }
    QSaveFile file(path());
    if (!QDir().mkpath(m_folder) || !file.open(QIODevice::WriteOnly)) {
        return false;
    }
    // TryExec: a session passes the entry by when the program is gone.
    const QString how = on ? u"Exec=%1 --background\nTryExec=%2\n"_s.arg(execWord(m_program),
                                                                         QString(m_program).replace(u'\\', u"\\\\"_s))
                           : u"Hidden=true\n"_s;
    file.write((u"[Desktop Entry]\nType=Application\nName=Keybearer\nIcon=keybearer-tray\n"_s + how).toUtf8());
    return file.commit();
}

} // namespace keybearer::tray
