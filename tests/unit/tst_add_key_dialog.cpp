#include "app/tray/add_key_dialog.h"
#include "tests/unit/keys_test.h"

#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QSignalSpy>
#include <QTest>

using namespace keybearer;
using namespace keybearer::test;
using namespace keybearer::tray;
using nlohmann::json;

class TestAddKeyDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aKeyIsAdded() {
        Scene scene;
        QWidget parent;
        auto* dialog = new AddKeyDialog(scene.link, &parent);
        dialog->add({});
        auto* rows = part<QListWidget>(*dialog, "providers");
        QTRY_COMPARE(rows->count(), 1); // the other one has no keys
        press(*dialog, "save");
        QTRY_VERIFY(part<QLineEdit>(*dialog, "api_key") != nullptr);
        auto* line = part<QLineEdit>(*dialog, "api_key");
        auto* save = part<QPushButton>(*dialog, "save");
        QCOMPARE(line->echoMode(), QLineEdit::Password);
        QVERIFY(!save->isEnabled());
        line->setText(QStringLiteral("sk-1 2"));
        QVERIFY(!save->isEnabled());
        QVERIFY(!part<QLabel>(*dialog, "api_keyProblem")->text().isEmpty());
        line->setText(QStringLiteral("other"));
        QVERIFY(save->isEnabled());
        QVERIFY(part<QLabel>(*dialog, "api_keyProblem")->text().contains(u"sk-"));
        line->setText(QStringLiteral("  sk-value \n"));
        part<QLineEdit>(*dialog, "base_url")->setText(QStringLiteral("nowhere"));
        QVERIFY(!save->isEnabled());
        part<QLineEdit>(*dialog, "base_url")->clear();
        part<QLineEdit>(*dialog, "keyName")->setText(QStringLiteral("a b"));
        QVERIFY(!save->isEnabled());
        part<QLineEdit>(*dialog, "keyName")->setText(QStringLiteral("new"));
        QVERIFY(save->isEnabled());
        QSignalSpy saved(dialog, &AddKeyDialog::saved);
        press(*dialog, "save");
        QCOMPARE(line->text(), QString());
        QTRY_COMPARE(saved.size(), 1);
        QVERIFY(scene.broker.calls("credential.set") == (std::vector<json>({{{"provider", "openai"},
                                                                             {"tenant", "default"},
                                                                             {"name", "new"},
                                                                             {"fields", {{"api_key", "sk-value"}}}}})));
        QTRY_VERIFY(part<AddKeyDialog>(parent, "addKey") == nullptr);
    }

    void whoHasTenantsChoosesOne() {
        Scene scene;
        QWidget parent;
        json key = kKey;
        key["tenant"] = "acme";
        auto* dialog = new AddKeyDialog(scene.link, &parent);
        dialog->add({model::keysFrom({{"credentials", {key}}}, json()).front().id});
        QTRY_COMPARE(part<QListWidget>(*dialog, "providers")->count(), 1);
        press(*dialog, "save");
        QTRY_VERIFY(part<QLineEdit>(*dialog, "api_key") != nullptr);
        part<QLineEdit>(*dialog, "api_key")->setText(QStringLiteral("sk-value"));
        part<QLineEdit>(*dialog, "keyName")->setText(QStringLiteral("work"));
        auto* save = part<QPushButton>(*dialog, "save");
        QVERIFY(save->isEnabled()); // acme's key of that name is another one
        part<QLineEdit>(*dialog, "keyTenant")->setText(QStringLiteral("acme"));
        QVERIFY(!save->isEnabled());
        part<QLineEdit>(*dialog, "keyName")->setText(QStringLiteral("second"));
        press(*dialog, "save");
        QTRY_COMPARE(scene.broker.calls("credential.set").size(), std::size_t{1});
        QVERIFY(scene.broker.calls("credential.set")[0]["tenant"] == "acme");
    }

    void aKeyThatIsThereIsNotOverwritten() {
        Scene scene;
        QWidget parent;
        auto* dialog = new AddKeyDialog(scene.link, &parent);
        dialog->add({{model::CredentialId::Kind::Key, "openai", "default", "default", false}});
        QTRY_COMPARE(part<QListWidget>(*dialog, "providers")->count(), 1);
        press(*dialog, "save");
        QTRY_VERIFY(part<QLineEdit>(*dialog, "api_key") != nullptr);
        part<QLineEdit>(*dialog, "api_key")->setText(QStringLiteral("sk-value"));
        QVERIFY(!part<QPushButton>(*dialog, "save")->isEnabled());
        QVERIFY(part<QLabel>(*dialog, "keyMessage")->text().contains(u"already"));
    }

    void aPartOfANeedIsNotEnough() {
        Scene scene;
        QWidget parent;
        auto* dialog = new AddKeyDialog(scene.link, &parent);
        dialog->add({});
        QTRY_COMPARE(part<QListWidget>(*dialog, "providers")->count(), 1);
        press(*dialog, "save");
        QTRY_VERIFY(part<QLineEdit>(*dialog, "id") != nullptr);
        auto* save = part<QPushButton>(*dialog, "save");
        part<QLineEdit>(*dialog, "id")->setText(QStringLiteral("me"));
        QVERIFY(!save->isEnabled());
        const QString pem = QStringLiteral("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        QGuiApplication::clipboard()->setText(QStringLiteral("AAAA"));
        press(*dialog, "pemPaste");
        QVERIFY(!save->isEnabled());
        QGuiApplication::clipboard()->setText(pem);
        press(*dialog, "pemPaste");
        QVERIFY(save->isEnabled());
        QVERIFY(!part<QLabel>(*dialog, "pem")->text().contains(u"AAAA"));
        press(*dialog, "save");
        QTRY_COMPARE(scene.broker.calls("credential.set").size(), std::size_t{1});
        QVERIFY(scene.broker.calls("credential.set")[0]["fields"] == (json{{"id", "me"}, {"pem", pem.toStdString()}}));
    }

    void aReplacedKeyKeepsItsNameAndTheFieldsThatWereNotTyped() {
        Scene scene;
        QWidget parent;
        model::Credential key = model::keysFrom({{"credentials", {kKey}}}, json()).front();
        auto* dialog = new AddKeyDialog(scene.link, &parent);
        dialog->change(key, false);
        QTRY_VERIFY(part<QLineEdit>(*dialog, "base_url") != nullptr);
        QVERIFY(!part<QLineEdit>(*dialog, "keyName")->isEnabled());
        QVERIFY(part<QLineEdit>(*dialog, "api_key")->placeholderText().contains(u"sk-pr...abc"));
        part<QLineEdit>(*dialog, "base_url")->setText(QStringLiteral("https://x.example"));
        press(*dialog, "save");
        QTRY_VERIFY(scene.broker.calls("credential.set") ==
                    (std::vector<json>({{{"provider", "openai"},
                                         {"name", "work"},
                                         {"tenant", "default"},
                                         {"fields", {{"base_url", "https://x.example"}}}}})));
    }

    void theNextValueIsAWholeOne() {
        Scene scene;
        QWidget parent;
        model::Credential key = model::keysFrom({{"credentials", {kKey}}}, json()).front();
        auto* dialog = new AddKeyDialog(scene.link, &parent);
        dialog->change(key, true);
        QTRY_VERIFY(part<QLineEdit>(*dialog, "base_url") != nullptr);
        part<QLineEdit>(*dialog, "base_url")->setText(QStringLiteral("https://x.example"));
        QVERIFY(!part<QPushButton>(*dialog, "save")->isEnabled());
        part<QLineEdit>(*dialog, "api_key")->setText(QStringLiteral("sk-b"));
        press(*dialog, "save");
        QTRY_COMPARE(scene.broker.calls("credential.set").size(), std::size_t{1});
        QVERIFY(scene.broker.calls("credential.set")[0]["next"] == (json(true)));
    }

    void aRefusalAndAWarningAreShown() {
        Scene scene;
        scene.broker.refuse("credential.set", "storage_error", "the disk is full");
        QWidget parent;
        auto* dialog = new AddKeyDialog(scene.link, &parent);
        dialog->change(model::keysFrom({{"credentials", {kKey}}}, json()).front(), false);
        QTRY_VERIFY(part<QLineEdit>(*dialog, "api_key") != nullptr);
        part<QLineEdit>(*dialog, "api_key")->setText(QStringLiteral("sk-b"));
        press(*dialog, "save");
        QTRY_VERIFY(part<QLabel>(*dialog, "keyMessage")->text().contains(u"the disk is full"));
        scene.broker.answer("credential.set", json{{"warnings", {"this api_key looks like one of Groq"}}});
        part<QLineEdit>(*dialog, "api_key")->setText(QStringLiteral("sk-b"));
        press(*dialog, "save");
        QTRY_VERIFY(part<QLabel>(*dialog, "keyMessage")->text().contains(u"Groq"));
        QVERIFY(dialog->isVisible());
        QVERIFY(!part<QPushButton>(*dialog, "save")->isVisible());
    }

    void theDashboardOpensInTheBrowser() {
        Scene scene;
        QWidget parent;
        auto* dialog = new AddKeyDialog(scene.link, &parent);
        QSignalSpy pages(dialog, &AddKeyDialog::browserWanted);
        dialog->change(model::keysFrom({{"credentials", {kKey}}}, json()).front(), false);
        QTRY_VERIFY(part<QLineEdit>(*dialog, "api_key") != nullptr);
        press(*dialog, "dashboard");
        QCOMPARE(pages.size(), 1);
        QCOMPARE(pages[0][0].toUrl(), QUrl(QStringLiteral("https://keys.example.com/make")));
    }
};

QTEST_MAIN(TestAddKeyDialog)
#include "tst_add_key_dialog.moc"
