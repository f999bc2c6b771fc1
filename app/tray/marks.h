#pragma once
/// \file
/// The signs of the timeline: one for each credential, and what is added where something was refused or is unusual.

#include <QIcon>
#include <QPainter>
#include <QPalette>

namespace keybearer::tray {

struct Mark {
    int credential = 0; ///< 0 or larger; -1: several
    bool isRefused = false;
    bool isUnusual = false;
};

/// Paints it into the square. Told apart by shape, and by colour besides: a credential has one of four shapes, what was
/// refused is crossed out, what is unusual has a ring around it.
void paintMark(QPainter& painter, const QRectF& square, const Mark& mark, const QPalette& palette);
/// The same, for lists; in the application's colours.
[[nodiscard]] QIcon markIcon(const Mark& mark);

/// Of the pages.
[[nodiscard]] QIcon activityIcon();
[[nodiscard]] QIcon forecastIcon();

} // namespace keybearer::tray
