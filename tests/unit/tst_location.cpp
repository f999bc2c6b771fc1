#include "daemon/providers/location.h"

#include <QTest>

using namespace keybearer::providers;

class TestLocation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKindIsRead_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("kind");
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("argument");
        const auto row = [](const char* text, LocationKind kind, const char* field, const char* argument) {
            QTest::newRow(text) << QByteArray(text) << static_cast<int>(kind) << QByteArray(field)
                                << QByteArray(argument);
        };
        row("call::", LocationKind::Call, "", "");
        row("instance::", LocationKind::Instance, "", "");
        row("environment::", LocationKind::Environment, "", "");
        row("store::", LocationKind::Store, "", "");
        row("shared::", LocationKind::Shared, "", "");
        row("broker_environment::", LocationKind::BrokerEnvironment, "", "");
        row("dynamic::customer_openai_api_key", LocationKind::Dynamic, "", "customer_openai_api_key");
        row("env::MY_OTHER_OPENAI_API_KEY", LocationKind::Env, "", "MY_OTHER_OPENAI_API_KEY");
        row("path_from_env::KEY_FILE", LocationKind::PathFromEnv, "", "KEY_FILE");
        row("oauth::me@example.com", LocationKind::OAuth, "", "me@example.com");
        row("file::/run/secrets/a key", LocationKind::File, "", "/run/secrets/a key");
        row("command::op read op://private/openai/key", LocationKind::Command, "", "op read op://private/openai/key");
        row("aws_sdk::", LocationKind::AwsSdk, "", "");
        row("aws_sdk::work", LocationKind::AwsSdk, "", "work");
        row("none", LocationKind::None, "", "");
        row("none::", LocationKind::None, "", "");
        row("api_key=env::A", LocationKind::Env, "api_key", "A");
        row("token=command::printf a=b::c", LocationKind::Command, "token", "printf a=b::c");
    }
    void everyKindIsRead() {
        QFETCH(const QByteArray, text);
        QFETCH(const int, kind);
        QFETCH(const QByteArray, field);
        QFETCH(const QByteArray, argument);
        const auto location = parseLocation(text.toStdString());
        QVERIFY2(location.has_value(), location ? "" : location.error().c_str());
        QCOMPARE(static_cast<int>(location->kind), kind);
        QCOMPARE(location->field, field.toStdString());
        QCOMPARE(location->argument, argument.toStdString());
    }

    void whatIsNoLocationIsRefusedWithoutBeingQuoted_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("why");
        const auto row = [](const char* name, const QByteArray& text, const char* why) {
            QTest::newRow(name) << text << QByteArray(why);
        };
        row("empty", "", "a location is one of");
        row("a key", "sk-canary", "a location is one of");
        row("unknown kind", "vault::canary", "a location is one of");
        row("one colon", "env:canary", "a location is one of");
        row("no colons", "store", "a location is one of");
        row("upper case", "ENV::canary", "a location is one of");
        row("layer with an argument", "store::canary", "nothing stands behind");
        row("none with an argument", "none::canary", "nothing stands behind");
        row("variable with a dash", "env::CANARY-canary", "name of letters");
        row("variable with a digit first", "env::1canary", "name of letters");
        row("no variable", "env::", "name of letters");
        row("no name", "dynamic::", "name of letters");
        row("no account", "oauth::", "name of an account");
        row("account with a space", "oauth::can ary", "name of an account");
        row("relative path", "file::canary", "absolute path");
        row("path with a control character", "file::/canary\n", "absolute path");
        row("path with NUL", QByteArray("file::/canary\0", 14), "absolute path");
        row("path too long", "file::/" + QByteArray(4096, 'x'), "absolute path");
        row("profile with a space", "aws_sdk::can ary", "profile's name");
        row("no command", "command::", "a program");
        row("only spaces", "command::   ", "a program");
        row("an empty program", "command::'' canary", "a program");
        row("a line feed", "command::canary\ncanary", "a program");
        row("a quotation mark open", "command::sh -c 'canary", "not closed");
        row("a back-slash at the end", "command::canary\\", "nothing stands behind");
        row("a field with a dash", "api-key=env::canary", "a field's name");
        row("an empty field", "=env::canary", "a field's name");
        row("a field of a layer", "api_key=store::", "leave the field");
        row("a field of a profile", "region=aws_sdk::canary", "leave the field");
    }
    void whatIsNoLocationIsRefusedWithoutBeingQuoted() {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, why);
        const auto location = parseLocation(text.toStdString());
        QVERIFY(!location);
        QVERIFY2(location.error().find(why.toStdString()) != std::string::npos, location.error().c_str());
        QVERIFY2(location.error().find("canary") == std::string::npos, location.error().c_str());
    }

    // What a POSIX shell does with the same quotation marks (Shell Command Language, section 2.2).
    void wordsAreSplitLikeAShellsWithoutItsMagic_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArrayList>("words");
        QTest::newRow("plain") << QByteArray("op read x") << QByteArrayList{"op", "read", "x"};
        QTest::newRow("many spaces") << QByteArray("  a   b ") << QByteArrayList{"a", "b"};
        QTest::newRow("double quotes") << QByteArray("a \"b  c\" d") << QByteArrayList{"a", "b  c", "d"};
        QTest::newRow("single quotes") << QByteArray("a 'b \"\\c'") << QByteArrayList{"a", "b \"\\c"};
        QTest::newRow("joined") << QByteArray("a\"b\"'c'd") << QByteArrayList{"abcd"};
        QTest::newRow("an empty word") << QByteArray("a \"\" b") << QByteArrayList{"a", "", "b"};
        QTest::newRow("escaped") << QByteArray("a\\ b \\\"c\\\" \"d\\\"e\"") << QByteArrayList{"a b", "\"c\"", "d\"e"};
        QTest::newRow("no magic") << QByteArray("a $HOME `b` > c | d; e & *")
                                  << QByteArrayList{"a", "$HOME", "`b`", ">", "c", "|", "d;", "e", "&", "*"};
        QTest::newRow("nothing") << QByteArray() << QByteArrayList{};
    }
    void wordsAreSplitLikeAShellsWithoutItsMagic() {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArrayList, words);
        const auto split = splitWords(text.toStdString());
        QVERIFY(split.has_value());
        QByteArrayList found;
        for (const std::string& word : *split) {
            found << QByteArray::fromStdString(word);
        }
        QCOMPARE(found, words);
    }
};

QTEST_APPLESS_MAIN(TestLocation)
#include "tst_location.moc"
