#include "app/tray/accounts_page.h"
#include "app/tray/add_key_dialog.h"
#include "app/tray/explain_view.h"
#include "tests/unit/keys_test.h"

#include <QAction>
#include <QClipboard>
#include <QLabel>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>

using namespace keybearer;
using namespace keybearer::test;
using namespace keybearer::tray;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

QTableView* table(AccountsPage& page) {
    return part<QTableView>(page, "credentials");
}

bool fill(AccountsPage& page) {
    page.resize(900, 500);
    page.setVisible(true);
    page.refresh();
    return QTest::qWaitFor([&page] { return table(page)->model()->rowCount() == 2; });
}

bool choose(AccountsPage& page, const QString& name) {
    const QAbstractItemModel* rows = table(page)->model();
    for (int row = 0; row < rows->rowCount(); ++row) {
        if (rows->index(row, model::CredentialsModel::Name).data().toString() == name) {
            table(page)->setCurrentIndex(rows->index(row, 0));
            return true;
        }
    }
    return false;
}

QString statusOf(AccountsPage& page, int row) {
    return table(page)->model()->index(row, model::CredentialsModel::Status).data().toString();
}

bool isKeyStruck(AccountsPage& page) {
    const QAbstractItemModel* rows = table(page)->model();
    for (int row = 0; row < rows->rowCount(); ++row) {
        if (statusOf(page, row) == QLatin1String("being removed")) {
            return rows->index(row, 0).data(Qt::FontRole).value<QFont>().strikeOut();
        }
    }
    return false;
}

void trigger(AccountsPage& page, const char* verb) {
    part<QAction>(page, verb)->trigger();
}

} // namespace

class TestTrayKeys : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRowHasItsOwnVerbs() {
        Scene scene;
        AccountsPage page(scene.state);
        QVERIFY(fill(page));
        QVERIFY(!part<QAction>(page, "remove")->isEnabled());
        QVERIFY(choose(page, QStringLiteral("me")));
        QVERIFY(part<QAction>(page, "signOut")->isEnabled());
        QVERIFY(!part<QAction>(page, "remove")->isEnabled());
        QVERIFY(choose(page, QStringLiteral("work")));
        QVERIFY(part<QAction>(page, "remove")->isEnabled());
        QVERIFY(!part<QAction>(page, "signOut")->isEnabled());
        QVERIFY(!part<QAction>(page, "useNext")->isEnabled());
        trigger(page, "copyName");
        QCOMPARE(QGuiApplication::clipboard()->text(), u"work");
    }

    void nothingIsShownWithoutABroker() {
        Scene scene;
        AccountsPage page(scene.state);
        QVERIFY(fill(page));
        page.clear();
        QCOMPARE(table(page)->model()->rowCount(), 0);
        QVERIFY(!part<QLabel>(page, "emptyText")->isVisible()); // it is not known to be empty
    }

    void whereNothingIsThereTwoButtonsAre() {
        Scene scene;
        scene.broker.answer("account.list", json{{"accounts", json::array()}});
        scene.broker.hold("credential.list");
        AccountsPage page(scene.state);
        page.setVisible(true);
        page.refresh();
        QTRY_COMPARE(scene.broker.calls("credential.list").size(), std::size_t{1});
        QVERIFY(!part<QLabel>(page, "emptyText")->isVisible());
        QVERIFY(scene.broker.release("credential.list", {{"credentials", json::array()}}));
        QTRY_VERIFY(part<QLabel>(page, "emptyText")->isVisible());
        QSignalSpy signIns(&page, &Page::signInWanted);
        press(page, "firstSignIn");
        QCOMPARE(signIns.size(), 1);
        press(page, "firstKey");
        QVERIFY(part<AddKeyDialog>(page, "addKey")->isVisible());
    }

    void answersOfAnEarlierConnectionAreNotShown() {
        Scene scene;
        scene.broker.hold("credential.list");
        AccountsPage page(scene.state);
        page.setVisible(true);
        page.refresh();
        QTRY_COMPARE(scene.broker.calls("credential.list").size(), std::size_t{1});
        page.clear();
        QVERIFY(scene.broker.release("credential.list", {{"credentials", {kKey}}}));
        bool isAnswered = false;
        scene.broker.answer("system.hello", json::object());
        scene.link.call("system.hello", json::object(), &page, [&isAnswered](const auto&) { isAnswered = true; });
        QTRY_VERIFY(isAnswered);
        QCOMPARE(table(page)->model()->rowCount(), 0);
    }

    void theFingerprintIsAskedForOneRow() {
        Scene scene;
        scene.broker.answer("credential.explain",
                            json{{"fields", {{{"field", "api_key"}, {"fingerprint", "0a1b2c3d"}}}}});
        AccountsPage page(scene.state);
        QVERIFY(fill(page));
        QCOMPARE(scene.broker.calls("credential.explain").size(), std::size_t{0});
        QVERIFY(choose(page, QStringLiteral("work")));
        QTRY_COMPARE(scene.broker.calls("credential.explain").size(), std::size_t{1});
        QVERIFY(scene.broker.calls("credential.explain")[0]["only"] == (json({"store"})));
        const QModelIndex cell =
            table(page)->model()->index(table(page)->currentIndex().row(), model::CredentialsModel::Identity);
        QTRY_VERIFY(cell.data().toString().contains(u"0a1b2c3d"));
    }

    void theChoiceStaysWhenTheListChanges_data() {
        QTest::addColumn<Qt::LayoutDirection>("direction");
        QTest::newRow("left to right") << Qt::LeftToRight;
        QTest::newRow("right to left") << Qt::RightToLeft;
    }
    void theChoiceStaysWhenTheListChanges() {
        QFETCH(const Qt::LayoutDirection, direction);
        Scene scene;
        AccountsPage page(scene.state);
        page.setLayoutDirection(direction);
        QVERIFY(fill(page));
        QVERIFY(choose(page, QStringLiteral("work")));
        json another = kKey;
        another["name"] = "another";
        scene.broker.answer("credential.list", json{{"credentials", {another, kKey}}});
        page.refresh();
        QTRY_COMPARE(table(page)->model()->rowCount(), 3);
        const QModelIndexList chosen = table(page)->selectionModel()->selectedRows();
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen.front().data().toString(), u"work");
    }

    void aRemovedKeyIsStruckAndComesBack() {
        Scene scene;
        AccountsPage page(scene.state, 1h);
        QVERIFY(fill(page));
        QVERIFY(choose(page, QStringLiteral("work")));
        trigger(page, "remove");
        QVERIFY(isKeyStruck(page));
        press(page, "undo");
        QVERIFY(!isKeyStruck(page));
        trigger(page, "remove");
        trigger(page, "takeBack");
        QVERIFY(!isKeyStruck(page));
        QCOMPARE(scene.broker.calls("credential.remove").size(), std::size_t{0});
    }

    void aRemovedKeyGoesAfterAWhile() {
        Scene scene;
        scene.broker.hold("credential.remove");
        AccountsPage page(scene.state, 1ms);
        QVERIFY(fill(page));
        QVERIFY(choose(page, QStringLiteral("work")));
        trigger(page, "remove");
        QTRY_COMPARE(scene.broker.calls("credential.remove").size(), std::size_t{1});
        QVERIFY(scene.broker.calls("credential.remove")[0] ==
                (json{{"provider", "openai"}, {"name", "work"}, {"tenant", "default"}}));
        QVERIFY(isKeyStruck(page)); // the broker has not said yet that it is gone
        scene.broker.answer("credential.list", json{{"credentials", json::array()}});
        QVERIFY(scene.broker.release("credential.remove", {{"removed", 1}}));
        QTRY_COMPARE(table(page)->model()->rowCount(), 1);
    }

    void aRemovedKeyGoesWhenThePageIsOutOfSight() {
        Scene scene;
        AccountsPage page(scene.state, 1h);
        QVERIFY(fill(page));
        QVERIFY(choose(page, QStringLiteral("work")));
        trigger(page, "remove");
        page.hide();
        QTRY_COMPARE(scene.broker.calls("credential.remove").size(), std::size_t{1});
    }

    void aKeyThatWasNotRemovedIsNoLongerStruck() {
        Scene scene;
        scene.broker.refuse("credential.remove", "storage_error", "the disk is full");
        AccountsPage page(scene.state, 1ms);
        QVERIFY(fill(page));
        QVERIFY(choose(page, QStringLiteral("work")));
        QSignalSpy failures(&page, &Page::failed);
        trigger(page, "remove");
        QTRY_COMPARE(failures.size(), 1);
        QVERIFY(!isKeyStruck(page));
    }

    void aRemovalThatCouldNotBeMadeIsTold() {
        Scene scene;
        AccountsPage page(scene.state, 1h);
        QVERIFY(fill(page));
        QVERIFY(choose(page, QStringLiteral("work")));
        trigger(page, "remove");
        page.clear();
        page.refresh();
        QTRY_VERIFY(part<QLabel>(page, "noticeText")->text().contains(u"OpenAI, work"));
        QVERIFY(!isKeyStruck(page));
        QCOMPARE(scene.broker.calls("credential.remove").size(), std::size_t{0});
    }

    void signingOutAsks() {
        Scene scene;
        scene.broker.answer("account.logout",
                            json{{"accounts", {{{"account", "me"}, {"revoked", false}, {"detail", "it would not"}}}}});
        AccountsPage page(scene.state);
        QVERIFY(fill(page));
        QVERIFY(choose(page, QStringLiteral("me")));
        trigger(page, "signOut");
        press(page, "stay");
        QVERIFY(!part<QWidget>(page, "notice")->isVisible());
        trigger(page, "signOut");
        QCOMPARE(scene.broker.calls("account.logout").size(), std::size_t{0});
        press(page, "signOutNow");
        QTRY_VERIFY(part<QLabel>(page, "noticeText")->text().contains(u"it would not"));
        QVERIFY(scene.broker.calls("account.logout") == (std::vector<json>({{{"account", "me"}}})));
    }

    void calls_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("method");
        QTest::addColumn<QByteArray>("params");
        QTest::newRow("account") << QStringLiteral("me") << QByteArray("account.rename")
                                 << QByteArray(R"({"account":"me","new_name":"new"})");
        QTest::newRow("key") << QStringLiteral("work") << QByteArray("credential.rename")
                             << QByteArray(
                                    R"({"provider":"openai","name":"work","tenant":"default","new_name":"new"})");
    }
    void calls() {
        QFETCH(const QString, name);
        QFETCH(const QByteArray, method);
        QFETCH(const QByteArray, params);
        Scene scene;
        scene.broker.answer(method.toStdString(), json::object());
        AccountsPage page(scene.state);
        QVERIFY(fill(page));
        QVERIFY(choose(page, name));
        trigger(page, "rename");
        auto* editor = table(page)->findChild<QLineEdit*>();
        QVERIFY(editor != nullptr);
        editor->setText(QStringLiteral("new"));
        QTest::keyClick(editor, Qt::Key_Return);
        QTRY_VERIFY(scene.broker.calls(method.toStdString()) ==
                    (std::vector<json>({json::parse(params.toStdString())})));
    }

    void explainDraws() {
        Scene scene;
        scene.broker.answer("credential.explain",
                            json{{"looked_at", {"store"}},
                                 {"complete", true},
                                 {"fields", {{{"field", "api_key"}, {"source", "store"}, {"fingerprint", "0a1b"}}}}});
        AccountsPage page(scene.state);
        QVERIFY(fill(page));
        QVERIFY(choose(page, QStringLiteral("work")));
        trigger(page, "explain");
        QTRY_VERIFY(part<ExplainView>(page, "explainChain") != nullptr);
        auto* view = part<ExplainView>(page, "explainChain");
        QVERIFY(view->accessibleDescription().contains(u"0a1b"));
        QVERIFY(view->heightForWidth(100) > view->heightForWidth(2000)); // long lines are wrapped
        page.clear();
        QTRY_VERIFY(part<ExplainView>(page, "explainChain") == nullptr);
    }

    void aTenantWhoseFileCannotBeReadIsNamed() {
        Scene scene;
        scene.broker.answer("credential.list", json{{"credentials", {kKey}}, {"unreadable", json::array({"acme"})}});
        AccountsPage page(scene.state);
        QVERIFY(fill(page));
        QVERIFY(part<QLabel>(page, "noticeText")->text().contains(u"acme"));
        QVERIFY(scene.broker.calls("credential.list")[0] == (json{{"all_tenants", true}}));
    }
};

QTEST_MAIN(TestTrayKeys)
#include "tst_tray_keys.moc"
