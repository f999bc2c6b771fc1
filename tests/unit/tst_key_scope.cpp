#include "daemon/access/key_scope.h"

#include <QTest>

using namespace keybearer::access;

Q_DECLARE_METATYPE(keybearer::access::Fit)
Q_DECLARE_METATYPE(keybearer::access::Wanted)

class TestKeyScope : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void texts_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("full"); // empty: it is refused
        for (const char* same :
             {"*", "account:work", "account:a@b.example", "account:*", "key:acme/openai/default", "key:acme/openai/*",
              "key:acme/*", "account:work scope=email audience=https://api.example.com",
              "account:work scope=https://api.example.com/a,b scope=email",
              "key:default/openai/* field=api_key field=base_url"}) {
            QTest::newRow(same) << QByteArray(same) << QByteArray(same);
        }
        QTest::newRow("a provider's") << QByteArray("openai/default") << QByteArray("key:default/openai/default");
        QTest::newRow("all of a provider") << QByteArray("openai/*") << QByteArray("key:default/openai/*");
        QTest::newRow("limited") << QByteArray("openai-compatible/my.key field=api_key")
                                 << QByteArray("key:default/openai-compatible/my.key field=api_key");
        QTest::newRow("another order") << QByteArray("account:work audience=a scope=b")
                                       << QByteArray("account:work scope=b audience=a");
        for (const char* bad : {"",
                                " ",
                                "**",
                                "openai",
                                "openai/",
                                "/default",
                                "*/default",
                                "*/*",
                                "openai/**",
                                "openai/a/b",
                                "openai/a*",
                                "key:acme/openai",
                                "key:acme/openai/",
                                "key:*/openai/default",
                                "key:",
                                "account:",
                                "account:a b",
                                "account:a/b",
                                "account",
                                "Account:work",
                                "vault:x/y",
                                " openai/*",
                                "openai/* ",
                                "openai/*  field=a",
                                "openai/* field=",
                                "openai/* field",
                                "openai/* api_key",
                                "openai/* scope=email",
                                "openai/* audience=a",
                                "openai/* field=a field=a",
                                "* field=a",
                                "* scope=a",
                                "account:work field=api_key",
                                "account:work scope=",
                                "account:work scope=a\"b",
                                "account:work scope=a\\b",
                                "account:work scope=a scope=a",
                                "account:work audience=a audience=b",
                                "openai/*\tfield=a",
                                "openai/*\n",
                                "\xC3\xA9/*"}) {
            QTest::addRow("not \"%s\"", bad) << QByteArray(bad) << QByteArray();
        }
        QByteArray many = "account:work";
        for (int i = 0; i < 64; ++i) {
            many += " scope=s" + QByteArray::number(i);
        }
        QTest::newRow("64 limits") << many << many;
        QTest::newRow("65 limits") << many + " scope=more" << QByteArray();
        const QByteArray longest = "account:work scope=" + QByteArray(255, 'x');
        QTest::newRow("long") << longest << longest;
        QTest::newRow("too long") << longest + "x" << QByteArray();
    }
    void texts() {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, full);
        const auto scope = parseScope(text.toStdString());
        QCOMPARE(scope.has_value(), !full.isEmpty());
        if (scope) {
            QCOMPARE(formatScope(*scope), full.toStdString());
            QVERIFY(parseScope(full.toStdString()).value() == *scope);
        } else {
            QVERIFY(!scope.error().empty());
        }
    }

    void fits_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<Wanted>("wanted");
        QTest::addColumn<Fit>("fit");
        const auto row = [](const char* text, const Wanted& wanted, Fit fit) {
            QTest::addRow("%s for %s", text, wanted.credential.c_str()) << QByteArray(text) << wanted << fit;
        };
        const Wanted key{"key:default/openai/default", {}, {}, {"api_key"}};
        row("openai/default", key, Fit::Covers);
        row("openai/*", key, Fit::Covers);
        row("*", key, Fit::Covers);
        row("openai/default field=api_key", key, Fit::Covers);
        row("openai/default field=base_url", key, Fit::Wider);
        row("openai/work", key, Fit::OtherCredential);
        row("groq/*", key, Fit::OtherCredential);
        row("key:acme/openai/*", key, Fit::OtherCredential);
        row("account:*", key, Fit::OtherCredential);
        row("openai/*", {"key:acme/openai/default", {}, {}, {}}, Fit::OtherCredential);
        row("openai/*", {"key:shared/openai/default", {}, {}, {}}, Fit::OtherCredential);
        row("openai/*", {"key:default/openai-compatible/default", {}, {}, {}}, Fit::OtherCredential);
        row("openai/* field=a", {"key:default/openai/x", {}, {}, {"a", "b"}}, Fit::Wider);
        row("account:work", {"account:work", {}, {}, {}}, Fit::Covers);
        row("account:work", {"account:work", {"email"}, "https://a.example", {}}, Fit::Covers);
        row("account:work", {"account:Work", {}, {}, {}}, Fit::OtherCredential);
        row("account:work", {"account:work2", {}, {}, {}}, Fit::OtherCredential);
        row("account:work scope=email", {"account:work", {"email"}, {}, {}}, Fit::Covers);
        row("account:work scope=email", {"account:work", {"email", "files"}, {}, {}}, Fit::Wider);
        row("account:work scope=email", {"account:work", {}, {}, {}}, Fit::Wider); // that is the whole grant
        row("account:work audience=a", {"account:work", {}, "a", {}}, Fit::Covers);
        row("account:work audience=a", {"account:work", {}, "b", {}}, Fit::Wider);
        row("account:work audience=a", {"account:work", {}, {}, {}}, Fit::Wider);
    }
    void fits() {
        QFETCH(const QByteArray, text);
        QFETCH(const Wanted, wanted);
        QFETCH(const Fit, fit);
        QVERIFY(fitOf(parseScope(text.toStdString()).value(), wanted) == fit);
    }
};

QTEST_APPLESS_MAIN(TestKeyScope)
#include "tst_key_scope.moc"
