#pragma once
/// \file
/// Stands where the desktop's password prompt stands for gnome-keyring, and never shows anything.
/// The interface is that of gcr's data/org.gnome.keyring.Prompter.xml.

#include <QDBusConnection>
#include <QDBusContext>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QObject>
#include <QString>
#include <QVariantMap>

namespace keybearer::test {

class FakePrompter : public QObject, protected QDBusContext {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.gnome.keyring.internal.Prompter")

public:
    enum class Answer { Never, Dismiss };

    FakePrompter(const QString& address, Answer answer);
    ~FakePrompter() override;
    FakePrompter(const FakePrompter&) = delete;
    FakePrompter& operator=(const FakePrompter&) = delete;

    [[nodiscard]] bool isReady() const { return m_ready; }
    /// How often the service asked for a password.
    [[nodiscard]] int prompts() const { return m_prompts; }

public Q_SLOTS:
    void BeginPrompting(const QDBusObjectPath& callback);
    void PerformPrompt(const QDBusObjectPath& callback, const QString& type, const QVariantMap& properties,
                       const QString& exchange);
    void StopPrompting(const QDBusObjectPath& callback);

private:
    void tell(const QDBusObjectPath& callback, const QString& method, const QVariantList& arguments);

    Answer m_answer;
    QDBusConnection m_connection;
    bool m_ready = false;
    int m_prompts = 0;
};

} // namespace keybearer::test
