#pragma once
/// \file
/// One gentle notice about what ends soon, while the person is there.

#include "app/model/broker_state.h"
#include "app/model/forecast.h"

#include <QElapsedTimer>
#include <QPointer>
#include <QSettings>
#include <QTimer>

#include <functional>

namespace keybearer::tray {

/// Main thread. It considers it when something has changed, when the person comes back to one of our windows, and once
/// an hour. It asks the broker only while somebody is there and nothing was told today, and once an hour at most. What
/// was told is remembered, so that each thing is told once for each end.
class ExpiryNotice : public QObject {
    Q_OBJECT
public:
    /// Asks whether somebody is there; the answer comes later.
    using AskPresence = std::function<void(std::function<void(const model::Presence&)>)>;

    /// State and settings outlive it.
    ExpiryNotice(model::BrokerState& state, QSettings& settings, AskPresence askPresence, QObject* parent = nullptr);

    void consider();

Q_SIGNALS:
    void wanted(const QString& title, const QString& text);

private:
    void ask();
    void tell();
    [[nodiscard]] model::NoticeMemory memory() const;

    model::BrokerState& m_state;
    QSettings& m_settings;
    AskPresence m_askPresence;
    QTimer m_hour;
    QElapsedTimer m_asked;
    bool m_isConsidering = false;
    model::ForecastAnswers m_answers;
    int m_waiting = 0;
    bool m_isWhole = false; ///< all answers came
};

} // namespace keybearer::tray
