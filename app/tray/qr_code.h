#pragma once
/// \file
/// QR codes (ISO/IEC 18004), through libqrencode.

#include <QImage>
#include <QString>

namespace keybearer::tray {

/// Black on white with the quiet zone of four modules, one pixel a module; scale it without smoothing. Null when the
/// text is empty or longer than a QR code holds.
[[nodiscard]] QImage qrCode(const QString& text);

} // namespace keybearer::tray
