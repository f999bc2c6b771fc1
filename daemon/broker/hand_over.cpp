#include "daemon/broker/hand_over.h"

namespace keybearer::broker {
namespace {

constexpr int kSettleMs = 1000;
constexpr int kQuietPollMs = 250; ///< only between an upgrade and the end

} // namespace

HandOver::HandOver(platform::ProgramWatch watch, Calls calls)
    : m_watch(std::move(watch)), m_calls(std::move(calls)), m_events(QSocketNotifier::Read) {
    m_settled.setSingleShot(true);
    m_settled.setInterval(kSettleMs);
    m_quiet.setInterval(kQuietPollMs);
    QObject::connect(&m_settled, &QTimer::timeout, &m_settled, [this] { look(); });
    QObject::connect(&m_quiet, &QTimer::timeout, &m_quiet, [this] {
        if (m_calls.isQuiet()) {
            m_quiet.stop();
            m_calls.end();
        }
    });
    QObject::connect(&m_events, &QSocketNotifier::activated, &m_events, [this] {
        m_watch.drain();
        m_settled.start();
    });
    if (m_watch.descriptor() >= 0) {
        m_events.setSocket(m_watch.descriptor());
        m_events.setEnabled(true);
    }
}

void HandOver::look() {
    if (m_watch.isReplaced()) {
        m_events.setEnabled(false);
        m_calls.noticed();
        m_quiet.start();
    }
}

} // namespace keybearer::broker
