#include "tests/unit/receiver_clients.h"

namespace receiver_test {

QCoro::Task<void> collect(QCoro::Task<Result<CallbackVerdict>> waiting,
                          std::shared_ptr<std::optional<Result<CallbackVerdict>>> end) {
    Result<CallbackVerdict> result = co_await waiting;
    end->emplace(std::move(result));
}

Login listening(const Redirect& redirect) {
    Login login;
    auto receiver = LoopbackReceiver::listen(redirect);
    if (receiver) {
        login.receiver = std::move(*receiver);
        const QByteArray uri = QByteArray::fromStdString(login.receiver->redirectUri()).mid(7);
        login.authority = uri.left(uri.indexOf('/'));
        login.path = uri.mid(uri.indexOf('/'));
        login.port = login.authority.mid(login.authority.lastIndexOf(':') + 1).toUShort();
    }
    return login;
}

void wait(const Login& login, std::chrono::milliseconds deadline) {
    CallbackExpectation expected;
    expected.state = kState;
    expected.issuer = "https://as.example";
    collect(login.receiver->wait(std::move(expected), deadline), login.end);
}

Login waiting(const Redirect& redirect) {
    Login login = listening(redirect);
    if (login.receiver) {
        wait(login);
    }
    return login;
}

} // namespace receiver_test
