#pragma once
/// \file
/// The window's connection to the broker: calls that do not keep the event loop waiting, and a connection that comes
/// back by itself.

#include "ipc/client/client.h"

#include <QObject>
#include <QPointer>
#include <QSocketNotifier>
#include <QThreadPool>
#include <QTimer>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace keybearer::model {

/// Main thread. It talks over the socket like every other program. When the connection is lost it opens another one by
/// itself, and starts the broker where none runs: after a second first, and with pauses that grow to a minute.
class BrokerLink : public QObject {
    Q_OBJECT
public:
    enum class State {
        Opening, ///< for the first time, or again
        Open,
        Lost, ///< problem() says why; it is tried again
    };
    using Reply = client::Result<nlohmann::json>;
    using Done = std::function<void(const Reply&)>;
    /// Runs in a thread of its own; may take seconds.
    using Connect = std::function<client::Result<client::Client>()>;

    enum class Again {
        ByItself,  ///< as soon as possible, for a window that shows what is
        WhenAsked, ///< by open(): a broker that was stopped stays so until somebody needs it
    };

    explicit BrokerLink(Connect connect, QObject* parent = nullptr, Again again = Again::ByItself);
    BrokerLink(const BrokerLink&) = delete;
    BrokerLink& operator=(const BrokerLink&) = delete;
    /// Waits for a connection that is just being opened; what was called last is still sent.
    ~BrokerLink() override;

    /// Opens the connection now, if it is neither open nor being opened.
    void open();
    [[nodiscard]] State state() const noexcept { return m_state; }
    [[nodiscard]] const client::Error& problem() const noexcept { return m_problem; }

    /// `done` is called once, later, and not at all when `context` has gone by then. Without a connection, and when it
    /// is lost meanwhile, it gets that error. Strings in `params` are wiped: they may be secrets.
    void call(std::string_view method, nlohmann::json params, QObject* context, Done done);

Q_SIGNALS:
    void stateChanged();

private:
    struct Waiting {
        QPointer<QObject> context;
        Done done;
    };

    void opened(client::Result<base::UniqueFd> outcome);
    void readSome();
    void writeSome();
    void dropSent();
    void take(std::string_view line);
    void lose(client::Error why);
    void become(State state);
    void answerLater(Waiting waiting, client::Error error);

    Connect m_connect;
    Again m_whenLost;
    State m_state = State::Lost;
    client::Error m_problem;
    base::UniqueFd m_fd;
    std::unique_ptr<QSocketNotifier> m_readable;
    std::unique_ptr<QSocketNotifier> m_writable;
    std::string m_in;
    std::deque<std::string> m_out; ///< lines; each is wiped when it has been sent
    std::size_t m_sent = 0;        ///< bytes of the first of them
    std::map<std::uint64_t, Waiting> m_waiting;
    std::uint64_t m_nextId = 1;
    QTimer m_again;
    std::chrono::milliseconds m_pause;
    QThreadPool m_thread; ///< last: nothing of it outlives the rest
};

} // namespace keybearer::model
