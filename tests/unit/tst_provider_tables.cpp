/// \file
/// What other systems' documentation says about providers, row by row: whoever comes from one of them finds every name,
/// field, variable and page again.

#include "daemon/providers/catalogue.h"

#include <QTest>

#include <algorithm>

using namespace keybearer::providers;

class TestProviderTables : public QObject {
    Q_OBJECT

    Catalogue m_catalogue = Catalogue::load(KEYBEARER_PROVIDERS, "/nonexistent");

private Q_SLOTS:
    /// A per-request credential reference: the slot's name, the name that its provider is registered under, fields.
    void slotsAndFields_data() {
        QTest::addColumn<QByteArray>("registered");
        QTest::addColumn<QByteArrayList>("fields");
        const auto row = [](const char* slot, const char* registered, const char* fields) {
            QTest::newRow(slot) << QByteArray(registered) << QByteArray(fields).split(' ');
        };
        row("openai", "openai", "apiKey baseURL");
        row("anthropic", "anthropic", "apiKey oauthToken");
        row("googleAiStudio", "google-ai", "apiKey");
        row("vertex", "vertex", "projectId location apiKey serviceAccountKey clientEmail privateKey");
        row("bedrock", "bedrock", "accessKeyId secretAccessKey sessionToken region");
        row("sagemaker", "sagemaker", "accessKeyId secretAccessKey sessionToken region endpoint");
        row("azure", "azure", "apiKey resourceName deploymentName apiVersion");
        row("mistral", "mistral", "apiKey");
        row("huggingFace", "huggingface", "apiKey baseURL");
        row("openrouter", "openrouter", "apiKey baseURL");
        row("litellm", "litellm", "apiKey baseURL");
        row("openaiCompatible", "openai-compatible", "apiKey baseURL");
        row("ollama", "ollama", "baseURL");
    }
    void slotsAndFields() {
        QFETCH(const QByteArray, registered);
        QFETCH(const QByteArrayList, fields);
        const Profile* profile = m_catalogue.find(QTest::currentDataTag());
        QVERIFY(profile != nullptr);
        QCOMPARE(m_catalogue.find(registered.toStdString()), profile);
        for (const QByteArray& field : fields) {
            QVERIFY2(profile->field(field.toStdString()) != nullptr, field.constData());
        }
    }

    /// A gateway's default locations.
    void variables_data() {
        QTest::addColumn<QByteArray>("variable"); // empty: it needs none
        const auto row = [](const char* provider, const char* variable) {
            QTest::newRow(provider) << QByteArray(variable);
        };
        row("anthropic", "ANTHROPIC_API_KEY");
        row("aws_bedrock", "AWS_ACCESS_KEY_ID");
        row("azure", "AZURE_OPENAI_API_KEY");
        row("deepseek", "DEEPSEEK_API_KEY");
        row("fireworks", "FIREWORKS_API_KEY");
        row("gcp_vertex_anthropic", "GCP_VERTEX_CREDENTIALS_PATH");
        row("gcp_vertex_gemini", "GCP_VERTEX_CREDENTIALS_PATH");
        row("google_ai_studio_gemini", "GOOGLE_API_KEY");
        row("hyperbolic", "HYPERBOLIC_API_KEY");
        row("mistral", "MISTRAL_API_KEY");
        row("openai", "OPENAI_API_KEY");
        row("openai-compatible", "OPENAI_API_KEY");
        row("sglang", "SGLANG_API_KEY");
        row("tgi", "");
        row("together", "TOGETHER_API_KEY");
        row("vllm", "");
        row("xai", "XAI_API_KEY");
        row("groq", "GROQ_API_KEY");
        row("openrouter", "OPENROUTER_API_KEY");
        row("perplexity", "PERPLEXITY_API_KEY");
        row("ollama", "OLLAMA_HOST");
        row("lm-studio", "LMSTUDIO_HOST");
        row("github", "GITHUB_TOKEN");
        row("gitlab", "GITLAB_TOKEN");
    }
    void variables() {
        QFETCH(const QByteArray, variable);
        const Profile* profile = m_catalogue.find(QTest::currentDataTag());
        QVERIFY(profile != nullptr);
        const auto holds = [&](const Field& field) {
            return std::ranges::find(field.variables, variable.toStdString()) != field.variables.end() ||
                   std::ranges::find(field.pathVariables, variable.toStdString()) != field.pathVariables.end();
        };
        QVERIFY(variable.isEmpty() ? profile->needs.empty() : std::ranges::any_of(profile->fields, holds));
    }

    /// An authentication matrix: whether a provider needs anything, and where its keys are made.
    void authentication_data() {
        QTest::addColumn<bool>("required");
        QTest::addColumn<QByteArray>("dashboard");
        const auto row = [](const char* provider, bool required, const char* dashboard) {
            QTest::newRow(provider) << required << QByteArray(dashboard);
        };
        row("openai", true, "platform.openai.com/api-keys");
        row("gpt", true, "platform.openai.com/api-keys");
        row("claude", true, "console.anthropic.com/settings/keys");
        row("groq", true, "console.groq.com/keys");
        row("mistral ai", true, "console.mistral.ai/api-keys");
        row("fireworks ai", true, "fireworks.ai/account/api-keys");
        row("together ai", true, "api.together.ai/settings/api-keys");
        row("openrouter", true, "openrouter.ai/settings/keys");
        row("perplexity", true, "perplexity.ai/settings/api");
        row("ollama", false, "");
        row("lm-studio", false, "");
        row("LM Studio", false, "");
        row("gemini", true, "aistudio.google.com");
    }
    void authentication() {
        QFETCH(const bool, required);
        QFETCH(const QByteArray, dashboard);
        const Profile* profile = m_catalogue.find(QTest::currentDataTag());
        QVERIFY(profile != nullptr);
        QCOMPARE(!profile->needs.empty(), required);
        QVERIFY(profile->dashboardUrl.find(dashboard.toStdString()) != std::string::npos);
        // Where no key is needed there is a place on this machine to ask.
        const Field* address = profile->field("base_url");
        QVERIFY(required || (address != nullptr && address->defaultValue.starts_with("http://127.0.0.1:")));
    }

    /// A secret never goes to an address that came from elsewhere: every address must be marked as one.
    void addressesAreEndpoints() {
        for (const Profile& profile : m_catalogue.all()) {
            for (const Field& field : profile.fields) {
                QVERIFY2(field.type != FieldType::Url || field.endpoint, (profile.id + "." + field.name).c_str());
                const bool namedAsSecret = field.name.ends_with("key") || field.name.ends_with("token");
                QVERIFY2(!namedAsSecret || field.secret, (profile.id + "." + field.name).c_str());
            }
        }
    }
};

QTEST_APPLESS_MAIN(TestProviderTables)
#include "tst_provider_tables.moc"
