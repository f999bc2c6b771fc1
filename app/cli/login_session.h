#pragma once
/// \file
/// One sign-in, from the command line's side: asks the broker for it, opens the browser, waits, shows progress.

#include "app/cli/interrupt.h"
#include "app/cli/prompt.h"
#include "app/common/browser.h"
#include "ipc/base/secret.h"
#include "ipc/client/client.h"

#include <optional>
#include <string>
#include <vector>

namespace keybearer::cli {

struct LoginOptions {
    std::string provider;
    std::string account;
    std::string clientId;
    std::string clientSecretFile;
    std::string redirect;
    std::string issuer;
    std::vector<std::string> scopes;
    bool noBrowser = false;
    bool device = false;
    bool fresh = false;
    int timeout = 0; ///< 0: the broker's own
};

class LoginSession {
public:
    /// `asJson`: a program reads the result, so nothing is asked at the terminal.
    LoginSession(const LoginOptions& options, bool asJson);

    /// The last answer of account.login_status. Ends early, and cancels the login, at Ctrl-C.
    [[nodiscard]] client::Result<nlohmann::json> run();
    /// What the broker calls the provider.
    [[nodiscard]] const std::string& provider() const noexcept { return m_provider; }

private:
    client::Result<nlohmann::json> begin(client::Client& broker);
    client::Result<nlohmann::json> beginOnce(client::Client& broker, const base::Secret& clientSecret) const;
    client::Result<void> chooseKeychain(client::Client& broker) const;
    [[nodiscard]] nlohmann::json params() const;
    void openBrowser(const nlohmann::json& begun);
    void showUrl(const nlohmann::json& begun);
    void showAddress(const nlohmann::json& answer);
    /// Another address where the one that was shown does not open any more. Without one the login goes on: a browser
    /// may have opened the first in time.
    void showAgainInTime(client::Client& broker, const std::string& loginId);
    client::Result<nlohmann::json> follow(client::Client& broker, const nlohmann::json& begun);
    /// Whatever the person has pasted since the last time.
    client::Result<void> takePasted(client::Client& broker, const std::string& loginId);
    void showDevice(const nlohmann::json& begun) const;
    void showProgress(const std::string& state, std::int64_t expiresAt);
    void clearProgress() const;

    const LoginOptions& m_options;
    bool m_asJson;
    bool m_onTerminal; ///< standard error is a terminal: progress may rewrite its line
    Interrupt m_interrupt;
    std::optional<common::Browser> m_browser;
    std::optional<std::int64_t> m_addressUntil; ///< of an address that was shown; UTC seconds; unset: it stays good
    std::optional<Terminal> m_paste;            ///< where an address can be pasted; unset: a browser is here
    std::string m_provider;
    std::string m_shownState;
};

} // namespace keybearer::cli
