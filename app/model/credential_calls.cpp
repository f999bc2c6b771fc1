#include "app/model/credential_calls.h"

#include "app/model/reading.h"

#include <QCoreApplication>

#include <utility>

namespace keybearer::model {

using nlohmann::json;

void CredentialCalls::call(std::string_view method, json params, Say say) {
    m_link.call(method, std::move(params), this, [this, say = std::move(say)](const auto& reply) {
        if (reply) {
            Q_EMIT done(say ? say(*reply) : QString());
        } else {
            Q_EMIT failed(reply.error());
        }
    });
}

void CredentialCalls::rename(const CredentialId& id, const QString& newName) {
    if (!id.isKey()) {
        call("account.rename", {{"account", id.name}, {"new_name", newName.toStdString()}}, {});
        return;
    }
    json params = keyParams(id);
    params["new_name"] = newName.toStdString();
    call("credential.rename", std::move(params), [](const json&) {
        return tr("The key has its new name. What programs were allowed under the old name does not go along.");
    });
}

void CredentialCalls::signOut(const CredentialId& account) {
    call("account.logout", {{"account", account.name}}, signedOutText);
}

void CredentialCalls::remove(const CredentialId& key) {
    m_link.call("credential.remove", keyParams(key), this, [this, key](const auto& reply) {
        Q_EMIT removalEnded(key);
        if (reply) {
            Q_EMIT done({});
        } else {
            Q_EMIT failed(reply.error());
        }
    });
}

void CredentialCalls::putNextInUse(const CredentialId& key) {
    call("credential.switch", keyParams(key), [](const json&) {
        return tr("The next value is in use now, and the one before it is the next: the same again goes back.");
    });
}

void CredentialCalls::sealAnew(const CredentialId& key) {
    json params = keyParams(key);
    params.erase("name");
    call("credential.rotate", std::move(params), [](const json& result) {
        return tr("%n value(s) of the provider sealed anew, with a new data key.", nullptr,
                  static_cast<int>(numberOf(result, "sealed").value_or(0)));
    });
}

QString signedOutText(const json& result) {
    QStringList lines;
    for (const json& account : listOf(result, "accounts")) {
        const QString name = textOf(account, "account");
        const QString detail = textOf(account, "detail");
        if (isTrue(account, "revoked")) {
            lines << CredentialCalls::tr("Signed out of %1. The provider has ended its tokens.").arg(name);
        } else if (detail.isEmpty()) {
            lines << CredentialCalls::tr("Signed out of %1. The provider did not end its tokens.").arg(name);
        } else {
            lines << CredentialCalls::tr("Signed out of %1. The provider did not end its tokens: %2").arg(name, detail);
        }
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace keybearer::model
