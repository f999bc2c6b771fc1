#pragma once
/// \file
/// A page of the main window.

#include "app/model/broker_state.h"

#include <QIcon>
#include <QUrl>
#include <QWidget>

namespace keybearer::tray {

/// Main thread; owned by the main window. The broker's state outlives it.
class Page : public QWidget {
    Q_OBJECT
public:
    explicit Page(model::BrokerState& state, QWidget* parent = nullptr) : QWidget(parent), m_state(state) {}

    /// Asks the broker for what the page shows; called when the page comes into view, and, while it is in view, when
    /// something has changed or the connection is back.
    virtual void refresh() = 0;
    /// Shows nothing: there is no connection, or the broker is locked.
    virtual void clear() = 0;

protected:
    [[nodiscard]] model::BrokerState& state() const noexcept { return m_state; }
    [[nodiscard]] model::BrokerLink& link() const noexcept { return m_state.link(); }
    /// Shows what went wrong in a line above the pages.
    void report(const client::Error& error) { Q_EMIT failed(error); }

Q_SIGNALS:
    void failed(const client::Error& error);
    /// The person wants to sign in: to a provider, for an account; empty: to choose.
    void signInWanted(const QString& provider, const QString& account);
    void unlockWanted();
    /// The person wants to see this in the browser.
    void browserWanted(const QUrl& url);

private:
    model::BrokerState& m_state;
};

} // namespace keybearer::tray
