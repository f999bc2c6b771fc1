#pragma once
/// \file
/// Whether somebody is there.

#include "app/model/forecast.h"

#include <QElapsedTimer>
#include <QObject>

#include <functional>

namespace keybearer::tray {

/// Main thread. It knows of keys and clicks in this program's windows, and asks the session's manager (logind's
/// IdleHint, LockedHint and Active: org.freedesktop.login1(5)) about the rest.
class PresenceWatch : public QObject {
    Q_OBJECT
public:
    using Answer = std::function<void(const model::Presence&)>;

    /// Watches the application's input from now on.
    explicit PresenceWatch(QObject* parent = nullptr);

    /// Never waits: `answer` comes later, once, and not at all when this has gone by then.
    void ask(Answer answer);

Q_SIGNALS:
    /// Somebody used one of our windows, for the first time in a while.
    void cameBack();

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    QElapsedTimer m_sinceInput;
};

} // namespace keybearer::tray
