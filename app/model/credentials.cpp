#include "app/model/credentials.h"

#include "app/model/reading.h"

#include <QCoreApplication>

#include <algorithm>

namespace keybearer::model {
namespace {

using nlohmann::json;

constexpr std::string_view kShared = "shared"; // as credential.list calls what every tenant falls back to

QString providerName(const json& providers, const std::string& id) {
    for (const json& provider : listOf(providers, "providers")) {
        const QString name = textOf(provider, "display_name");
        if (exactOf(provider, "provider") == id && !name.isEmpty()) {
            return name;
        }
    }
    return shownText(id);
}

/// A secret is masked by the broker; what is no secret tells less about which key this is.
bool isMasked(const QString& preview) {
    return preview.contains(QLatin1String("..."));
}

void addField(const json& field, Credential& key) {
    const QString preview = field.is_object() && field.contains("preview") && field["preview"].is_string()
                                ? textOf(field, "preview")
                                : QCoreApplication::translate("Credentials", "cannot be opened");
    const bool isNext = exactOf(field, "slot") == "next";
    const QString name = textOf(field, "field");
    key.details += (key.details.isEmpty() ? QString() : QStringLiteral("\n")) +
                   (isNext ? QCoreApplication::translate("Credentials", "%1, to follow: %2").arg(name, preview)
                           : QStringLiteral("%1: %2").arg(name, preview));
    const auto setAt = numberOf(field, "set_at");
    if (isNext) {
        key.hasNext = true;
        return;
    }
    key.isForTest = key.isForTest || isTrue(field, "test");
    key.previews[exactOf(field, "field")] = preview;
    key.setAt = std::max(key.setAt, setAt);
    if (key.identity.isEmpty() || (isMasked(preview) && !isMasked(key.identity))) {
        key.identity = preview;
    }
}

} // namespace

json keyParams(const CredentialId& id) {
    json params{{"provider", id.provider}, {"name", id.name}};
    if (id.isShared) {
        params["shared"] = true;
    } else if (!id.tenant.empty()) {
        params["tenant"] = id.tenant;
    }
    return params;
}

QList<Credential> accountsFrom(const json& accounts, const json& providers, const QList<AccountState>& states) {
    QList<Credential> rows;
    for (const json& account : listOf(accounts, "accounts")) {
        Credential row;
        row.id.provider = exactOf(account, "provider");
        row.id.name = exactOf(account, "account");
        row.name = textOf(account, "account");
        row.providerName = textOf(account, "resource"); // it says more than who gives its tokens
        if (row.providerName.isEmpty()) {
            row.providerName = providerName(providers, row.id.provider);
        }
        row.identity = textOf(account, "label");
        if (row.identity.isEmpty()) {
            row.identity = textOf(account, "subject");
        }
        row.isSignedIn = exactOf(account, "status") == "signed_in";
        const auto state = std::ranges::find(states, row.name, &AccountState::name);
        row.reason = state == states.end() ? QString() : state->reason;
        row.setAt = numberOf(account, "created_at");
        row.usedAt = numberOf(account, "last_refresh_at");
        row.sessionEnd = numberOf(account, "refresh_expires_at");
        if (const auto renewable = account.find("renewable"); renewable != account.end() && *renewable == false) {
            row.sessionEnd = numberOf(account, "expires_at");
            row.isRenewed = false;
        }
        rows << row;
    }
    return rows;
}

QList<Credential> keysFrom(const json& credentials, const json& providers) {
    QList<Credential> rows;
    for (const json& credential : listOf(credentials, "credentials")) {
        Credential row;
        row.id.kind = CredentialId::Kind::Key;
        row.id.provider = exactOf(credential, "provider");
        row.id.name = exactOf(credential, "name");
        row.id.tenant = exactOf(credential, "tenant");
        row.id.isShared = row.id.tenant == kShared;
        if (row.id.isShared) {
            row.id.tenant.clear();
        }
        row.name = textOf(credential, "name");
        row.providerName = providerName(providers, row.id.provider);
        row.usedAt = numberOf(credential, "used_at");
        for (const json& field : listOf(credential, "fields")) {
            addField(field, row);
        }
        rows << row;
    }
    return rows;
}

QString titleOf(const Credential& credential) {
    if (credential.id.isOfTenant()) {
        return QCoreApplication::translate("Credentials", "%1, %2 of %3")
            .arg(credential.providerName, credential.name, shownText(credential.id.tenant));
    }
    return QCoreApplication::translate("Credentials", "%1, %2").arg(credential.providerName, credential.name);
}

} // namespace keybearer::model
