#include "tests/support/fake_prompter.h"

#include <QDBusPendingCall>

namespace keybearer::test {
namespace {

const QString kConnection = QStringLiteral("keybearer-test-prompter");

} // namespace

FakePrompter::FakePrompter(const QString& address, Answer answer)
    : m_answer(answer), m_connection(QDBusConnection::connectToBus(address, kConnection)) {
    m_ready = m_connection.registerObject(QStringLiteral("/org/gnome/keyring/Prompter"), this,
                                          QDBusConnection::ExportAllSlots) &&
              m_connection.registerService(QStringLiteral("org.gnome.keyring.SystemPrompter"));
}

FakePrompter::~FakePrompter() {
    QDBusConnection::disconnectFromBus(kConnection);
}

void FakePrompter::BeginPrompting(const QDBusObjectPath& callback) {
    ++m_prompts;
    if (m_answer == Answer::Dismiss) {
        tell(callback, QStringLiteral("PromptReady"), {QString(), QVariantMap(), QString()});
    }
}

void FakePrompter::PerformPrompt(const QDBusObjectPath& callback, const QString& /*type*/,
                                 const QVariantMap& /*properties*/, const QString& exchange) {
    tell(callback, QStringLiteral("PromptReady"), {QStringLiteral("no"), QVariantMap(), exchange});
}

void FakePrompter::StopPrompting(const QDBusObjectPath& callback) {
    tell(callback, QStringLiteral("PromptDone"), {});
}

void FakePrompter::tell(const QDBusObjectPath& callback, const QString& method, const QVariantList& arguments) {
    QDBusMessage call = QDBusMessage::createMethodCall(
        message().service(), callback.path(), QStringLiteral("org.gnome.keyring.internal.Prompter.Callback"), method);
    call.setArguments(arguments);
    // The service wants the reply to its own call first.
    QMetaObject::invokeMethod(
        this, [this, call] { m_connection.asyncCall(call); }, Qt::QueuedConnection);
}

} // namespace keybearer::test
