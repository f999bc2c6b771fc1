#pragma once
/// \file
/// Dark windows on a dark desktop.

#include <QDBusVariant>
#include <QObject>
#include <QPalette>
#include <QString>

namespace keybearer::tray {

/// Main thread. Qt 6.4 follows a desktop's wish for dark windows only where it has a platform theme for that desktop;
/// this asks the desktop portal (org.freedesktop.appearance, color-scheme) and changes the application's palette where
/// Qt has not done so. Never waits; nothing happens where there is no portal.
class ColorScheme : public QObject {
    Q_OBJECT
public:
    explicit ColorScheme(QObject* parent = nullptr);

private Q_SLOTS:
    void settingChanged(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void apply(uint scheme);

    bool m_isOurs = false; ///< the palette in use
};

/// Light text on dark ground: 4.5 to 1 at least, 3 to 1 for what is disabled (WCAG 2.1, 1.4.3 and 1.4.11).
[[nodiscard]] QPalette darkPalette();

} // namespace keybearer::tray
