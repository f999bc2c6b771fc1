/// \file
/// The part of a login that has no browser on this machine: the device authorization grant (RFC 8628).

#include "daemon/accounts/login.h"

#include <QTimer>

#include <algorithm>

namespace keybearer::accounts {

using protocol::ErrorKind;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// The server's clock and ours count milliseconds at different moments.
constexpr milliseconds kPollGrace{20};

} // namespace

QCoro::Task<Result<void>> Login::prepareDevice() {
    if (m_server.deviceAuthorizationEndpoint.empty()) {
        co_return base::fail(failure(ErrorKind::Unsupported, who() +
                                                                 " does not offer signing in on another device; "
                                                                 "sign in with a browser here, or paste the address "
                                                                 "that a browser elsewhere ends at"));
    }
    auto client = co_await identity();
    if (!client) {
        co_return base::fail(std::move(client.error()));
    }
    TokenKind kind{m_plan.profile.scopes, m_plan.resource, {}};
    auto answer = co_await m.client.authorizeDevice(m_server, std::move(*client), std::move(kind), transport());
    if (!answer) {
        co_return base::fail(fromOAuth(answer.error(), who()));
    }
    m_device.emplace(std::move(*answer));
    m_url = m_device->verificationUriComplete.empty() ? m_device->verificationUri : m_device->verificationUriComplete;
    m_plan.timeout = std::min(m_plan.timeout, m_device->expiresIn);
    m_expiresAt = m.clock.utcSeconds() + m_plan.timeout.count();
    co_return Result<void>();
}

QCoro::Task<> Login::rest(std::chrono::milliseconds time) {
    const auto gate = std::make_shared<Gate>();
    m_resting = gate;
    // A coarse timer may be early by a twentieth, and a server that counts says slow_down to that.
    QTimer::singleShot(time, Qt::PreciseTimer, [gate] {
        if (!gate->isOpen()) {
            gate->open();
        }
    });
    co_await gate->wait();
}

QCoro::Task<Result<oauth::TokenResponse>> Login::pollForTokens() {
    const auto end = m.clock.steady() + m_plan.timeout;
    oauth::DevicePolling polling(m_device->interval);
    for (;;) {
        const auto left = std::chrono::duration_cast<milliseconds>(end - m.clock.steady());
        co_await rest(std::clamp<milliseconds>(left, milliseconds(0), polling.wait() + kPollGrace));
        if (isOver()) {
            co_return base::fail(failure(ErrorKind::LoginCancelled, "the login was cancelled"));
        }
        if (m.clock.steady() >= end) {
            co_return base::fail(failure(ErrorKind::LoginCancelled,
                                         "nobody entered the code in time; begin the sign-in again for a new one"));
        }
        auto client = co_await identity();
        if (!client) {
            co_return base::fail(std::move(client.error()));
        }
        auto tokens = co_await m.client.deviceTokens(m_server, std::move(*client), m_device->deviceCode.clone(),
                                                     m_plan.resource, transport());
        if (tokens) {
            co_return std::move(*tokens);
        }
        if (tokens.error().code == "access_denied") {
            co_return base::fail(failure(ErrorKind::LoginFailed, "the sign-in was refused at " + who()));
        }
        if (tokens.error().code == "expired_token") {
            co_return base::fail(failure(ErrorKind::LoginFailed, "the code has expired at " + who() +
                                                                     "; begin the sign-in again for a new one"));
        }
        if (!polling.goesOn(tokens.error())) {
            co_return base::fail(fromOAuth(tokens.error(), who()));
        }
    }
}

QCoro::Task<> Login::runDevice() {
    const auto self = shared_from_this();
    auto tokens = co_await pollForTokens();
    if (isOver()) {
        if (tokens) {
            co_await discard(std::move(*tokens));
        }
        co_return;
    }
    if (!tokens) {
        fail(std::move(tokens.error()));
        co_return;
    }
    become(LoginState::Exchanging);
    auto kept = co_await keep(std::move(*tokens));
    if (isOver()) {
        co_return;
    }
    if (!kept) {
        fail(std::move(kept.error()));
        co_return;
    }
    become(LoginState::Done);
}

} // namespace keybearer::accounts
