#include "app/tray/qr_code.h"

#include <qrencode.h>

#include <memory>

namespace keybearer::tray {

QImage qrCode(const QString& text) {
    constexpr int kQuiet = 4; // modules around it (ISO/IEC 18004, 5.3.8)
    const QByteArray bytes = text.toUtf8();
    if (bytes.isEmpty()) {
        return {};
    }
    const std::unique_ptr<QRcode, void (*)(QRcode*)> code(QRcode_encodeString8bit(bytes.constData(), 0, QR_ECLEVEL_M),
                                                          QRcode_free);
    if (!code) {
        return {};
    }
    QImage image(code->width + 2 * kQuiet, code->width + 2 * kQuiet, QImage::Format_Grayscale8);
    image.fill(Qt::white);
    for (int y = 0; y < code->width; ++y) {
        for (int x = 0; x < code->width; ++x) {
            const bool isBlack = (code->data[y * code->width + x] & 1U) != 0;
            image.setPixel(x + kQuiet, y + kQuiet, isBlack ? qRgb(0, 0, 0) : qRgb(255, 255, 255));
        }
    }
    return image;
}

} // namespace keybearer::tray
