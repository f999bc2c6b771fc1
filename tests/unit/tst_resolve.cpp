/// \file
/// The contract of resolution: one row a case. A row reads "what the layers have" -> "what is taken".

#include "daemon/providers/catalogue.h"
#include "daemon/resolution/resolve.h"

#include <QTest>

#include <algorithm>

using namespace keybearer;
using namespace keybearer::resolution;

namespace {

/// "call:api_key,base_url store:api_key" as offers, in the order of the words.
std::vector<Offer> offersOf(const QByteArray& text) {
    std::vector<Offer> offers;
    for (const QByteArray& word : text.split(' ')) {
        const auto colon = word.indexOf(':');
        if (colon < 0) {
            continue;
        }
        Offer offer{*layerOf(word.left(colon).toStdString()), {}};
        for (const QByteArray& field : word.mid(colon + 1).split(',')) {
            if (field.isEmpty()) {
                continue;
            }
            offer.fields.push_back({field.toStdString(), "here"});
        }
        offers.push_back(std::move(offer));
    }
    return offers;
}

QByteArray text(std::string_view view) {
    return {view.data(), static_cast<qsizetype>(view.size())};
}

/// "api_key=call base_url=default; shadowed api_key=store; ignored base_url=environment(why)", sorted.
QByteArray shown(const Plan& plan) {
    QByteArrayList chosen;
    QByteArrayList passed;
    for (const Choice& choice : plan.choices) {
        chosen << text(choice.field) + "=" + text(toString(choice.layer));
        for (const Passed& place : choice.shadowed) {
            passed << "shadowed " + text(choice.field) + "=" + text(toString(place.layer));
        }
    }
    for (const Ignored& ignored : plan.ignored) {
        passed << text(toString(ignored.why)) + " " + text(ignored.field) + "=" + text(toString(ignored.layer));
    }
    std::ranges::sort(chosen);
    std::ranges::sort(passed);
    QByteArrayList all{chosen.join(' ')};
    all += passed;
    if (!plan.complete) {
        all << "not complete";
    }
    return all.join("; ");
}

} // namespace

class TestResolve : public QObject {
    Q_OBJECT

    providers::Catalogue m_catalogue = providers::Catalogue::load(KEYBEARER_PROVIDERS, "/nonexistent");

private Q_SLOTS:
    void cases_data() {
        QTest::addColumn<QByteArray>("provider");
        QTest::addColumn<QByteArray>("offers");
        QTest::addColumn<QByteArray>("result");
        const auto row = [](const char* name, const char* provider, const char* offers, const char* result) {
            QTest::newRow(name) << QByteArray(provider) << QByteArray(offers) << QByteArray(result);
        };
        // --- the strongest layer
        row("nothing anywhere", "openai", "", "base_url=default; not complete");
        row("the store alone", "openai", "store:api_key", "api_key=store base_url=default");
        row("call before all", "openai",
            "call:api_key instance:api_key environment:api_key store:api_key shared:api_key broker_environment:api_key",
            "api_key=call base_url=default; shadowed api_key=broker_environment; shadowed api_key=environment; "
            "shadowed "
            "api_key=instance; shadowed api_key=shared; shadowed api_key=store");
        row("instance before environment", "openai", "instance:api_key environment:api_key",
            "api_key=instance base_url=default; shadowed api_key=environment");
        row("environment before store", "openai", "environment:api_key store:api_key",
            "api_key=environment base_url=default; shadowed api_key=store");
        row("store before shared", "openai", "store:api_key shared:api_key",
            "api_key=store base_url=default; shadowed api_key=shared");
        row("shared before the broker's environment", "openai", "shared:api_key broker_environment:api_key",
            "api_key=shared base_url=default; shadowed api_key=broker_environment");
        // --- field by field
        row("a field of its own falls through", "openai", "call:organization store:api_key",
            "api_key=store base_url=default organization=call");
        row("each from where it is", "openai", "call:project environment:organization store:api_key,organization",
            "api_key=store base_url=default organization=environment project=call; shadowed organization=store");
        row("region from the environment", "bedrock", "environment:region store:access_key_id,secret_access_key,region",
            "access_key_id=store region=environment secret_access_key=store; shadowed region=store");
        // --- a list of config.toml
        row("a list may name a layer twice", "openai", "environment:base_url environment:api_key store:api_key",
            "api_key=environment base_url=default; secrets_come_from_elsewhere base_url=environment; shadowed "
            "api_key=store");
        row("an account's token, a file, a command", "openai", "command:api_key file:api_key oauth:api_key",
            "api_key=command base_url=default; shadowed api_key=file; shadowed api_key=oauth");
        row("none: nothing is needed", "openai", "environment: none:", "base_url=default");
        row("none counts only when there is nothing", "openai",
            "environment:api_key none:", "api_key=environment base_url=default");
        row("none does not make half a credential whole", "bedrock",
            "environment:access_key_id none:", "access_key_id=environment; not complete");
        // --- endpoints are bound to the secrets
        row("endpoint and key together", "openai", "call:api_key,base_url store:api_key,base_url",
            "api_key=call base_url=call; shadowed api_key=store; shadowed base_url=store");
        row("a repository's endpoint never gets the stored key", "openai", "environment:base_url store:api_key",
            "api_key=store base_url=default; secrets_come_from_elsewhere base_url=environment");
        row("nor does the call's", "openai", "call:base_url store:api_key",
            "api_key=store base_url=default; secrets_come_from_elsewhere base_url=call");
        row("nor does the environment's get the call's key", "openai", "call:api_key environment:base_url",
            "api_key=call base_url=default; secrets_come_from_elsewhere base_url=environment");
        row("the store's endpoint does not get the environment's key", "openai", "environment:api_key store:base_url",
            "api_key=environment base_url=default; secrets_come_from_elsewhere base_url=store");
        row("a name that makes an address is an endpoint", "azure", "environment:resource_name store:api_key",
            "api_key=store; secrets_come_from_elsewhere resource_name=environment");
        row("no default: no endpoint at all", "openai-compatible", "environment:base_url store:api_key",
            "api_key=store; secrets_come_from_elsewhere base_url=environment");
        row("without a secret an endpoint is free", "ollama", "environment:base_url store:base_url",
            "base_url=environment; shadowed base_url=store");
        row("a server of one's own without a key", "vllm", "environment:base_url", "base_url=environment");
        row("a server of one's own with a stored key", "vllm", "environment:base_url store:api_key",
            "api_key=store base_url=default; secrets_come_from_elsewhere base_url=environment");
        // --- a credential of several parts comes from one layer
        row("half a key is not completed", "bedrock", "environment:access_key_id store:access_key_id,secret_access_key",
            "access_key_id=store secret_access_key=store; incomplete access_key_id=environment");
        row("nor from below", "bedrock", "environment:access_key_id store:secret_access_key",
            "access_key_id=environment; secrets_come_from_elsewhere secret_access_key=store; not complete");
        row("another key's session token is left out", "bedrock",
            "environment:access_key_id,secret_access_key store:access_key_id,secret_access_key,session_token",
            "access_key_id=environment secret_access_key=environment; secrets_come_from_elsewhere session_token=store; "
            "shadowed access_key_id=store; shadowed secret_access_key=store");
        row("one's own session token goes along", "bedrock",
            "environment:access_key_id,secret_access_key,session_token",
            "access_key_id=environment secret_access_key=environment session_token=environment");
        row("a mail address belongs to its key", "vertex", "environment:client_email store:client_email,private_key",
            "client_email=store private_key=store; incomplete client_email=environment");
        row("a project does not", "vertex", "environment:project_id store:service_account_key",
            "project_id=environment service_account_key=store");
        row("another kind of credential wins whole", "anthropic", "call:oauth_token store:api_key",
            "base_url=default oauth_token=call; secrets_come_from_elsewhere api_key=store");
        row("two kinds in one layer", "anthropic", "store:api_key,oauth_token",
            "api_key=store base_url=default oauth_token=store");
        // --- providers that need nothing
        row("nothing needed", "lm-studio", "", "base_url=default");
        row("nothing needed, no default", "tgi", "call:base_url", "base_url=call");
        row("an optional key", "sglang", "environment:api_key", "api_key=environment base_url=default");
    }
    void cases() {
        QFETCH(const QByteArray, provider);
        QFETCH(const QByteArray, offers);
        QFETCH(const QByteArray, result);
        const providers::Profile* profile = m_catalogue.find(provider.toStdString());
        QVERIFY(profile != nullptr);
        QCOMPARE(shown(resolve(*profile, offersOf(offers))), result);
    }

    /// Whatever is offered: the secrets and the endpoints of a plan come from one layer, and nothing is taken from a
    /// layer that did not offer it.
    void nothingIsEverMixed() {
        constexpr std::array kNames{"call", "environment", "environment", "store"}; // a list may name two variables
        for (const providers::Profile& profile : m_catalogue.all()) {
            const std::size_t bits = std::min<std::size_t>(profile.fields.size(), 4);
            for (std::size_t pattern = 0; pattern < (std::size_t{1} << (bits * kNames.size())); ++pattern) {
                std::vector<Offer> offers;
                for (std::size_t i = 0; i < kNames.size(); ++i) {
                    Offer offer{*layerOf(kNames.at(i)), {}};
                    for (std::size_t j = 0; j < bits; ++j) {
                        if (((pattern >> (i * bits + j)) & 1U) != 0) {
                            offer.fields.push_back({profile.fields[j].name, "here"});
                        }
                    }
                    offers.push_back(std::move(offer));
                }
                const QByteArray problem = mixed(profile, offers, resolve(profile, offers));
                QVERIFY2(problem.isEmpty(), problem.constData());
            }
        }
    }

    void shadowingOfSecretsIsTold() {
        const providers::Profile* openai = m_catalogue.find("openai");
        QVERIFY(resolve(*openai, offersOf("environment:api_key store:api_key")).shadowsASecret(*openai));
        QVERIFY(
            !resolve(*openai, offersOf("environment:organization store:api_key,organization")).shadowsASecret(*openai));
        QVERIFY(!resolve(*openai, offersOf("store:api_key")).shadowsASecret(*openai));
    }

    void everyLayerHasAName() {
        for (const auto& [name, layer] : kLayers) {
            QCOMPARE(toString(layer), name);
            QVERIFY(layerOf(name) == layer);
        }
        QVERIFY(!layerOf("env"));
        QVERIFY(isCallers(Layer::Environment) && !isCallers(Layer::Store) && !isCallers(Layer::Default));
    }

private:
    static QByteArray mixed(const providers::Profile& profile, const std::vector<Offer>& offers, const Plan& plan) {
        std::optional<std::size_t> secrets; // which of the offers
        for (const Choice& choice : plan.choices) {
            if (profile.field(choice.field)->secret) {
                if (secrets && *secrets != choice.offer) {
                    return "secrets of two places: " + text(profile.id);
                }
                secrets = choice.offer;
            }
            if (choice.layer == Layer::Default) {
                continue;
            }
            const Offer& offer = offers.at(choice.offer);
            if (offer.layer != choice.layer ||
                std::ranges::find(offer.fields, choice.field, &Offered::field) == offer.fields.end()) {
                return "not offered: " + text(choice.field);
            }
        }
        for (const Choice& choice : plan.choices) {
            if (secrets && profile.field(choice.field)->endpoint && choice.offer != *secrets &&
                choice.layer != Layer::Default) {
                return "a secret goes to another place's endpoint: " + text(profile.id);
            }
        }
        return {};
    }
};

QTEST_APPLESS_MAIN(TestResolve)
#include "tst_resolve.moc"
