#pragma once
/// \file
/// Clients in a process of its own: to tell who asks, one must look into other processes and open any program's file,
/// which a confined broker cannot.

#include "daemon/broker/clients.h"
#include "daemon/spawner/forked.h"
#include "daemon/spawner/frames.h"

#include <QSocketNotifier>

#include <map>
#include <memory>

namespace keybearer::broker {

/// A body for spawner::forkHelper(): answers until the broker is gone. Makes a QCoreApplication of its own.
void runClients(int socket);

/// The broker's end. Main thread. When the process is gone, nobody can be identified any more.
class RemoteClients {
public:
    explicit RemoteClients(spawner::Forked process);
    RemoteClients(const RemoteClients&) = delete;
    RemoteClients& operator=(const RemoteClients&) = delete;
    ~RemoteClients() = default;

    /// rpc::Identify; asks before it first waits.
    [[nodiscard]] QCoro::Task<access::Client> identify(int socket, std::chrono::milliseconds connectedAt);
    /// rpc::DescribeFile
    [[nodiscard]] QCoro::Task<base::Result<rpc::ClientFile, std::string>> describe(access::ClientKind kind,
                                                                                   std::string path);
    [[nodiscard]] bool isGone() const noexcept { return m_isGone; }

private:
    struct Question {
        accounts::Gate gate;
        std::vector<std::string> answer; ///< empty: there is none
    };
    using QuestionPtr = std::shared_ptr<Question>;

    /// Asks at once; the question is answered when its gate opens. `descriptor` may be -1.
    [[nodiscard]] QuestionPtr ask(std::vector<std::string> words, int descriptor);
    [[nodiscard]] bool send(const spawner::Frame& frame, int descriptor);
    void receive();
    void giveUp();

    spawner::Forked m_process;
    QSocketNotifier m_told;
    bool m_isGone = false;
    std::uint32_t m_last = 0;
    std::map<std::uint32_t, QuestionPtr> m_asked;
    std::vector<QuestionPtr> m_answered; ///< whose gates are still to be opened
};

} // namespace keybearer::broker
