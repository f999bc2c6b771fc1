#include "app/cli/login_session.h"

#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/keychain_setup.h"
#include "app/cli/output.h"
#include "ipc/protocol/errors.h"

#include <unistd.h>

namespace keybearer::cli {
namespace {

using nlohmann::json;
using protocol::ErrorKind;

client::Error protocolError(ErrorKind kind, std::string message) {
    const protocol::ErrorInfo& info = protocol::errorInfo(kind);
    return failure(info.name.data(), std::move(message), info.exitCode);
}

client::Error cancelled() {
    return protocolError(ErrorKind::LoginCancelled, "the sign-in was cancelled; nothing was stored");
}

std::string lastWords(bool asJson) {
    return asJson ? jsonText(failureJson(cancelled())) : std::string("\n").append(failureText(cancelled()));
}

/// The error inside a login that failed.
client::Error fromStatus(const json& status) {
    const json error = status.value("error", json());
    std::string message = textOf(error, "message");
    if (message.empty()) {
        message = "the sign-in ended without an account";
    }
    const std::string kind = textOf(error, "kind");
    const protocol::ErrorInfo* known = protocol::errorByName(kind);
    return known != nullptr ? protocolError(known->kind, std::move(message))
                            : protocolError(ErrorKind::LoginFailed, std::move(message));
}

} // namespace

LoginSession::LoginSession(const LoginOptions& options, bool asJson)
    : m_options(options),
      m_asJson(asJson),
      m_onTerminal(::isatty(STDERR_FILENO) == 1),
      m_interrupt(lastWords(asJson), asJson ? STDOUT_FILENO : STDERR_FILENO,
                  protocol::errorInfo(ErrorKind::LoginCancelled).exitCode) {}

client::Result<json> LoginSession::run() {
    auto broker = connectBroker(Start::IfNeeded);
    if (!broker) {
        return base::fail(broker.error());
    }
    const auto begun = begin(*broker);
    if (!begun) {
        return begun;
    }
    // Until here a signal ends the process, and with its connection the login; from here on there is one to cancel.
    m_interrupt.listen();
    m_provider = textOf(*begun, "provider");
    openBrowser(*begun);
    auto done = follow(*broker, *begun);
    clearProgress();
    return done;
}

json LoginSession::params() const {
    json params{{"provider", m_options.provider}};
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) {
            params[name] = value;
        }
    };
    add("account", m_options.account);
    add("client_id", m_options.clientId);
    add("redirect", m_options.redirect);
    add("issuer", m_options.issuer);
    if (!m_options.scopes.empty()) {
        params["scopes"] = m_options.scopes;
    }
    if (m_options.fresh) {
        params["fresh"] = true;
    }
    if (m_options.device) {
        params["flow"] = "device";
    }
    // What runs without a terminal has nobody before it: a window that it opens is one that a program opens.
    if (m_onTerminal || ::isatty(STDIN_FILENO) == 1) {
        params["attended"] = true;
    }
    if (m_options.timeout != 0) {
        params["timeout"] = m_options.timeout;
    }
    return params;
}

client::Result<json> LoginSession::beginOnce(client::Client& broker, const base::Secret& clientSecret) const {
    return clientSecret.empty() ? broker.call("account.login", params())
                                : callWithSecret(broker, "account.login", params(), "client_secret", clientSecret);
}

client::Result<json> LoginSession::begin(client::Client& broker) {
    base::Secret clientSecret;
    if (!m_options.clientSecretFile.empty()) {
        auto read = readSecretFile(m_options.clientSecretFile);
        if (!read) {
            return base::fail(read.error());
        }
        clientSecret = std::move(*read);
    }
    bool choseKeychain = false;
    for (;;) {
        auto begun = beginOnce(broker, clientSecret);
        if (begun || m_asJson) {
            return begun;
        }
        if (begun.error().kind == "keychain_unset" && !choseKeychain) {
            choseKeychain = true;
            if (auto chosen = chooseKeychain(broker); !chosen) {
                return base::fail(chosen.error().kind == "no_terminal" ? begun.error() : chosen.error());
            }
        } else if (begun.error().kind == "client_secret_required" && clientSecret.empty()) {
            auto typed = Terminal::open().and_then([&](Terminal terminal) {
                terminal.say(shown(begun.error().message) + "\n");
                return terminal.readSecret("Client secret: ");
            });
            if (!typed || typed->empty()) {
                return begun;
            }
            clientSecret = std::move(*typed);
        } else {
            return begun;
        }
    }
}

client::Result<void> LoginSession::chooseKeychain(client::Client& broker) const {
    auto terminal = Terminal::open();
    if (!terminal) {
        return base::fail(terminal.error());
    }
    terminal->say(
        "No keyring service runs here, so tokens will be kept in a file that only you can read.\n"
        "A passphrase encrypts it; \"keybearer unlock\" then asks for it once after each start of the broker.\n");
    return askNewPassphrase(*terminal).and_then([&](const base::Secret& passphrase) -> client::Result<void> {
        return migrateToFile(broker, passphrase).map([](const json&) {});
    });
}

void LoginSession::openBrowser(const json& begun) {
    const std::string url = textOf(begun, "authorization_url");
    if (m_options.device) {
        showDevice(begun);
        return;
    }
    if (begun.value("joined", json()) == true) {
        note("A sign-in to " + shown(m_provider) +
             " is under way already, in a window that is open; this waits for it. --fresh begins another.\n");
        return;
    }
    const bool locked = begun.value("screen_locked", json()) == true;
    if (locked && !m_options.noBrowser) {
        note("The screen is locked, so no window was opened.\n");
    }
    if (!m_options.noBrowser && !locked) {
        m_browser.emplace(common::browserCommands(base::processEnvironment(), url));
        if (m_browser->start()) {
            note("Your browser opens for " + shown(m_provider) + ". Finish the sign-in there.\n");
            return;
        }
        m_browser.reset();
    }
    showUrl(begun);
}

void LoginSession::showAddress(const json& answer) {
    note("Open this address in a browser on this machine:\n\n  " + shown(textOf(answer, "authorization_url"), 20'000) +
         "\n\n");
    m_addressUntil = numberOf(answer, "url_expires_at");
}

void LoginSession::showAgainInTime(client::Client& broker, const std::string& loginId) {
    if (!m_addressUntil || currentTime() < *m_addressUntil) {
        return;
    }
    m_addressUntil.reset();
    const auto answer = broker.call("account.login_url", {{"login_id", loginId}});
    clearProgress();
    if (!answer) {
        note("The address above no longer opens, and there is no other: " + shown(answer.error().message) + "\n");
        return;
    }
    note("The address above no longer opens. ");
    showAddress(*answer);
}

void LoginSession::showUrl(const json& begun) {
    showAddress(begun);
    if (m_asJson) {
        return;
    }
    if (auto terminal = Terminal::open()) {
        m_paste.emplace(std::move(*terminal));
        note(
            "With a browser on another machine: it ends at a page that it cannot show. Copy the address of that page,\n"
            "which begins with " +
            shown(textOf(begun, "redirect_uri")) + ", and paste it here.\n");
    }
}

void LoginSession::showDevice(const json& begun) const {
    const std::string page = textOf(begun, "verification_uri");
    const std::string complete = textOf(begun, "authorization_url");
    note("On any device, open\n\n  " + shown(page) + "\n\nand enter the code\n\n  " +
         shown(textOf(begun, "user_code")) + "\n\n" +
         (complete == page ? std::string() : "or open " + shown(complete, 20'000) + " and compare the code.\n\n"));
}

client::Result<void> LoginSession::takePasted(client::Client& broker, const std::string& loginId) {
    if (!m_paste || !m_paste->hasLine()) {
        return {};
    }
    auto line = m_paste->readLine("");
    if (!line) {
        m_paste.reset(); // the terminal has gone, or its end was typed
        return {};
    }
    while (line->ends_with(' ')) {
        line->pop_back();
    }
    line->erase(0, line->find_first_not_of(' '));
    if (line->empty()) {
        return {};
    }
    const base::Secret url = base::Secret::absorb(std::move(*line));
    const auto taken = callWithSecret(broker, "account.login_callback", {{"login_id", loginId}}, "url", url);
    if (!taken && taken.error().kind != "invalid_value") {
        return base::fail(taken.error());
    }
    if (!taken) {
        note("\n" + shown(taken.error().message) + "\n");
    }
    return {};
}

client::Result<json> LoginSession::follow(client::Client& broker, const json& begun) {
    const std::string loginId = textOf(begun, "login_id");
    const std::int64_t expiresAt = numberOf(begun, "expires_at").value_or(currentTime());
    std::string state = "waiting_for_browser";
    while (!m_interrupt.requested()) {
        showProgress(state, expiresAt);
        auto status = broker.call("account.login_status", {{"login_id", loginId}, {"known_state", state}, {"wait", 1}});
        if (!status) {
            return status;
        }
        if (auto taken = takePasted(broker, loginId); !taken) {
            return base::fail(taken.error());
        }
        state = textOf(*status, "state");
        if (state == "done") {
            return status;
        }
        if (state == "failed") {
            return base::fail(fromStatus(*status));
        }
        if (state == "cancelled") {
            return base::fail(protocolError(ErrorKind::LoginCancelled,
                                            "the sign-in was given up before anybody finished it; nothing was stored"));
        }
        showAgainInTime(broker, loginId);
        if (m_browser && !m_browser->stillHopeful()) {
            m_browser.reset();
            clearProgress();
            note("The browser could not be started.\n");
            showUrl(begun);
        }
    }
    // Whatever the broker says to this, the login ends with the connection.
    [[maybe_unused]] const auto told =
        broker.call("account.login_cancel", {{"login_id", loginId}}, std::chrono::seconds(5));
    return base::fail(cancelled());
}

void LoginSession::showProgress(const std::string& state, std::int64_t expiresAt) {
    const bool changed = std::exchange(m_shownState, state) != state;
    const std::string text = state == "exchanging" ? std::string("Finishing the sign-in ...")
                                                   : std::string(m_options.device ? "Waiting for you ... "
                                                                                  : "Waiting for the browser ... ") +
                                                         countdown(expiresAt - currentTime());
    if (m_paste) {
        return; // whoever pastes needs the line
    }
    if (m_onTerminal) {
        note("\r" + text + "\x1b[K");
    } else if (changed) {
        note(text + "\n");
    }
}

void LoginSession::clearProgress() const {
    if (m_onTerminal) {
        note("\r\x1b[K");
    }
}

} // namespace keybearer::cli
