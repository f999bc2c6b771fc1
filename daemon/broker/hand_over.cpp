#include "daemon/broker/hand_over.h"

namespace keybearer::broker {
namespace {

constexpr int kSettleMs = 1000;
constexpr int kQuietPollMs = 250; ///< only between what was noticed and the end

} // namespace

HandOver::HandOver(platform::FileWatch programs, platform::FileWatch socket, Calls calls, Patience patience)
    : m_programs(std::move(programs)),
      m_socket(std::move(socket)),
      m_calls(std::move(calls)),
      m_patience(patience),
      m_programEvents(QSocketNotifier::Read),
      m_socketEvents(QSocketNotifier::Read) {
    m_settled.setSingleShot(true);
    m_settled.setInterval(kSettleMs);
    m_poll.setInterval(kQuietPollMs);
    QObject::connect(&m_settled, &QTimer::timeout, &m_settled, [this] { look(); });
    QObject::connect(&m_poll, &QTimer::timeout, &m_poll, [this] { poll(); });
    follow(m_programEvents, m_programs);
    follow(m_socketEvents, m_socket);
}

void HandOver::follow(QSocketNotifier& events, const platform::FileWatch& watch) {
    QObject::connect(&events, &QSocketNotifier::activated, &events, [this, &watch] {
        watch.drain();
        m_settled.start();
    });
    if (watch.descriptor() >= 0) {
        events.setSocket(watch.descriptor());
        events.setEnabled(true);
    }
}

void HandOver::look() {
    const bool isLost = m_socket.isReplaced();
    if (!isLost && !m_programs.isReplaced()) {
        return;
    }
    cancel();
    m_cause = isLost ? Cause::SocketLost : Cause::Replaced;
    m_calls.noticed(m_cause);
    m_since.start();
    m_poll.start();
}

void HandOver::poll() {
    const UnderWay what = m_calls.underWay();
    const bool isLong = what == UnderWay::SignIn && m_cause == Cause::Replaced && !m_socket.isReplaced();
    const auto patience = isLong ? m_patience.signIn : m_patience.brief;
    if (what == UnderWay::Nothing || m_since.elapsed() >= patience.count()) {
        m_poll.stop();
        m_calls.end();
    }
}

void HandOver::cancel() {
    m_programEvents.setEnabled(false);
    m_socketEvents.setEnabled(false);
    m_settled.stop();
    m_poll.stop();
}

} // namespace keybearer::broker
