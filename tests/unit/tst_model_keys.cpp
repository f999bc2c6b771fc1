#include "app/model/chain.h"
#include "app/model/credential_calls.h"
#include "app/model/credentials_model.h"
#include "app/model/key_form.h"
#include "app/model/removals.h"

#include <QSignalSpy>
#include <QTest>

using namespace keybearer::model;
using nlohmann::json;

namespace {

const json kProviders{{"providers", {{{"provider", "openai"}, {"display_name", "OpenAI"}}}}};

json storedKey() {
    return {{"provider", "openai"},
            {"tenant", "default"},
            {"name", "work"},
            {"used_at", 1'700'000'500},
            {"fields",
             {{{"field", "base_url"}, {"slot", "current"}, {"preview", "https://x.example"}, {"set_at", 1'700'000'100}},
              {{"field", "api_key"},
               {"slot", "current"},
               {"preview", "sk-pr...abc"},
               {"set_at", 1'700'000'200},
               {"test", true}},
              {{"field", "api_key"}, {"slot", "next"}, {"preview", nullptr}, {"set_at", 1'700'000'300}}}}};
}

KeyField fieldOf(const char* type) {
    KeyField field;
    field.name = "api_key";
    field.type = type;
    return field;
}

QString cell(const CredentialsModel& model, int row, int column) {
    return model.index(row, column).data().toString();
}

} // namespace

class TestModelKeys : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aKeyIsOneRow() {
        const QList<Credential> rows = keysFrom({{"credentials", {storedKey()}}}, kProviders);
        QCOMPARE(rows.size(), 1);
        const Credential& row = rows.front();
        QVERIFY(row.id.isKey());
        QCOMPARE(row.id.provider, std::string("openai"));
        QCOMPARE(row.id.tenant, std::string("default"));
        QCOMPARE(row.providerName, u"OpenAI");
        QCOMPARE(row.identity, u"sk-pr...abc"); // and not the address, which tells less
        QCOMPARE(row.setAt, std::optional<std::int64_t>(1'700'000'200));
        QCOMPARE(row.usedAt, std::optional<std::int64_t>(1'700'000'500));
        QVERIFY(row.hasNext);
        QVERIFY(row.isForTest);
        QCOMPARE(row.previews.size(), std::size_t{2});
        QVERIFY(row.details.contains(u"cannot be opened"));
        QVERIFY(keyParams(row.id) == (json{{"provider", "openai"}, {"name", "work"}, {"tenant", "default"}}));
    }

    void aSharedKeyIsNamedWithoutATenant() {
        json key = storedKey();
        key["tenant"] = "shared";
        const Credential row = keysFrom({{"credentials", {key}}}, kProviders).front();
        QVERIFY(row.id.isShared);
        QVERIFY(keyParams(row.id) == (json{{"provider", "openai"}, {"name", "work"}, {"shared", true}}));
    }

    void aTenantsKeyIsCalledSo() {
        json key = storedKey();
        key["tenant"] = "acme";
        const Credential row = keysFrom({{"credentials", {key}}}, kProviders).front();
        QVERIFY(row.id.isOfTenant());
        QVERIFY(titleOf(row).endsWith(u"work of acme"));
        CredentialsModel rows;
        rows.setCredentials({row});
        QVERIFY(rows.index(0, CredentialsModel::Status).data().toString().contains(u"key of acme"));
        for (const char* other : {"default", "shared", ""}) {
            key["tenant"] = other;
            QVERIFY2(!keysFrom({{"credentials", {key}}}, kProviders).front().id.isOfTenant(), other);
        }
    }

    void missingMembersSayNothing() {
        const QList<Credential> keys = keysFrom({{"credentials", {json::object(), json(), 7}}}, json());
        QCOMPARE(keys.size(), 3);
        QVERIFY(!keys.front().setAt);
        QVERIFY(keys.front().previews.empty());
        const QList<Credential> accounts = accountsFrom({{"accounts", {json::object()}}}, json(), {});
        QCOMPARE(accounts.size(), 1);
        QVERIFY(!accounts.front().isSignedIn);
        QVERIFY(accountsFrom(json(), json(), {}).isEmpty());
        const json bound{{"provider", "lab"}, {"resource", "https://mcp.example"}};
        QCOMPARE(accountsFrom({{"accounts", {bound, bound}}}, kProviders, {}).front().providerName,
                 QStringLiteral("https://mcp.example"));
        QVERIFY(keysFrom(json::array(), json()).isEmpty());
    }

    void anAccountSaysWhoAndWhy() {
        const json account{
            {"account", "work"},          {"provider", "openai"},        {"subject", "s-1"},
            {"status", "login_required"}, {"created_at", 1'700'000'000}, {"refresh_expires_at", nullptr}};
        AccountState state;
        state.name = QStringLiteral("work");
        state.reason = QStringLiteral("the session ended");
        const Credential row = accountsFrom({{"accounts", {account}}}, kProviders, {state}).front();
        QCOMPARE(row.identity, u"s-1");
        QCOMPARE(row.reason, u"the session ended");
        QVERIFY(!row.sessionEnd);
    }

    void whatNothingRenewsEndsWithItsToken() {
        json account{{"account", "a"}, {"status", "signed_in"}, {"renewable", false}, {"expires_at", 1}};
        CredentialsModel model;
        model.setCredentials(accountsFrom({{"accounts", {account}}}, kProviders, {}));
        QVERIFY(cell(model, 0, CredentialsModel::Ends).startsWith(u"ends "));
        account["expires_at"] = nullptr;
        model.setCredentials(accountsFrom({{"accounts", {account}}}, kProviders, {}));
        QCOMPARE(cell(model, 0, CredentialsModel::Ends), u"is not renewed");
    }

    void cells() {
        CredentialsModel model;
        json signedIn{{"account", "a"}, {"provider", "openai"}, {"label", "ada@example.com"}, {"status", "signed_in"}};
        json ending = signedIn;
        ending["refresh_expires_at"] = 1;
        json ended = signedIn;
        ended["status"] = "login_required";
        QList<Credential> rows = accountsFrom({{"accounts", {signedIn, ending, ended}}}, kProviders, {});
        rows << keysFrom({{"credentials", {storedKey()}}}, kProviders);
        model.setCredentials(rows);
        QCOMPARE(cell(model, 0, CredentialsModel::Status), u"signed in");
        QCOMPARE(cell(model, 0, CredentialsModel::Ends), u"renews itself");
        QVERIFY(cell(model, 1, CredentialsModel::Ends).startsWith(u"ends "));
        QCOMPARE(cell(model, 2, CredentialsModel::Status), u"sign-in needed");
        QCOMPARE(cell(model, 2, CredentialsModel::Ends), QString());
        QCOMPARE(cell(model, 3, CredentialsModel::Status), u"key, for test, another is ready");
        QCOMPARE(cell(model, 3, CredentialsModel::Ends), u"no end known");
        model.setFingerprint(rows[3].id, QStringLiteral("0a1b2c3d"));
        QCOMPARE(cell(model, 3, CredentialsModel::Identity), u"sk-pr...abc  [0a1b2c3d]");
        const auto key = [&model](int row) {
            return model.index(row, CredentialsModel::Used).data(CredentialsModel::kSortRole).toLongLong();
        };
        QCOMPARE(key(3), 1'700'000'500);
        QVERIFY(key(0) > key(3)); // never used comes last
    }

    void theSameRowsStay() {
        CredentialsModel model;
        QList<Credential> rows = keysFrom({{"credentials", {storedKey()}}}, kProviders);
        model.setCredentials(rows);
        model.setFingerprint(rows[0].id, QStringLiteral("0a1b2c3d"));
        QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
        QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
        model.setCredentials(rows);
        QCOMPARE(resets.size(), 0);
        QCOMPARE(changes.size(), 0); // an editor that is open keeps what is typed
        QCOMPARE(model.at(0)->fingerprint, u"0a1b2c3d");
        rows[0].setAt = 1'700'009'000;
        model.setCredentials(rows);
        QCOMPARE(changes.size(), 1);
        QCOMPARE(model.at(0)->fingerprint, QString()); // it was another value's
        model.setCredentials({});
        QCOMPARE(resets.size(), 1);
    }

    void aNameIsAskedForAndStays() {
        CredentialsModel model;
        model.setCredentials(keysFrom({{"credentials", {storedKey()}}}, kProviders));
        QSignalSpy renames(&model, &CredentialsModel::renameWanted);
        const QModelIndex name = model.index(0, CredentialsModel::Name);
        QVERIFY(!model.setData(name, QStringLiteral("  ")));
        QVERIFY(!model.setData(name, QStringLiteral("work")));
        QVERIFY(!model.setData(model.index(0, CredentialsModel::Status), QStringLiteral("x")));
        QVERIFY(model.setData(name, QStringLiteral(" home ")));
        QCOMPARE(renames.size(), 1);
        QCOMPARE(renames[0][1].toString(), u"home");
        QCOMPARE(name.data().toString(), u"work");
        model.setLeaving({model.at(0)->id});
        QVERIFY(!model.setData(name, QStringLiteral("other")));
        QCOMPARE(cell(model, 0, CredentialsModel::Status), u"being removed");
    }

    void aRemovalCanBeTakenBackUntilItIsDue() {
        using namespace std::chrono_literals;
        const CredentialId one{CredentialId::Kind::Key, "openai", "one", "default", false};
        const CredentialId two{CredentialId::Kind::Key, "openai", "two", "default", false};
        Removals removals(1ms);
        QSignalSpy due(&removals, &Removals::due);
        removals.add(one);
        removals.add(one);
        QCOMPARE(removals.waiting().size(), 1);
        QVERIFY(removals.undo(one));
        QVERIFY(!removals.undo(one));
        removals.add(two);
        QTRY_COMPARE(due.size(), 1);
        QCOMPARE(due[0][0].value<CredentialId>(), two);
        QVERIFY(!removals.undo(two));
        QCOMPARE(removals.all(), QList{two}); // it is not gone before the broker has said so
        QVERIFY(removals.waiting().isEmpty());
        removals.done(two);
        QVERIFY(removals.all().isEmpty());
    }

    void removalsThatNobodySeesAreDueAtOnce() {
        using namespace std::chrono_literals;
        const CredentialId one{CredentialId::Kind::Key, "openai", "one", "default", false};
        Removals removals(1h);
        QSignalSpy due(&removals, &Removals::due);
        removals.add(one);
        removals.finish();
        QCOMPARE(due.size(), 1);
        removals.finish();
        QCOMPARE(due.size(), 1);
        removals.done(one);
        removals.add(one);
        QCOMPARE(removals.giveUp(), QList{one});
        QVERIFY(removals.all().isEmpty());
        QCOMPARE(due.size(), 1);
    }

    void signOutSaysWhatTheProviderDid() {
        const auto said = [](const json& revoked, const json& detail) {
            return signedOutText({{"accounts", {{{"account", "work"}, {"revoked", revoked}, {"detail", detail}}}}});
        };
        QVERIFY(said(true, nullptr).contains(u"has ended its tokens"));
        QVERIFY(said(false, nullptr).contains(u"did not end its tokens."));
        QVERIFY(said(false, "it has no such endpoint").contains(u"it has no such endpoint"));
        QCOMPARE(signedOutText(json::object()), QString());
    }

    void refusedShapes_data() {
        QTest::addColumn<QByteArray>("type");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("good");
        const auto row = [](const char* name, const char* type, const QByteArray& value, bool good) {
            QTest::newRow(name) << QByteArray(type) << value << good;
        };
        row("token", "token", "sk-abc_DEF-123", true);
        row("nothing", "token", "", false);
        row("token with a space", "token", "sk abc", false);
        row("token of two lines", "token", "sk-abc\nsk-def", false);
        row("token with a letter that no key has", "token", "sk-\xc3\xa4", false);
        row("token that is not UTF-8", "token", "sk-\xff", false);
        row("token with NUL", "token", QByteArray("sk-\0a", 5), false);
        row("longest token", "token", QByteArray(16384, 'a'), true);
        row("too long a token", "token", QByteArray(16385, 'a'), false);
        row("json", "json", R"({"type":"service_account"})", true);
        row("json list", "json", "[]", false);
        row("json cut short", "json", R"({"type":)", false);
        row("json with a member twice", "json", R"({"a":1,"a":2})", false);
        row("too long json", "json", "{\"a\":\"" + QByteArray(65536, 'a') + "\"}", false);
        row("pem", "pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", true);
        row("pem on one line", "pem", "-----BEGIN PRIVATE KEY-----AAAA-----END PRIVATE KEY-----", false);
        row("pem without an end", "pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n", false);
        row("no pem", "pem", "AAAA", false);
        row("url", "url", "https://api.example.com/v1", true);
        row("url with a fragment", "url", "https://api.example.com/#x", false);
        row("url with a user", "url", "https://me@example.com/", false);
        row("other scheme", "url", "ftp://example.com/", false);
        row("path", "path", "/etc/key", true);
        row("relative path", "path", "key", false);
        row("path of two lines", "path", "/a\nb", false);
        row("text", "text", "eu-west-1 \xc3\xa4", true);
        row("text of two lines", "text", "a\nb", false);
    }
    void refusedShapes() {
        QFETCH(const QByteArray, type);
        QFETCH(const QByteArray, value);
        QFETCH(const bool, good);
        const QString problem = problemWith(fieldOf(type.constData()), value.toStdString());
        QCOMPARE(problem.isEmpty(), good);
    }

    void anotherBeginningIsDoubtedAndAllowed() {
        KeyField field = fieldOf("token");
        QCOMPARE(doubtAbout(field, "abc"), QString());
        field.prefixes = {"sk-", "rk-"};
        QCOMPARE(doubtAbout(field, "rk-abc"), QString());
        QVERIFY(doubtAbout(field, "abc").contains(u"sk- or rk-"));
        QCOMPARE(problemWith(field, "abc"), QString());
    }

    void names_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<bool>("good");
        QTest::newRow("usual") << QByteArray("default") << true;
        QTest::newRow("all kinds") << QByteArray("A1.b_c-d@e") << true;
        QTest::newRow("longest") << QByteArray(64, 'a') << true;
        QTest::newRow("too long") << QByteArray(65, 'a') << false;
        QTest::newRow("empty") << QByteArray() << false;
        QTest::newRow("begins with a dot") << QByteArray(".a") << false;
        QTest::newRow("space") << QByteArray("a b") << false;
        QTest::newRow("slash") << QByteArray("a/b") << false;
    }
    void names() {
        QFETCH(const QByteArray, name);
        QFETCH(const bool, good);
        QCOMPARE(problemWithName(name.toStdString()).isEmpty(), good);
    }

    void theFormPutsWhatIsNeededFirst() {
        const KeyForm form =
            keyFormFrom({{"provider", "p"},
                         {"display_name", "P"},
                         {"dashboard_url", "javascript:alert(1)"},
                         {"needs", {{"id", "api_key"}, {"pem"}, json::array(), 7}},
                         {"fields",
                          {{{"field", "region"}, {"type", "text"}, {"default", "eu"}},
                           {{"field", "api_key"}, {"type", "token"}, {"secret", true}, {"prefixes", {"k-", 7}}},
                           {{"field", "id"}, {"type", "text"}},
                           {{"type", "text"}}}}});
        QCOMPARE(form.dashboardUrl, std::string());
        QCOMPARE(form.fields.size(), std::size_t{3});
        QCOMPARE(form.fields[0].name, std::string("api_key"));
        QCOMPARE(form.fields[0].prefixes, std::vector<std::string>{"k-"});
        QCOMPARE(form.fields[2].fallback, u"eu");
        QVERIFY(!form.fields[2].isNeeded);
        QCOMPARE(labelOf(form.fields[0]), u"API key");
        QVERIFY(!form.isWhole({"id"}));
        QVERIFY(form.isWhole({"id", "api_key"}));
        QVERIFY(form.isWhole({"pem"}));
        QVERIFY(keyFormFrom(json()).isWhole({}));
    }

    void whiteSpaceAroundAValueGoes() {
        QCOMPARE(trimmed(" \t sk-a b\r\n"), std::string_view("sk-a b"));
        QCOMPARE(trimmed(" \n"), std::string_view());
    }

    void theChainSaysWhatIsTakenHiddenAndPassedOver() {
        const Chain chain = chainFrom(
            {{"provider", "openai"},
             {"name", "default"},
             {"complete", true},
             {"looked_at", {"call", "environment", "store", "shared", "environment"}},
             {"fields",
              {{{"field", "api_key"}, {"source", "store"}, {"from", "default/default"}, {"fingerprint", "0a1b2c3d"}},
               {{"field", "base_url"}, {"source", "default"}, {"from", ""}}}},
             {"shadowed", {{{"field", "api_key"}, {"source", "shared"}, {"from", "shared/default"}}}},
             {"ignored",
              {{{"field", "base_url"},
                {"source", "environment"},
                {"from", "OPENAI_BASE_URL"},
                {"why", "secrets_come_from_elsewhere"}}}},
             {"warnings", {"careful"}}});
        QVERIFY(chain.isComplete);
        QStringList names;
        for (const ChainLayer& layer : chain.layers) {
            names << layer.name;
        }
        QCOMPARE(names,
                 (QStringList{QStringLiteral("Given with the program's request"),
                              QStringLiteral("Environment of the program"), QStringLiteral("Stored here"),
                              QStringLiteral("Shared by all tenants"), QStringLiteral("The provider's default")}));
        QCOMPARE(chain.layers[0].note, u"known only when a program asks");
        QCOMPARE(chain.layers[1].entries.front().fate, ChainEntry::Fate::PassedOver);
        QVERIFY(chain.layers[1].entries.front().text.contains(u"OPENAI_BASE_URL"));
        QVERIFY(chain.layers[2].isTakenFrom());
        QVERIFY(chain.layers[2].entries.front().text.contains(u"0a1b2c3d"));
        QCOMPARE(chain.layers[3].entries.front().fate, ChainEntry::Fate::Hidden);
        QVERIFY(chain.layers[3].entries.front().text.contains(u"Stored here"));
        QVERIFY(!chain.layers[3].isTakenFrom());
        const QString text = chainText(chain);
        for (const char* part : {"0a1b2c3d", "is hidden by", "is passed over", "careful", "A program gets"}) {
            QVERIFY2(text.contains(QLatin1String(part)), part);
        }
    }

    void aChainOfNothing() {
        QVERIFY(!chainFrom(json()).isComplete);
        QVERIFY(chainFrom(json()).layers.isEmpty());
        const Chain chain = chainFrom({{"looked_at", {"store", 7}}, {"fields", {json::object()}}});
        QCOMPARE(chain.layers.size(), 2);
        QCOMPARE(chain.layers[0].note, u"nothing there");
    }
};

QTEST_GUILESS_MAIN(TestModelKeys)
#include "tst_model_keys.moc"
