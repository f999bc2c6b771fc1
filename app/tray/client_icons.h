#pragma once
/// \file
/// Pictures of programs that ask.

#include <QIcon>
#include <QString>

namespace keybearer::tray {

/// The icon that the system's own menu has for the program at `path` (Desktop Entry Specification 1.5), else a tile
/// with the name's first letter. Entries of the person's own folder are passed over: any program could put one there.
[[nodiscard]] QIcon clientIcon(const QString& path, const QString& name);

/// The value of a key in the group [Desktop Entry] of a desktop entry's text; empty when it is not there. Pure.
[[nodiscard]] QString desktopEntryValue(const QByteArray& entry, const QByteArray& key);
/// The program that such an Exec line starts: its first word, without quotes. Pure.
[[nodiscard]] QString programOfExec(const QString& exec);

} // namespace keybearer::tray
