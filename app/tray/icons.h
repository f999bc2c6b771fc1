#pragma once
/// \file
/// The pictures of the window, painted at the size in which they are shown.

#include "app/model/broker_state.h"

#include <QIcon>
#include <QString>

#include <functional>

class QPainter;

namespace keybearer::tray {

/// The icon in the panel: a white sign on a coloured tile, so that it is told from light and dark panels alike. Each
/// mood has a shape of its own besides its colour.
[[nodiscard]] QIcon moodIcon(model::Mood mood);
/// What the mood says, in words.
[[nodiscard]] QString moodText(model::Mood mood);

/// How a check came out: "ok", "warn", "fail", as doctor.run says it; each with a shape of its own.
[[nodiscard]] QIcon resultIcon(const QString& result);
[[nodiscard]] QIcon settingsIcon();
/// The page of accounts and keys.
[[nodiscard]] QIcon keyIcon();

/// What `draw` paints in a square of 64 units, at whatever size is wanted.
[[nodiscard]] QIcon drawnIcon(std::function<void(QPainter&)> draw);
/// A page's tile, with what `draw` paints on it; the pen is white.
[[nodiscard]] QIcon pageIcon(std::function<void(QPainter&)> draw);

/// A tile with the first letter of a name: the same colour for the same name.
[[nodiscard]] QIcon letterIcon(const QString& name);

} // namespace keybearer::tray
