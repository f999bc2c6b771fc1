#pragma once
/// \file
/// Whether the session starts the window (Desktop Application Autostart Specification 0.5).

#include <QString>

namespace keybearer::tray {

/// Main thread.
class Autostart {
public:
    /// `folder` is the person's own, as $XDG_CONFIG_HOME/autostart; it need not exist. `program` is what is started.
    Autostart(QString folder, QString program) : m_folder(std::move(folder)), m_program(std::move(program)) {}
    /// This program, in the person's own folder.
    [[nodiscard]] static Autostart ofThisProgram();

    [[nodiscard]] bool isOn() const;
    /// False when the file could not be written or removed.
    [[nodiscard]] bool set(bool on) const;

private:
    [[nodiscard]] QString path() const;

    QString m_folder;
    QString m_program;
};

/// A word of an Exec line, quoted as the Desktop Entry Specification 1.5 says. Pure.
[[nodiscard]] QString execWord(const QString& word);

} // namespace keybearer::tray
