#include "app/cli/forward_run.h"

#include "app/cli/login_session.h"
#include "app/cli/output.h"

#include <unistd.h>

namespace keybearer::cli {

using nlohmann::json;

ForwardRun::ForwardRun(ForwardLink& link, std::string host) : m_link(link), m_host(std::move(host)) {}

ForwardRun::~ForwardRun() {
    if (m_signingIn) { // with its connection the sign-in ends
        m_signingIn->signal(SIGKILL);
        m_signingIn->finish(0);
    }
}

/// The terminal may be in the hands of a program over there.
void ForwardRun::say(const std::string& text) const {
    note(::isatty(STDERR_FILENO) == 1 ? "\r\nkeybearer: " + text + "\r\n" : "keybearer: " + text + "\n");
}

void ForwardRun::tellEnd(const json& ended) const {
    for (const json& tokens : listOf(ended, "tokens")) {
        if (tokens.value("sign_in_ended", json()) == true) {
            say("with the tokens of " + shown(m_host) +
                " the provider ended the whole sign-in; sign in again: keybearer login " +
                shown(textOf(tokens, "account")) +
                ". With revocation_ends_sign_in = true in the provider's file they are left to end by themselves");
        }
        if (numberOf(tokens, "not_revoked").value_or(0) == 0) {
            continue;
        }
        const auto until = numberOf(tokens, "until");
        say(shown(m_host) + " keeps tokens of " + shown(textOf(tokens, "account")) +
            " that were not revoked: " + shown(textOf(tokens, "detail")) + ". They " +
            (until ? "end at " + localTime(*until) : std::string("end when the provider says so")));
    }
}

void ForwardRun::signIn() {
    if (m_signIns.empty() || m_signingIn) {
        return;
    }
    const auto& [provider, account] = m_signIns.front();
    say(shown(m_host) + " asks for a token of " + shown(account) +
        ", which needs a sign-in: finish it in your browser");
    const auto begun = launchSilent([&provider = provider, &account = account] {
        LoginOptions options;
        options.provider = provider;
        options.account = account;
        LoginSession session(options, true);
        const auto done = session.run();
        return done ? 0 : done.error().exitCode;
    });
    if (begun) {
        m_signingIn.emplace(*begun);
    }
}

void ForwardRun::takeEvents() {
    while (!m_isOver) {
        const auto answer = m_link.take();
        if (!answer) {
            break;
        }
        if (*answer && textOf(**answer, "kind") == "login_required") {
            m_signIns.emplace_back(textOf(**answer, "provider"), textOf(**answer, "account"));
            continue;
        }
        if (*answer && textOf(**answer, "kind") != "ended") {
            continue;
        }
        m_isOver = true;
        say(*answer ? "the session has ended: " + shown(textOf(**answer, "reason")) : (*answer).error().message);
        if (*answer) {
            tellEnd(**answer);
        }
        if (onEnded) {
            onEnded();
        }
    }
    if (m_signingIn) {
        m_signingIn->look();
        if (m_signingIn->isOver()) {
            if (m_signingIn->status() != 0) {
                say("nobody has signed in to " + shown(m_signIns.front().second) + "; do it with: keybearer login " +
                    shown(m_signIns.front().first));
            }
            m_signingIn.reset();
            m_signIns.pop_front();
        }
    }
    signIn();
}

void ForwardRun::follow(Running& program) {
    for (program.look(); !program.isOver(); program.look()) {
        takeEvents();
        if (!m_isOver && carrierGone && carrierGone()) {
            end();
        }
        waitForAny({m_signals.descriptor(), m_isOver ? -1 : m_link.descriptor()});
        while (const auto signal = m_signals.take()) {
            if (*signal == SIGTERM || *signal == SIGHUP) {
                program.signal(*signal);
            }
        }
    }
}

bool ForwardRun::waitFor(Running& program, const std::function<int()>& descriptor,
                         const std::function<bool()>& isReady) {
    for (;;) {
        waitForAny({m_signals.descriptor(), descriptor()});
        if (isReady()) {
            return true;
        }
        while (const auto signal = m_signals.take()) {
            if (*signal != SIGCHLD) {
                return false;
            }
        }
        program.look();
        if (program.isOver()) {
            return false;
        }
    }
}

void ForwardRun::end() {
    if (m_isOver) {
        return;
    }
    m_isOver = true;
    if (const auto ended = m_link.end()) {
        tellEnd(*ended);
    } else {
        say("it is not known what became of the tokens that " + shown(m_host) +
            " has: " + shown(ended.error().message));
    }
}

} // namespace keybearer::cli
