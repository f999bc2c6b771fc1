#include "app/tray/keychain_dialog.h"
#include "tests/unit/page_test.h"

#include <QPointer>
#include <QPushButton>

using namespace keybearer;
using test::kSoon;

namespace {

struct Fixture : test::PageFixture {
    QPointer<tray::KeychainDialog> dialog;

    Fixture() {
        begin();
        dialog = new tray::KeychainDialog(state);
        dialog->show();
    }
    ~Fixture() { delete dialog; }
    void choose(const char* name) const { dialog->findChild<QRadioButton*>(QLatin1String(name))->setChecked(true); }
    void type(const char* first, const char* second) const {
        dialog->findChild<QLineEdit*>(QStringLiteral("passphrase"))->setText(QLatin1String(first));
        dialog->findChild<QLineEdit*>(QStringLiteral("passphraseAgain"))->setText(QLatin1String(second));
    }
    [[nodiscard]] QPushButton* ok() const {
        return dialog->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    }
};

} // namespace

class TestKeychainDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPassphraseIsTypedTwice_data() {
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<QByteArray>("second");
        QTest::addColumn<bool>("isEnough");
        QTest::newRow("none") << QByteArray() << QByteArray() << false;
        QTest::newRow("once") << QByteArray("long enough") << QByteArray() << false;
        QTest::newRow("another") << QByteArray("long enough") << QByteArray("long enouhg") << false;
        QTest::newRow("twice") << QByteArray("long enough") << QByteArray("long enough") << true;
    }
    void aPassphraseIsTypedTwice() {
        QFETCH(const QByteArray, first);
        QFETCH(const QByteArray, second);
        QFETCH(const bool, isEnough);
        const Fixture f;
        f.choose("sealed");
        f.type(first.constData(), second.constData());
        QCOMPARE(f.ok()->isEnabled(), isEnough);
        f.choose("plain");
        QVERIFY(f.ok()->isEnabled());
    }

    void itMovesThereAndForgetsThePassphrase() {
        Fixture f;
        f.broker.answer("keychain.migrate", {{"backend", "file-sealed"}, {"moved", 3}});
        f.choose("sealed");
        f.type("a passphrase", "a passphrase");
        f.ok()->click();
        QVERIFY(f.dialog->findChild<QLineEdit*>(QStringLiteral("passphrase"))->text().isEmpty());
        QTRY_VERIFY_WITH_TIMEOUT(f.dialog.isNull(), kSoon);
        const nlohmann::json expected{{"backend", "file-sealed"}, {"passphrase", "a passphrase"}};
        QVERIFY(f.broker.calls("keychain.migrate").front() == expected);
    }

    void aFailureStaysInTheDialog() {
        Fixture f;
        f.broker.refuse("keychain.migrate", "keychain_unavailable", "no service");
        f.choose("service");
        f.ok()->click();
        const auto* note = f.dialog->findChild<QLabel*>(QStringLiteral("note"));
        QTRY_COMPARE_WITH_TIMEOUT(note->text(), QStringLiteral("no service"), kSoon);
        QVERIFY(f.dialog->isEnabled());
    }
};

QTEST_MAIN(TestKeychainDialog)
#include "tst_keychain_dialog.moc"
