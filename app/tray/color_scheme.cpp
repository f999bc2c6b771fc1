#include "app/tray/color_scheme.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>

#include <array>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr uint kPrefersDark = 1; // of the portal's color-scheme
constexpr int kMiddle = 128;     // of a lightness

struct Tone {
    QPalette::ColorRole role;
    QRgb colour;
};
constexpr std::array kTones{
    Tone{QPalette::Window, 0x2b2d30},
    Tone{QPalette::WindowText, 0xe6e6e6},
    Tone{QPalette::Base, 0x1e1f22},
    Tone{QPalette::AlternateBase, 0x26282b},
    Tone{QPalette::Text, 0xe6e6e6},
    Tone{QPalette::Button, 0x3a3c40},
    Tone{QPalette::ButtonText, 0xe6e6e6},
    Tone{QPalette::BrightText, 0xffffff},
    Tone{QPalette::ToolTipBase, 0x3a3c40},
    Tone{QPalette::ToolTipText, 0xe6e6e6},
    Tone{QPalette::Highlight, 0x0f766e},
    Tone{QPalette::HighlightedText, 0xffffff},
    Tone{QPalette::Link, 0x6cb6ff},
    Tone{QPalette::LinkVisited, 0xc4a7ff},
    Tone{QPalette::PlaceholderText, 0xa0a4aa},
    Tone{QPalette::Light, 0x4a4d52},
    Tone{QPalette::Midlight, 0x404347},
    Tone{QPalette::Mid, 0x232529},
    Tone{QPalette::Dark, 0x18191b},
    Tone{QPalette::Shadow, 0x000000},
};
constexpr QRgb kDisabled = 0x8f949b;

} // namespace

QPalette darkPalette() {
    QPalette palette;
    for (const Tone& tone : kTones) {
        palette.setColor(tone.role, QColor::fromRgb(tone.colour));
    }
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        palette.setColor(QPalette::Disabled, role, QColor::fromRgb(kDisabled));
    }
    return palette;
}

ColorScheme::ColorScheme(QObject* parent) : QObject(parent) {
    const QString service = u"org.freedesktop.portal.Desktop"_s;
    const QString path = u"/org/freedesktop/portal/desktop"_s;
    const QString interface = u"org.freedesktop.portal.Settings"_s;
    QDBusConnection bus = QDBusConnection::sessionBus();
    bus.connect(service, path, interface, u"SettingChanged"_s, this,
                SLOT(settingChanged(QString, QString, QDBusVariant)));
    QDBusMessage call = QDBusMessage::createMethodCall(service, path, interface, u"Read"_s);
    call << u"org.freedesktop.appearance"_s << u"color-scheme"_s;
    auto* watcher = new QDBusPendingCallWatcher(bus.asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, watcher] {
        watcher->deleteLater();
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (reply.isValid()) {
            settingChanged(u"org.freedesktop.appearance"_s, u"color-scheme"_s, reply.value());
        }
    });
}

void ColorScheme::settingChanged(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group != u"org.freedesktop.appearance" || key != u"color-scheme") {
        return;
    }
    QVariant inner = value.variant(); // Read() of the portal wraps it twice
    while (inner.canConvert<QDBusVariant>()) {
        inner = inner.value<QDBusVariant>().variant();
    }
    apply(inner.toUInt());
}

void ColorScheme::apply(uint scheme) {
    const bool isDark = QApplication::palette().color(QPalette::Window).lightness() < kMiddle;
    if (scheme == kPrefersDark && !isDark) {
        m_isOurs = true;
        QApplication::setPalette(darkPalette());
    } else if (scheme != kPrefersDark && m_isOurs) {
        m_isOurs = false;
        QApplication::setPalette({});
    }
}

} // namespace keybearer::tray
