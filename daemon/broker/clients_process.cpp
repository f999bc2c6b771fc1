#include "daemon/broker/clients_process.h"

#include "daemon/access/client_words.h"

#include <QCoreApplication>
#include <QTimer>

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <climits>
#include <utility>

namespace keybearer::broker {
namespace {

using access::Client;
using access::ClientKind;
using spawner::Direction;
using spawner::Frame;
using spawner::FrameKind;
using spawner::Packet;
using spawner::Silence;

constexpr const char* kIdentify = "identify";
constexpr const char* kDescribe = "describe";

/// How long the process may take no question while its socket is full of them.
constexpr int kRoomDeadlineMs = 2000;

Client unknownClient(std::string problem) {
    Client client;
    client.problem = std::move(problem);
    return client;
}

std::optional<std::int64_t> wholeNumber(const std::string& word) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    return error == std::errc() && end == word.data() + word.size() ? std::optional(number) : std::nullopt;
}

/// What answers, in its own process.
class ClientsService {
public:
    explicit ClientsService(int socket) : m_socket(socket), m_asked(socket, QSocketNotifier::Read), m_clients(m_clock) {
        QObject::connect(&m_asked, &QSocketNotifier::activated, &m_asked, [this] { listen(); });
    }

private:
    void listen() {
        while (true) {
            auto packet = spawner::receiveFrame(m_socket, Direction::ToHelper);
            if (!packet && packet.error() == Silence::Nothing) {
                return;
            }
            if (!packet || packet->frame.kind != FrameKind::Ask) {
                return end();
            }
            take(std::make_shared<Packet>(std::move(*packet)));
        }
    }

    void take(const std::shared_ptr<Packet>& packet) {
        const std::vector<std::string>& words = packet->frame.words;
        if (words.size() == 2 && words[0] == kIdentify && wholeNumber(words[1]) && packet->descriptor) {
            identify(packet);
        } else if (words.size() == 3 && words[0] == kDescribe && !packet->descriptor) {
            describe(packet);
        } else {
            end();
        }
    }

    QCoro::Task<> identify(std::shared_ptr<Packet> packet) {
        const std::chrono::milliseconds connectedAt(*wholeNumber(packet->frame.words[1]));
        const Client client = co_await m_clients.identify(packet->descriptor.get(), connectedAt);
        answer(packet->frame.id, access::wordsOf(client));
    }

    QCoro::Task<> describe(std::shared_ptr<Packet> packet) {
        const ClientKind kind = access::clientKindOf(packet->frame.words[1]);
        const auto file = co_await m_clients.describe(kind, packet->frame.words[2]);
        answer(packet->frame.id, file ? std::vector<std::string>{"file", file->path, file->digest}
                                      : std::vector<std::string>{"error", file.error()});
    }

    void answer(std::uint32_t id, std::vector<std::string> words) {
        const Frame frame{FrameKind::Answer, id, 0, std::move(words)};
        const Frame unfit{FrameKind::Answer, id, 0, {"unfit"}};
        const Frame& fitting = spawner::encodeFrame(frame) ? frame : unfit;
        while (!spawner::sendFrame(m_socket, fitting)) {
            pollfd room{m_socket, POLLOUT, 0};
            if ((errno != EAGAIN && errno != EWOULDBLOCK) || ::poll(&room, 1, -1) < 0) {
                return end();
            }
        }
    }

    void end() {
        m_asked.setEnabled(false);
        QCoreApplication::quit();
    }

    int m_socket;
    QSocketNotifier m_asked;
    base::SystemClock m_clock;
    Clients m_clients;
};

} // namespace

void runClients(int socket) {
    static char name[] = "keybearerd";
    static char* arguments[] = {name, nullptr};
    int count = 1;
    const QCoreApplication application(count, arguments);
    const ClientsService service(socket);
    QCoreApplication::exec();
}

RemoteClients::RemoteClients(spawner::Forked process)
    : m_process(std::move(process)), m_told(m_process.socket.get(), QSocketNotifier::Read) {
    QObject::connect(&m_told, &QSocketNotifier::activated, &m_told, [this] { receive(); });
}

QCoro::Task<Client> RemoteClients::identify(int socket, std::chrono::milliseconds connectedAt) {
    if (socket < 0) {
        co_return unknownClient("the connection is closed");
    }
    std::vector<std::string> words{kIdentify, std::to_string(connectedAt.count())};
    const QuestionPtr question = ask(std::move(words), socket);
    co_await question->gate.wait();
    if (question->answer.empty()) {
        co_return unknownClient("the process that tells who asks has ended; restart the broker with: keybearer daemon "
                                "stop");
    }
    auto client = access::clientFromWords(question->answer);
    if (!client) {
        co_return unknownClient("what it is cannot be put into words");
    }
    co_return std::move(*client);
}

QCoro::Task<base::Result<rpc::ClientFile, std::string>> RemoteClients::describe(ClientKind kind, std::string path) {
    using Outcome = base::Result<rpc::ClientFile, std::string>;
    if (path.empty() || path.size() > PATH_MAX || path.find('\0') != std::string::npos) {
        co_return base::fail(std::string("there is no such file"));
    }
    std::vector<std::string> words{kDescribe, std::string(access::toString(kind)), std::move(path)};
    const QuestionPtr question = ask(std::move(words), -1);
    co_await question->gate.wait();
    const std::vector<std::string>& answer = question->answer;
    Outcome outcome = base::fail(std::string("the process that looks at programs has ended"));
    if (answer.size() == 3 && answer[0] == "file") {
        outcome = rpc::ClientFile{answer[1], answer[2]};
    } else if (answer.size() == 2 && answer[0] == "error") {
        outcome = base::fail(answer[1]);
    }
    co_return std::move(outcome);
}

RemoteClients::QuestionPtr RemoteClients::ask(std::vector<std::string> words, int descriptor) {
    const auto question = std::make_shared<Question>();
    const Frame frame{FrameKind::Ask, ++m_last, 0, std::move(words)};
    if (send(frame, descriptor)) {
        m_asked.emplace(frame.id, question);
    } else {
        question->gate.open(); // nobody waits yet
    }
    return question;
}

/// Where the process has no room for more questions, its answers are taken meanwhile: it may be waiting to give them.
bool RemoteClients::send(const Frame& frame, int descriptor) {
    while (!m_isGone && !spawner::sendFrame(m_process.socket.get(), frame, descriptor)) {
        if (errno != EAGAIN && errno != EWOULDBLOCK) {
            return false; // no such descriptor any more, or a frame that is too large
        }
        pollfd ready{m_process.socket.get(), POLLIN | POLLOUT, 0};
        if (::poll(&ready, 1, kRoomDeadlineMs) == 0) {
            giveUp(); // it hangs, and would hold everybody up
        }
        receive();
    }
    return !m_isGone;
}

void RemoteClients::receive() {
    while (!m_isGone) {
        auto packet = spawner::receiveFrame(m_process.socket.get(), Direction::ToBroker);
        if (!packet) {
            if (packet.error() == Silence::Broken) {
                giveUp();
            }
            break;
        }
        if (const auto found = m_asked.find(packet->frame.id); found != m_asked.end()) {
            found->second->answer = std::move(packet->frame.words);
            m_answered.push_back(std::move(found->second));
            m_asked.erase(found);
        }
    }
    // Later: whoever asks may be in the middle of something.
    if (!m_answered.empty()) {
        QTimer::singleShot(0, &m_told, [this] {
            for (const QuestionPtr& question : std::exchange(m_answered, {})) {
                question->gate.open();
            }
        });
    }
}

void RemoteClients::giveUp() {
    m_isGone = true;
    m_told.setEnabled(false);
    ::shutdown(m_process.socket.get(), SHUT_RDWR); // one that hangs ends when it goes on
    for (auto& [id, question] : std::exchange(m_asked, {})) {
        m_answered.push_back(std::move(question));
    }
}

} // namespace keybearer::broker
