#pragma once
/// \file
/// What a person does to an account or a key, one call each.

#include "app/model/credentials.h"

#include <QObject>

#include <functional>

namespace keybearer::model {

/// Main thread.
class CredentialCalls : public QObject {
    Q_OBJECT
public:
    /// The link outlives it.
    explicit CredentialCalls(BrokerLink& link, QObject* parent = nullptr) : QObject(parent), m_link(link) {}

    void rename(const CredentialId& id, const QString& newName);
    void signOut(const CredentialId& account);
    void remove(const CredentialId& key);
    /// The next value takes the place of the one in use, which is the next one then.
    void putNextInUse(const CredentialId& key);
    /// A new data key for the provider's values in this key's tenant.
    void sealAnew(const CredentialId& key);

Q_SIGNALS:
    /// Something is another way now; `said` is a sentence about it, or empty.
    void done(const QString& said);
    void failed(const client::Error& error);
    /// remove() is over, well or not.
    void removalEnded(const keybearer::model::CredentialId& key);

private:
    using Say = std::function<QString(const nlohmann::json&)>;
    void call(std::string_view method, nlohmann::json params, Say say);

    BrokerLink& m_link;
};

/// What the provider did at a sign-out, from the result of account.logout. Pure.
[[nodiscard]] QString signedOutText(const nlohmann::json& result);

} // namespace keybearer::model
