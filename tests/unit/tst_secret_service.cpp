/// \file
/// The keychain against a real gnome-keyring on a private bus.

#include "daemon/keychain/secret_service_keychain.h"
#include "tests/support/fake_prompter.h"
#include "tests/support/private_keyring.h"
#include "tests/unit/keychain_test.h"

#include <QDir>
#include <QFile>
#include <QScopeGuard>
#include <QTest>

#include <memory>
#include <vector>

namespace keybearer::keychain {
namespace {

using std::chrono::milliseconds;
using test::FakePrompter;
using test::PrivateKeyring;

/// Long enough for a busy machine where the call is expected to succeed, short where it is expected to run out.
constexpr milliseconds kPatience{8'000};
constexpr milliseconds kShort{600};

} // namespace

class SecretServiceTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanup();
    void cleanupTestCase();

    void anItemComesBack_data();
    void anItemComesBack();
    void aWriteReplaces();
    void aMissingItemIsNotFound();
    void removeSucceedsTwice();
    void overlappingWritesAllArrive();
    void aLockedKeyringIsNeverEmpty();
    void anUnansweredPromptEndsAsLocked();
    void aDismissedPromptIsDenied();
    void aServiceThatGoesAwayUnderItsPromptAnswersAgain();
    void anItemInAnotherLockedKeyringIsLocked();
    void aServiceWithoutAnyKeyringIsLocked();
    void withoutAServiceAllIsUnavailable();
    void withoutABusAddressAllIsUnavailable();
    void aKilledServiceIsUnavailable();
    void aRestartedServiceAnswersTheNextCall();
    void aFrozenServiceEndsWithTimeout();
    void aLateReplyAfterTheKeychainIsGoneDoesNoHarm();
    void aHangingServiceDoesNotGatherCalls();
    void aBusThatIsGoneIsUnavailable(); // last: there is no way back in this process

private:
    std::unique_ptr<PrivateKeyring> m_keyring;
};

void SecretServiceTest::initTestCase() {
    // One bus for all rows: libsecret does not let go of a bus that was lost (the last row shows what is said then).
    m_keyring = std::make_unique<PrivateKeyring>();
    QVERIFY(m_keyring->startBus());
}

void SecretServiceTest::cleanup() {
    m_keyring->reset();
}

void SecretServiceTest::cleanupTestCase() {
    m_keyring.reset();
}

void SecretServiceTest::anItemComesBack_data() {
    QTest::addColumn<QByteArray>("value");
    QTest::newRow("text") << QByteArray("a refresh token");
    QTest::newRow("empty") << QByteArray("");
    QTest::newRow("NUL bytes") << QByteArray("a\0b\0", 4);
    QTest::newRow("not UTF-8") << QByteArray("\xff\xfe\x80");
    QTest::newRow("60 KiB") << QByteArray(60 * 1024, 'x');
}

void SecretServiceTest::anItemComesBack() {
    QFETCH(QByteArray, value);
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    QCOMPARE(await(keychain.state()), State::Ready);
    QCOMPARE(outcome(await(keychain.write("account/1", base::Secret(value.toStdString())))), QByteArray("success"));
    const auto read = await(keychain.read("account/1"));
    QCOMPARE(outcome(read), QByteArray("success"));
    QVERIFY(read->reveal() == value.toStdString());
}

void SecretServiceTest::aWriteReplaces() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    QVERIFY(await(keychain.write("key", base::Secret("first"))));
    QVERIFY(await(keychain.write("key", base::Secret("second"))));
    QVERIFY(await(keychain.read("key"))->reveal() == "second");
    QVERIFY(await(keychain.remove("key")));
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("NotFound"));
}

void SecretServiceTest::aMissingItemIsNotFound() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    QCOMPARE(outcome(await(keychain.read("nothing"))), QByteArray("NotFound"));
    QVERIFY(await(keychain.write("something", base::Secret("x"))));
    QCOMPARE(outcome(await(keychain.read("nothing"))), QByteArray("NotFound"));
}

void SecretServiceTest::removeSucceedsTwice() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    QVERIFY(await(keychain.write("key", base::Secret("x"))));
    QCOMPARE(outcome(await(keychain.remove("key"))), QByteArray("success"));
    QCOMPARE(outcome(await(keychain.remove("key"))), QByteArray("success"));
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("NotFound"));
}

void SecretServiceTest::overlappingWritesAllArrive() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    const auto a = startTask(keychain.write("a", base::Secret("1")));
    const auto b = startTask(keychain.write("b", base::Secret("2")));
    const auto first = startTask(keychain.write("same", base::Secret("first")));
    const auto second = startTask(keychain.write("same", base::Secret("second")));
    QTRY_VERIFY(a->has_value() && b->has_value() && first->has_value() && second->has_value());
    QVERIFY(a->value() && b->value() && first->value() && second->value());
    QVERIFY(await(keychain.read("a"))->reveal() == "1");
    QVERIFY(await(keychain.read("b"))->reveal() == "2");
    QVERIFY(await(keychain.read("same"))->reveal() == "second");
}

void SecretServiceTest::aLockedKeyringIsNeverEmpty() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    QVERIFY(await(keychain.write("key", base::Secret("old"))));
    m_keyring->kill();
    QVERIFY(m_keyring->startLocked());

    QCOMPARE(await(keychain.state()), State::Locked);
    QVERIFY(!await(keychain.report()).detail.empty());
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.read("never written"))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.write("key", base::Secret("new")))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.remove("key"))), QByteArray("Locked"));

    m_keyring->kill();
    QVERIFY(m_keyring->startUnlocked());
    QVERIFY(await(keychain.read("key"))->reveal() == "old");
}

void SecretServiceTest::anUnansweredPromptEndsAsLocked() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain patient(kPatience);
    QVERIFY(await(patient.write("key", base::Secret("old"))));
    m_keyring->kill();
    QVERIFY(m_keyring->startLocked());
    FakePrompter prompter(m_keyring->address(), FakePrompter::Answer::Never);
    QVERIFY(prompter.isReady());
    SecretServiceKeychain keychain(kShort);
    const auto read = startTask(keychain.read("key"));
    const auto write = startTask(keychain.write("key", base::Secret("new")));
    QTRY_VERIFY(read->has_value() && write->has_value());
    QCOMPARE(prompter.prompts(), 1);
    QCOMPARE(outcome(read->value()), QByteArray("Locked"));
    QCOMPARE(outcome(write->value()), QByteArray("Timeout"));
}

void SecretServiceTest::aDismissedPromptIsDenied() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    QVERIFY(await(keychain.write("key", base::Secret("old"))));
    m_keyring->kill();
    QVERIFY(m_keyring->startLocked());
    FakePrompter prompter(m_keyring->address(), FakePrompter::Answer::Dismiss);
    QVERIFY(prompter.isReady());
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Denied"));
    QCOMPARE(outcome(await(keychain.write("key", base::Secret("new")))), QByteArray("Denied"));
    QCOMPARE(prompter.prompts(), 2);
}

void SecretServiceTest::aServiceThatGoesAwayUnderItsPromptAnswersAgain() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    QVERIFY(await(keychain.write("key", base::Secret("old"))));
    m_keyring->kill();
    QVERIFY(m_keyring->startLocked());
    {
        FakePrompter prompter(m_keyring->address(), FakePrompter::Answer::Never);
        const auto read = startTask(keychain.read("key"));
        const auto queued = startTask(keychain.read("key"));
        QTRY_COMPARE(prompter.prompts(), 1);
        m_keyring->kill();
        QTRY_VERIFY(read->has_value() && queued->has_value());
        QCOMPARE(outcome(read->value()), QByteArray("Unavailable"));
        QCOMPARE(outcome(queued->value()), QByteArray("Unavailable"));
    }
    QVERIFY(m_keyring->startUnlocked());
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("success"));
}

void SecretServiceTest::anItemInAnotherLockedKeyringIsLocked() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    QVERIFY(await(keychain.write("key", base::Secret("old"))));
    m_keyring->kill();
    // Another keyring becomes the default one, and the item stays behind in one that nobody has opened.
    const QDir folder(m_keyring->keyringFolder());
    QVERIFY(QFile::rename(folder.filePath(QStringLiteral("login.keyring")),
                          folder.filePath(QStringLiteral("earlier.keyring"))));
    QVERIFY(m_keyring->startUnlocked());

    QCOMPARE(await(keychain.state()), State::Ready);
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.remove("key"))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.read("another"))), QByteArray("NotFound"));
}

void SecretServiceTest::aServiceWithoutAnyKeyringIsLocked() {
    QVERIFY(m_keyring->startLocked());
    SecretServiceKeychain keychain(kPatience);
    QCOMPARE(await(keychain.state()), State::Locked);
    QVERIFY(await(keychain.report()).detail.find("no default keyring") != std::string::npos);
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.write("key", base::Secret("x")))), QByteArray("Locked"));
    QCOMPARE(outcome(await(keychain.remove("key"))), QByteArray("Locked"));
}

void SecretServiceTest::withoutAServiceAllIsUnavailable() {
    SecretServiceKeychain keychain(kPatience);
    QCOMPARE(await(keychain.state()), State::Unavailable);
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Unavailable"));
    QCOMPARE(outcome(await(keychain.write("key", base::Secret("x")))), QByteArray("Unavailable"));
    QCOMPARE(outcome(await(keychain.remove("key"))), QByteArray("Unavailable"));
}

void SecretServiceTest::withoutABusAddressAllIsUnavailable() {
    QVERIFY(m_keyring->startUnlocked());
    const QByteArray address = qgetenv("DBUS_SESSION_BUS_ADDRESS");
    qunsetenv("DBUS_SESSION_BUS_ADDRESS");
    const auto restore = qScopeGuard([&address] { qputenv("DBUS_SESSION_BUS_ADDRESS", address); });
    SecretServiceKeychain keychain(kPatience);
    QCOMPARE(await(keychain.state()), State::Unavailable);
    QVERIFY(await(keychain.report()).detail.find("DBUS_SESSION_BUS_ADDRESS") != std::string::npos);
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Unavailable"));
    QCOMPARE(outcome(await(keychain.write("key", base::Secret("x")))), QByteArray("Unavailable"));
    QCOMPARE(outcome(await(keychain.remove("key"))), QByteArray("Unavailable"));
}

void SecretServiceTest::aKilledServiceIsUnavailable() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    QVERIFY(await(keychain.write("key", base::Secret("x"))));
    m_keyring->kill();
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Unavailable"));
    QCOMPARE(outcome(await(keychain.write("key", base::Secret("x")))), QByteArray("Unavailable"));
    QCOMPARE(outcome(await(keychain.remove("key"))), QByteArray("Unavailable"));
    QCOMPARE(await(keychain.state()), State::Unavailable);
}

void SecretServiceTest::aRestartedServiceAnswersTheNextCall() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    for (int round = 0; round < 3; ++round) {
        QVERIFY(await(keychain.write("key", base::Secret("x"))));
        m_keyring->kill();
        QVERIFY(m_keyring->startUnlocked());
        QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("success"));
    }
}

void SecretServiceTest::aFrozenServiceEndsWithTimeout() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain patient(kPatience);
    QVERIFY(await(patient.write("key", base::Secret("old"))));
    SecretServiceKeychain keychain(kShort);
    m_keyring->freeze();
    const auto read = startTask(keychain.read("key"));
    const auto write = startTask(keychain.write("key", base::Secret("new")));
    const auto state = startTask(keychain.state());
    QTRY_VERIFY(read->has_value() && write->has_value() && state->has_value());
    QCOMPARE(outcome(read->value()), QByteArray("Timeout"));
    QCOMPARE(outcome(write->value()), QByteArray("Timeout"));
    QCOMPARE(state->value(), State::Unavailable);

    // The late replies arrive now, and calls are answered again.
    m_keyring->thaw();
    const auto after = await(patient.read("key"));
    QCOMPARE(outcome(after), QByteArray("success"));
    // What the timeout of a write means: it may still happen, in the order of the calls.
    QVERIFY(after->reveal() == "new");
}

void SecretServiceTest::aLateReplyAfterTheKeychainIsGoneDoesNoHarm() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain other(kPatience);
    QVERIFY(await(other.write("key", base::Secret("x"))));
    auto keychain = std::make_unique<SecretServiceKeychain>(kShort);
    m_keyring->freeze();
    const auto first = startTask(keychain->read("key"));
    const auto second = startTask(keychain->read("key"));
    keychain.reset();
    QTRY_VERIFY(first->has_value() && second->has_value());
    QCOMPARE(outcome(first->value()), QByteArray("Timeout"));
    m_keyring->thaw();
    const auto after = await(other.read("key"));
    QVERIFY2(after, after ? "" : after.error().detail.c_str());
}

void SecretServiceTest::aHangingServiceDoesNotGatherCalls() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kShort);
    QCOMPARE(await(keychain.state()), State::Ready);
    m_keyring->freeze();
    std::vector<Slot<Result<base::Secret>>> calls;
    for (int i = 0; i < 100; ++i) {
        calls.push_back(startTask(keychain.read("key")));
    }
    // Those beyond the limit are refused before the event loop runs.
    QVERIFY(!calls.front()->has_value());
    QVERIFY(calls.back()->has_value());
    QCOMPARE(outcome(calls.back()->value()), QByteArray("Timeout"));
    m_keyring->thaw();
    for (const auto& call : calls) {
        QTRY_VERIFY(call->has_value());
    }
    QTRY_COMPARE(outcome(await(keychain.read("key"))), QByteArray("NotFound"));
}

void SecretServiceTest::aBusThatIsGoneIsUnavailable() {
    QVERIFY(m_keyring->startUnlocked());
    SecretServiceKeychain keychain(kPatience);
    QVERIFY(await(keychain.write("key", base::Secret("x"))));
    m_keyring->killBus();
    QTRY_COMPARE(await(keychain.state()), State::Unavailable);
    QCOMPARE(outcome(await(keychain.read("key"))), QByteArray("Unavailable"));

    m_keyring->kill();
    QVERIFY(m_keyring->startBus());
    QVERIFY(m_keyring->startUnlocked());
    const auto read = await(keychain.read("key"));
    QVERIFY(read || read.error().kind == ErrorKind::Unavailable);
    QVERIFY(read || read.error().detail.find("restart the broker") != std::string::npos);
}

} // namespace keybearer::keychain

QTEST_GUILESS_MAIN(keybearer::keychain::SecretServiceTest)
#include "tst_secret_service.moc"
