#pragma once
/// \file
/// One sign-in, from the window's side.

#include "app/model/broker_link.h"
#include "ipc/base/secret.h"

#include <QString>
#include <QStringList>
#include <QUrl>

#include <functional>
#include <optional>
#include <string>

namespace keybearer::model {

struct LoginRequest {
    std::string provider; ///< a provider's name, or an issuer's address
    std::string account;  ///< empty: the broker's own choice
    std::string clientId; ///< empty: the profile's
    bool device = false;  ///< a code for another screen (RFC 8628)
    bool fresh = false;   ///< not joined to one that is under way
};

/// Main thread. It belongs to the connection: when that is lost, so is the sign-in.
class LoginFlow : public QObject {
    Q_OBJECT
public:
    enum class Stage {
        Idle,
        Starting,   ///< the broker looks the server up, and listens
        Waiting,    ///< the person is at the browser
        Exchanging, ///< the browser has come back
        Done,
        Failed, ///< error() says why
        Cancelled,
    };

    /// The link outlives it.
    explicit LoginFlow(BrokerLink& link, QObject* parent = nullptr);
    LoginFlow(const LoginFlow&) = delete;
    LoginFlow& operator=(const LoginFlow&) = delete;
    /// Cancels what is under way.
    ~LoginFlow() override;

    /// Ends what was under way before. `clientSecret` is for providers that insist on one.
    void start(LoginRequest request, const base::Secret& clientSecret = {});
    void cancel();

    [[nodiscard]] Stage stage() const noexcept { return m_stage; }
    [[nodiscard]] bool isUnderWay() const noexcept;
    [[nodiscard]] const LoginRequest& request() const noexcept { return m_request; }
    /// Somebody else's window is open for the same account; this one waits along.
    [[nodiscard]] bool isJoined() const noexcept { return m_isJoined; }
    /// The page's address, as it was at first: withUrl() has one that opens.
    [[nodiscard]] const QUrl& url() const noexcept { return m_url; }
    /// An address that opens now, at once or when the broker has answered; not at all when `context` has gone, or
    /// another login has begun.
    void withUrl(QObject* context, std::function<void(const QUrl& url)> use);
    [[nodiscard]] const QString& userCode() const noexcept { return m_userCode; }
    [[nodiscard]] const QString& verificationUri() const noexcept { return m_verificationUri; }
    [[nodiscard]] const QString& account() const noexcept { return m_account; }
    [[nodiscard]] const QString& issuer() const noexcept { return m_issuer; }
    [[nodiscard]] const QStringList& scopes() const noexcept { return m_scopes; }
    [[nodiscard]] std::int64_t expiresAt() const noexcept { return m_expiresAt; }     ///< UTC seconds
    [[nodiscard]] const QString& label() const noexcept { return m_label; }           ///< who signed in, when done
    [[nodiscard]] const QString& credential() const noexcept { return m_credential; } ///< of a key that was made
    [[nodiscard]] const client::Error& error() const noexcept { return m_error; }

Q_SIGNALS:
    void changed();
    /// The person's browser is to show this, once.
    void browserWanted(const QUrl& url);

private:
    void begun(const BrokerLink::Reply& reply);
    void follow();
    void takeUrl(const nlohmann::json& answer);
    void take(const nlohmann::json& status);
    void fail(client::Error error);
    void become(Stage stage);
    void leave();

    BrokerLink& m_link;
    LoginRequest m_request;
    Stage m_stage = Stage::Idle;
    unsigned m_run = 0; ///< answers of an earlier one are not this one's
    std::string m_loginId;
    std::string m_state;
    bool m_isJoined = false;
    QUrl m_url;
    bool m_isUrlGoodOnce = false;
    QString m_userCode, m_verificationUri, m_account, m_issuer, m_label, m_credential;
    QStringList m_scopes;
    std::int64_t m_expiresAt = 0;
    client::Error m_error;
};

} // namespace keybearer::model
