#include "daemon/rpc/settings.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

#include <memory>

using namespace keybearer;
using namespace keybearer::rpc;

namespace {

QByteArray textOf(std::string_view text) {
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

class TestSettings : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_folder;

    [[nodiscard]] QString path() const { return m_folder->filePath(QStringLiteral("settings.json")); }
    [[nodiscard]] base::Result<Settings, std::string> open(const providers::Config& config = {}) const {
        return Settings::open(m_folder->path().toStdString(), config);
    }
    void write(const QByteArray& text) const {
        QFile file(path());
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
        QVERIFY(file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void withoutAFileTheDefaultsHold() {
        const auto settings = open();
        QVERIFY(settings->shadow() == ShadowRule::Warn);
        for (const Setting flag : {Setting::LockWithScreen, Setting::LockOnSuspend, Setting::LockKeyring}) {
            QVERIFY(!settings->isOn(flag));
            QCOMPARE(textOf(settings->source(flag)), QByteArray("default"));
        }
        QVERIFY(!QFile::exists(path()));
    }

    void whatIsSetIsThereAfterARestart() {
        auto settings = open();
        QVERIFY(settings->set("lock.on_suspend", "true").has_value());
        QVERIFY(settings->set("resolution.shadow", "deny").has_value());
        QVERIFY(settings->set("lock.keyring", "true").has_value());
        QVERIFY(settings->set("lock.keyring", "false").has_value());
        for (const bool isAgain : {false, true}) {
            if (isAgain) {
                settings = open();
            }
            QVERIFY(settings->isOn(Setting::LockOnSuspend));
            QVERIFY(!settings->isOn(Setting::LockKeyring));
            QVERIFY(settings->shadow() == ShadowRule::Deny);
            QCOMPARE(textOf(settings->source(Setting::LockKeyring)), QByteArray("command"));
            QCOMPARE(textOf(settings->source(Setting::LockWithScreen)), QByteArray("default"));
        }
        struct stat info {};
        QCOMPARE(::stat(path().toUtf8().constData(), &info), 0);
        QCOMPARE(info.st_mode & 07777U, 0600U);
    }

    void theRules_data() {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<int>("rule");
        QTest::newRow("allow") << QByteArray("allow") << static_cast<int>(ShadowRule::Allow);
        QTest::newRow("warn") << QByteArray("warn") << static_cast<int>(ShadowRule::Warn);
        QTest::newRow("ask: nobody can be asked yet") << QByteArray("ask") << static_cast<int>(ShadowRule::Deny);
        QTest::newRow("deny") << QByteArray("deny") << static_cast<int>(ShadowRule::Deny);
    }
    void theRules() {
        QFETCH(const QByteArray, value);
        QFETCH(const int, rule);
        auto settings = open();
        QVERIFY(settings->set("resolution.shadow", value.toStdString()).has_value());
        QCOMPARE(static_cast<int>(settings->shadow()), rule);
        QCOMPARE(textOf(settings->value(Setting::Shadow)), value);
    }

    void theConfigurationDecides() {
        QVERIFY(open()->set("lock.on_suspend", "true").has_value());
        providers::Config config;
        config.lockOnSuspend = false;
        config.shadow = "ask";
        auto settings = open(config);
        QVERIFY(!settings->isOn(Setting::LockOnSuspend));
        QCOMPARE(textOf(settings->value(Setting::Shadow)), QByteArray("ask"));
        QCOMPARE(textOf(settings->source(Setting::LockOnSuspend)), QByteArray("config.toml"));
        const auto refused = settings->set("lock.on_suspend", "true");
        QVERIFY(!refused && QByteArray::fromStdString(refused.error()).contains("config.toml decides"));
        QVERIFY(!settings->isOn(Setting::LockOnSuspend));
        // What it leaves open can be changed, and what it hides comes back without it.
        QVERIFY(settings->set("lock.keyring", "true").has_value());
        settings = open();
        QVERIFY(settings->isOn(Setting::LockKeyring) && settings->isOn(Setting::LockOnSuspend));
        QCOMPARE(textOf(settings->value(Setting::Shadow)), QByteArray("warn"));
    }

    void whatCannotBeIsRefused_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("says");
        const QByteArray flag = "lock.on_suspend";
        const QByteArray flags = R"(is "true" or "false")";
        QTest::newRow("unknown") << QByteArray("lock.never") << QByteArray("true") << QByteArray("lock.on_screen_lock");
        QTest::newRow("no name") << QByteArray() << QByteArray("true") << QByteArray("there is no setting");
        QTest::newRow("in capitals") << flag.toUpper() << QByteArray("true") << QByteArray("there is no setting");
        QTest::newRow("control") << QByteArray("a\x1b[0m") << QByteArray("x") << QByteArray("there is no setting");
        for (const char* value : {"", "yes", "TRUE", "1", "true "}) {
            QTest::addRow("a flag that is \"%s\"", value) << flag << QByteArray(value) << flags;
        }
        for (const char* value : {"", "true", "Warn", "never"}) {
            QTest::addRow("a rule that is \"%s\"", value) << QByteArray("resolution.shadow") << QByteArray(value)
                                                          << QByteArray(R"("allow", "warn", "ask" or "deny")");
        }
    }
    void whatCannotBeIsRefused() {
        QFETCH(const QByteArray, name);
        QFETCH(const QByteArray, value);
        QFETCH(const QByteArray, says);
        auto settings = open();
        const auto set = settings->set(name.toStdString(), value.toStdString());
        QVERIFY(!set);
        const QByteArray error = QByteArray::fromStdString(set.error());
        QVERIFY2(error.contains(says) && !error.contains('\x1b'), error.constData());
        QVERIFY(!QFile::exists(path()));
    }

    void aDamagedFileIsAnError_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("cut off") << QByteArray("{\"lock.on_suspend\":\"tr");
        QTest::newRow("no object") << QByteArray("[]");
        QTest::newRow("unknown") << QByteArray(R"({"lock.never":"true"})");
        QTest::newRow("another value") << QByteArray(R"({"lock.on_suspend":"perhaps"})");
        QTest::newRow("another type") << QByteArray(R"({"lock.on_suspend":true})");
        QTest::newRow("a version of another type") << QByteArray(R"({"version":"1"})");
        QTest::newRow("a version that cannot be") << QByteArray(R"({"version":-1})");
        QTest::newRow("twice") << QByteArray(R"({"lock.keyring":"true","lock.keyring":"false"})");
        QTest::newRow("large") << QByteArray(5000, ' ');
    }
    void aDamagedFileIsAnError() {
        QFETCH(const QByteArray, text);
        write(text);
        const auto settings = open();
        QVERIFY(!settings);
        QVERIFY(QByteArray::fromStdString(settings.error()).contains("settings.json"));
    }

    void aFileThatCannotBeWrittenChangesNothing() {
        auto settings = open();
        QVERIFY(QDir().mkdir(path() + QStringLiteral(".new"))); // where the new contents would be put first
        QVERIFY(!settings->set("lock.keyring", "true"));
        QVERIFY(!settings->isOn(Setting::LockKeyring));
    }
};

QTEST_GUILESS_MAIN(TestSettings)
#include "tst_settings.moc"
