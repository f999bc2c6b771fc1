#pragma once
/// \file
/// Whether the session starts the window (Desktop Application Autostart Specification 0.5).

#include <QString>
#include <QStringList>

namespace keybearer::tray {

/// Main thread.
class Autostart {
public:
    /// `folder` is the person's own, as $XDG_CONFIG_HOME/autostart; it need not exist. `program` is what is started.
    /// `shared` are the folders of everybody's entries, as $XDG_CONFIG_DIRS/autostart, the strongest first.
    Autostart(QString folder, QString program, QStringList shared = {})
        : m_folder(std::move(folder)), m_program(std::move(program)), m_shared(std::move(shared)) {}
    /// This program, in the person's own folder.
    [[nodiscard]] static Autostart ofThisProgram();

    [[nodiscard]] bool isOn() const;
    /// False when the file could not be written or removed.
    [[nodiscard]] bool set(bool on) const;

private:
    [[nodiscard]] QString path() const;
    /// The entry that holds where the person has none; empty: there is none.
    [[nodiscard]] QString sharedPath() const;

    QString m_folder;
    QString m_program;
    QStringList m_shared;
};

/// A word of an Exec line, quoted as the Desktop Entry Specification 1.5 says. Pure.
[[nodiscard]] QString execWord(const QString& word);

} // namespace keybearer::tray
