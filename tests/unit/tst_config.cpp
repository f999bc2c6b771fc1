#include "daemon/providers/config.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace keybearer::providers;
using namespace std::chrono_literals;

namespace {

/// A file in a folder of its own.
class TemporaryConfig {
public:
    explicit TemporaryConfig(const QByteArray& text, ::mode_t mode = 0600) {
        QFile file(QString::fromStdString(path()));
        if (file.open(QIODevice::WriteOnly)) {
            file.write(text);
        }
        file.close();
        ::chmod(path().c_str(), mode);
    }
    [[nodiscard]] std::string path() const { return m_folder.filePath(QStringLiteral("config.toml")).toStdString(); }

private:
    QTemporaryDir m_folder;
};

} // namespace

class TestConfig : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEmptyFileMeansTheDefaults() {
        const auto config = parseConfig("", "config.toml");
        QVERIFY(config.has_value());
        QCOMPARE(config->policy, std::string());
        QCOMPARE(config->loginTimeout, 300s);
    }

    void everyKeyIsRead() {
        const auto config = parseConfig("policy = \"deny\"\n[login]\ntimeout = 10\n", "config.toml");
        QVERIFY(config.has_value());
        QCOMPARE(config->policy, std::string("deny"));
        QCOMPARE(config->loginTimeout, 10s);
        QCOMPARE(parseConfig("policy = \"allow\"\n", "c")->policy, std::string("allow"));
        QCOMPARE(parseConfig("login.timeout = 3600\n", "c")->loginTimeout, 3600s);
    }

    void theListenerIsRead() {
        QVERIFY(parseConfig("", "c")->listenerPath.empty());
        const auto config = parseConfig("[listener]\npath = '/run/kb/s'", "c");
        QVERIFY(config.has_value());
        QCOMPARE(config->listenerPath, std::string("/run/kb/s"));
        QVERIFY(!config->listenerAnyUser);
        QVERIFY(parseConfig("[listener]\npath = '/run/kb/s'\nany_uid = true", "c")->listenerAnyUser);
        QVERIFY(parseConfig("[listener]\npath = '/" + std::string(106, 'x') + "'", "c").has_value());
    }

    void locationsAreRead() {
        const auto config = parseConfig("[locations]\nopenai = ['env::A', 'store::']\n'vertex/work' = "
                                        "[['project_id=env::P', 'path_from_env::F'], 'none']\n",
                                        "c");
        QVERIFY2(config.has_value(), config ? "" : config.error().c_str());
        QCOMPARE(config->locations.size(), std::size_t{2});
        const LocationList& openai = config->locations[0];
        QCOMPARE(openai.provider, std::string("openai"));
        QCOMPARE(openai.name, std::string());
        QCOMPARE(openai.place, std::string("c:2:1"));
        QCOMPARE(openai.sources.size(), std::size_t{2});
        const LocationList& work = config->locations[1];
        QCOMPARE(work.name, std::string("work"));
        QCOMPARE(work.sources[0].size(), std::size_t{2});
        QCOMPARE(work.sources[0][0].field, std::string("project_id"));
        QVERIFY(work.sources[1][0].kind == LocationKind::None);
    }

    void aCommandHasATimeout() {
        QCOMPARE(parseConfig("", "c")->commandTimeout, 30s);
        QCOMPARE(parseConfig("[resolution]\ncommand_timeout = 300\n", "c")->commandTimeout, 300s);
    }

    void grantsAreRead() {
        const auto config = parseConfig("policy = \"ask\"\n"
                                        "[[grant]]\n"
                                        "program = \"/usr/bin/git\"\n"
                                        "credential = \"account:work\"\n"
                                        "scopes = [\"read\"]\n"
                                        "until = 2030-12-31\n"
                                        "per_minute = 10\n"
                                        "[[grant]]\n"
                                        "sandboxed = \"org.example.App\"\n"
                                        "credential = \"*\"\n",
                                        "config.toml");
        QVERIFY2(config.has_value(), config ? "" : config.error().c_str());
        QCOMPARE(config->grants.size(), std::size_t{2});
        const ConfiguredGrant& grant = config->grants.front();
        QCOMPARE(grant.kind, std::string("program"));
        QCOMPARE(grant.path, std::string("/usr/bin/git"));
        QCOMPARE(grant.scopes, std::vector<std::string>{"read"});
        QCOMPARE(grant.until, std::int64_t{1'924'991'999}); // date -u -d '2030-12-31 23:59:59' +%s
        QCOMPARE(grant.perMinute, std::int64_t{10});
        QCOMPARE(grant.place, std::string("config.toml:2:1"));
        QCOMPARE(config->grants.back().kind, std::string("sandboxed"));
    }

    void theAuditRecordHasBounds() {
        QCOMPARE(parseConfig("", "c")->auditKeepDays, 365);
        QCOMPARE(parseConfig("", "c")->auditMaxBytes, std::uint64_t{64} << 20U);
        for (const int days : {1, 3650}) {
            QCOMPARE(parseConfig("[audit]\nkeep_days = " + std::to_string(days), "c")->auditKeepDays, days);
        }
        for (const std::uint64_t bytes : {std::uint64_t{1} << 20U, std::uint64_t{1} << 32U}) {
            QCOMPARE(parseConfig("[audit]\nmax_bytes = " + std::to_string(bytes), "c")->auditMaxBytes, bytes);
        }
    }

    void whatIsNotSaidIsLeftOpen() {
        using Flags = std::vector<std::optional<bool>>;
        const auto flags = [](const char* text) {
            const auto config = parseConfig(text, "c");
            return Flags{config->lockWithScreen, config->lockOnSuspend, config->lockKeyring};
        };
        QVERIFY(flags("") == (Flags{std::nullopt, std::nullopt, std::nullopt}));
        QVERIFY(flags("[lock]\non_screen_lock = true") == (Flags{true, std::nullopt, std::nullopt}));
        QVERIFY(flags("[lock]\non_suspend = true") == (Flags{std::nullopt, true, std::nullopt}));
        QVERIFY(flags("[lock]\nkeyring = true\non_suspend = false") == (Flags{std::nullopt, false, true}));
        QCOMPARE(parseConfig("", "c")->shadow, std::string());
        for (const char* rule : {"allow", "warn", "ask", "deny"}) {
            QCOMPARE(parseConfig("[resolution]\nshadow = \"" + std::string(rule) + "\"", "c")->shadow,
                     std::string(rule));
        }
    }

    void mistakesAreNamedWithTheirPlace_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("error");
        const auto row = [](const char* name, const char* text, const char* error) {
            QTest::newRow(name) << QByteArray(text) << QByteArray("config.toml:") + error;
        };
        row("unknown policy", "policy = \"perhaps\"", "1:10: `policy` is \"ask\", \"observe\", \"allow\" or \"deny\"");
        row("empty policy", "policy = \"\"", "1:10: `policy` is empty");
        row("policy in upper case", "policy = \"Allow\"", "1:10: `policy` is");
        row("policy as a truth value", "policy = true", "1:10: `policy` has the wrong type; write policy = \"ask\"");
        const char* const grant = "1:1: say for which program: program = \"/usr/bin/curl\"";
        row("a grant for nobody", "[[grant]]\ncredential = \"*\"", grant);
        row("a grant of nothing", "[[grant]]\nprogram = \"/bin/x\"", "1:1: say what it may have: credential");
        row("a grant with one bracket", "[grant]\nprogram = \"/bin/x\"", "1:1: write [[grant]], with two brackets");
        row("a grant for two", "[[grant]]\nprogram = \"/bin/x\"\nscript = \"/bin/y\"",
            "3:10: a grant is for one program");
        row("a grant for a name", "[[grant]]\nprogram = \"curl\"", "2:11: write the whole path");
        row("a digest that is none", "[[grant]]\nprogram = \"/bin/x\"\nsha256 = \"abc\"", "3:10: it is 64 digits");
        row("a grant until a text", "[[grant]]\nprogram = \"/bin/x\"\ncredential = \"*\"\nuntil = \"2030\"",
            "4:9: write the last day: until = 2030-12-31");
        row("a rate of nothing", "[[grant]]\nprogram = \"/bin/x\"\ncredential = \"*\"\nper_minute = 0",
            "4:14: `per_minute` is a number from 1");
        row("a grant with a typo", "[[grant]]\nprogramm = \"/bin/x\"", "2:1: there is no key `programm`");
        row("typo", "\npolcy = \"deny\"", "2:1: there is no key `polcy`; did you mean `policy`?");
        row("unknown key", "colour = 1", "1:1: there is no key `colour`; known are policy login");
        row("login as a number", "login = 300", "1:9: `login` is a section; write [login]");
        row("login as a list of sections", "[[login]]\ntimeout = 300", "1:1: `login` is a section");
        row("timeout outside its section", "timeout = 300", "1:1: there is no key `timeout`");
        row("typo in the section", "[login]\ntimout = 300", "2:1: there is no key `timout`; did you mean `timeout`?");
        for (const char* url :
             {"http://example.org/a.json", "https://example.org", "https://example.org/", "ftp://a/b",
              "https://example.org/a?b", "https://example.org/a#b", "https://example.org/a/../b",
              "https://example.org/./b", "https://me@example.org/b", "https://example.org/a/..", "/a.json"}) {
            const std::string text = std::string("[login]\nclient_id_metadata_document = \"") + url + "\"";
            row(url, text.c_str(), "2:31: `client_id_metadata_document` is an https URL with a path");
        }
        row("timeout as text", "[login]\ntimeout = \"300\"", "2:11: `timeout` has the wrong type; write timeout = 300");
        row("timeout with a fraction", "[login]\ntimeout = 30.5", "2:11: `timeout` has the wrong type");
        row("timeout too short", "[login]\ntimeout = 9", "2:11: `timeout` is a number of seconds from 10 to 3600");
        row("timeout too long", "[login]\ntimeout = 3601", "2:11: `timeout` is a number of seconds from 10 to 3600");
        row("negative timeout", "[login]\ntimeout = -300", "2:11: `timeout` is a number of seconds");
        row("a command's timeout of none", "[resolution]\ncommand_timeout = 0", "2:19: `command_timeout` is a number");
        row("a command's timeout too long", "[resolution]\ncommand_timeout = 301",
            "2:19: `command_timeout` is a number");
        row("lock in words", "[lock]\non_suspend = \"yes\"", "2:14: `on_suspend` has the wrong type");
        row("lock for something else", "[lock]\non_idle = true", "2:1: ");
        row("lock as a truth", "lock = true", "1:8: `lock` is a section; write [lock]");
        row("audit as a number", "audit = 365", "1:9: `audit` is a section; write [audit]");
        row("audit for no day", "[audit]\nkeep_days = 0", "2:13: `keep_days` is a number of days from 1 to 3650");
        row("audit for too many days", "[audit]\nkeep_days = 3651", "2:13: `keep_days` is a number of days");
        row("audit in too few bytes", "[audit]\nmax_bytes = 1048575", "2:13: `max_bytes` is a number of bytes from");
        row("audit in too many bytes", "[audit]\nmax_bytes = 4294967297", "2:13: `max_bytes` is a number of bytes");
        row("audit in words", "[audit]\nmax_bytes = \"64 MiB\"", "2:13: `max_bytes` has the wrong type");
        row("typo in audit", "[audit]\nkeep_day = 1", "2:1: there is no key `keep_day`; did you mean `keep_days`?");
        row("locations as a list", "locations = ['store::']", "1:13: `locations` is a section");
        row("a provider's place as a text", "[locations]\nopenai = 'store::'", "2:1: write a list");
        row("a number in a list", "[locations]\nopenai = ['store::', 7]", "2:22: a location is a text like");
        row("a list in brackets in brackets", "[locations]\nopenai = [[['env::A']]]",
            "2:12: a location is a text like");
        row("brackets with nothing", "[locations]\nopenai = [[]]", "2:11: what stands in brackets together");
        row("brackets with two kinds", "[locations]\nopenai = [['env::A', 'file::/a']]", "2:11: what stands in");
        row("brackets with a layer", "[locations]\nopenai = [['store::']]", "2:11: what stands in brackets together");
        row("an empty list", "[locations]\nopenai = []", "2:1: a list has 1 to 16 locations");
        row("none before the end", "[locations]\nopenai = ['none', 'store::']", "2:1: `none` ends a list");
        row("a location that is none", "[locations]\nopenai = ['sk-canary']", "2:11: a location is one of call::");
        row("a listener as a text", "listener = '/a/b'", "1:12: `listener` is a section; write [listener]");
        row("a listener without a path", "[listener]\nany_uid = true", "1:1: `path` is the absolute path");
        row("an empty path of a listener", "[listener]\npath = ''", "2:8: `path` is empty");
        row("a relative path of a listener", "[listener]\npath = 'run/s'", "2:8: `path` is the absolute path");
        row("a home in a listener's path", "[listener]\npath = '~/s'", "2:8: `path` is the absolute path");
        row("a folder for a listener", "[listener]\npath = '/run/'", "2:8: `path` is the absolute path");
        const std::string tooLong = "[listener]\npath = '/" + std::string(107, 'x') + "'";
        row("a long path of a listener", tooLong.c_str(),
            "2:8: `path` is the absolute path of a socket, at most 107 bytes");
        row("a line feed in a listener's path", "[listener]\npath = \"/a\\nb\"", "2:8: `path` is the absolute path");
        row("any_uid as a text", "[listener]\npath = '/a/s'\nany_uid = 'yes'", "3:11: `any_uid` has the wrong type");
        row("typo in the listener", "[listener]\npath = '/a/s'\nany_user = true", "3:1: there is no key `any_user`");
        row("syntax", "policy = \"deny", "1:");
    }
    void mistakesAreNamedWithTheirPlace() {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, error);
        const auto config = parseConfig(text.toStdString(), "config.toml");
        QVERIFY(!config);
        QVERIFY2(QByteArray::fromStdString(config.error()).startsWith(error), config.error().c_str());
    }

    void noFileMeansTheDefaults() {
        const QTemporaryDir folder;
        const auto config = loadConfig(folder.filePath(QStringLiteral("config.toml")).toStdString());
        QVERIFY(config.has_value());
        QCOMPARE(config->policy, std::string());
    }

    void aFileIsRead() {
        const TemporaryConfig file("policy = \"deny\"\n", 0644);
        QCOMPARE(loadConfig(file.path())->policy, std::string("deny"));
    }

    void errorsNameTheFile() {
        const TemporaryConfig file("policy = 1\n");
        QVERIFY(loadConfig(file.path()).error().starts_with("config.toml:1:10: "));
    }

    void filesThatOthersCanWriteAreRefused_data() {
        QTest::addColumn<uint>("mode");
        QTest::newRow("group") << 0620U;
        QTest::newRow("others") << 0602U;
    }
    void filesThatOthersCanWriteAreRefused() {
        QFETCH(const uint, mode);
        const TemporaryConfig file("", mode);
        const auto config = loadConfig(file.path());
        QVERIFY(!config);
        QVERIFY(config.error().find("chmod go-w") != std::string::npos);
    }

    void whatIsNoRegularFileIsRefused() {
        const QTemporaryDir folder;
        const std::string target = folder.filePath(QStringLiteral("real")).toStdString();
        const std::string link = folder.filePath(QStringLiteral("config.toml")).toStdString();
        QCOMPARE(::symlink(target.c_str(), link.c_str()), 0);
        QVERIFY(loadConfig(link).error().find("symbolic link") != std::string::npos);
        const std::string pipe = folder.filePath(QStringLiteral("pipe")).toStdString();
        QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
        QVERIFY(loadConfig(pipe).error().find("not a regular file") != std::string::npos);
        QVERIFY(!loadConfig(folder.path().toStdString()));
    }

    void aFileOfAnotherUserIsRefused() {
        if (::geteuid() != 0) {
            QSKIP("only root can give a file away");
        }
        const TemporaryConfig file("");
        QCOMPARE(::chown(file.path().c_str(), 12345, 12345), 0);
        const auto config = loadConfig(file.path());
        QVERIFY(!config);
        QVERIFY(config.error().find("belongs to user 12345") != std::string::npos);
    }

    void aHugeFileIsRefused() {
        const QByteArray comment = "#" + QByteArray(64 * 1024 - 1, 'x');
        const TemporaryConfig largest(comment);
        QVERIFY(loadConfig(largest.path()).has_value());
        const TemporaryConfig tooLarge(comment + "x");
        QVERIFY(loadConfig(tooLarge.path()).error().find("64 KiB") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestConfig)
#include "tst_config.moc"
