#pragma once
/// \file
/// Notifications through the desktop's own service (Desktop Notifications Specification 1.2).

#include <QHash>
#include <QObject>
#include <QString>

#include <functional>

namespace keybearer::tray {

struct NotificationAction {
    QString key;   ///< of Notifier's own
    QString label; ///< for the person
    std::function<void()> run;
};

struct Notification {
    QString topic; ///< a later one about the same takes its place
    QString title;
    QString text; ///< plain; markup in it is shown, not followed
    QList<NotificationAction> actions;
    std::function<void()> opened; ///< the person has clicked it
    bool isUrgent = false;
};

/// Main thread. Never waits for the service. Where there is none, `fallback` shows title and text.
class Notifier : public QObject {
    Q_OBJECT
public:
    using Fallback = std::function<void(const QString& title, const QString& text)>;
    explicit Notifier(Fallback fallback, QObject* parent = nullptr);

    void show(Notification notification);
    /// It is no longer of interest.
    void withdraw(const QString& topic);

private Q_SLOTS:
    void actionInvoked(quint32 id, const QString& key);
    void notificationClosed(quint32 id, quint32 reason);

private:
    struct Shown {
        Notification notification;
        quint32 id = 0; ///< 0: the service has not answered yet
    };

    void send(const QString& topic);
    void askCapabilities();

    Fallback m_fallback;
    QHash<QString, Shown> m_shown; ///< by topic
    bool m_takesMarkup = false;
};

} // namespace keybearer::tray
