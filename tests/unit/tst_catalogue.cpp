#include "daemon/providers/catalogue.h"
#include "daemon/providers/profile_file.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

using namespace keybearer::providers;

namespace {

QByteArray profileText(const char* id, const char* issuer) {
    return "id = \"" + QByteArray(id) + "\"\nissuer = \"" + issuer + "\"\n";
}

/// The two folders of a catalogue.
struct Folders {
    QTemporaryDir root;
    std::string builtIn = make("providers");
    std::string user = make("providers.d");

    std::string make(const char* name) {
        const std::string path = root.filePath(QString::fromLatin1(name)).toStdString();
        ::mkdir(path.c_str(), 0700);
        return path;
    }
    static std::string add(const std::string& folder, const std::string& name, const QByteArray& text,
                           ::mode_t mode = 0600) {
        const std::string path = folder + "/" + name;
        QFile file(QString::fromStdString(path));
        if (file.open(QIODevice::WriteOnly)) {
            file.write(text);
        }
        file.close();
        ::chmod(path.c_str(), mode);
        return path;
    }
    [[nodiscard]] Catalogue load() const { return Catalogue::load(builtIn, user); }
};

std::vector<std::string> idsOf(const Catalogue& catalogue) {
    std::vector<std::string> ids;
    for (const Profile& profile : catalogue.all()) {
        ids.push_back(profile.id);
    }
    return ids;
}

} // namespace

class TestCatalogue : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aProfileExtendsAnother() {
        const Folders folders;
        Folders::add(folders.builtIn, "one.toml",
                     "id = 'one'\ndisplay_name = 'One'\naliases = ['uno']\ndashboard_url = 'https://one.example'\n"
                     "needs = [['key']]\n[fields.key]\ntype = 'token'\nsecret = true\nenv = ['ONE_KEY']\n"
                     "[fields.url]\ntype = 'url'\nendpoint = true\ndefault = 'https://api.one.example'\n");
        Folders::add(folders.user, "one.toml",
                     "id = 'one'\nextends = 'one'\n[fields.url]\ndefault = 'https://proxy.example'\n");
        Folders::add(folders.user, "two.toml", "id = 'two'\nextends = 'one'\n[fields.key]\nenv = ['TWO_KEY']\n");
        Folders::add(folders.user, "three.toml", "id = 'three'\nextends = 'two'\ndisplay_name = 'Three'\n");
        const Catalogue catalogue = folders.load();
        QVERIFY2(catalogue.problems().empty(), catalogue.problems().empty() ? "" : catalogue.problems()[0].c_str());
        const Profile* one = catalogue.find("uno");
        QVERIFY(one != nullptr);
        QCOMPARE(one->displayName, std::string("One"));
        QCOMPARE(one->field("url")->defaultValue, std::string("https://proxy.example"));
        QVERIFY(one->field("url")->endpoint);
        const Profile* two = catalogue.find("two");
        QCOMPARE(two->displayName, std::string("two"));
        QCOMPARE(two->field("key")->variables, std::vector<std::string>{"TWO_KEY"});
        QVERIFY(two->field("key")->secret);
        QCOMPARE(two->field("url")->defaultValue, std::string("https://proxy.example"));
        QCOMPARE(two->dashboardUrl, std::string("https://one.example"));
        const Profile* three = catalogue.find("three");
        QCOMPARE(three->displayName, std::string("Three"));
        QCOMPARE(three->field("key")->variables, std::vector<std::string>{"TWO_KEY"});
        QCOMPARE(three->mainField, std::string("key"));
    }

    void anotherServerDoesNotGetTheParentsEndpoints() {
        const Folders folders;
        Folders::add(folders.builtIn, "hub.toml",
                     "id = 'hub'\nissuer = 'https://hub.example'\n[endpoints]\nauthorization = "
                     "'https://hub.example/a'\ntoken = 'https://hub.example/t'\n");
        Folders::add(folders.user, "own.toml", "id = 'own'\nextends = 'hub'\nissuer = 'https://own.example'\n");
        Folders::add(folders.user, "same.toml", "id = 'same'\nextends = 'hub'\n");
        const Catalogue catalogue = folders.load();
        QVERIFY(!catalogue.find("own")->endpoints);
        QVERIFY(catalogue.find("same")->endpoints);
    }

    void whatCannotBeExtendedIsLeftOut_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("problem");
        QTest::newRow("itself") << QByteArray("id = 'x'\nextends = 'x'\n")
                                << QByteArray("providers.d/x.toml: extends \"x\", and there is no provider");
        QTest::newRow("nobody") << QByteArray("id = 'x'\nextends = 'nobody'\n")
                                << QByteArray("providers.d/x.toml: extends \"nobody\", and there is no provider");
        QTest::newRow("a circle") << QByteArray("id = 'x'\nextends = 'y'\n")
                                  << QByteArray("providers.d/x.toml: extends itself: x > y > z > y");
        QTest::newRow("one that is broken")
            << QByteArray("id = 'x'\nextends = 'broken'\n")
            << QByteArray("providers.d/x.toml: extends \"broken\", and there is no provider");
        QTest::newRow("a mistake of its own")
            << QByteArray("id = 'x'\nextends = 'good'\n\n[fields.key]\ntype = 'colour'\n")
            << QByteArray("providers.d/x.toml:5:8: `type` is one of");
    }
    void whatCannotBeExtendedIsLeftOut() {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, problem);
        const Folders folders;
        Folders::add(folders.user, "x.toml", text);
        Folders::add(folders.user, "y.toml", "id = 'y'\nextends = 'z'\n");
        Folders::add(folders.user, "z.toml", "id = 'z'\nextends = 'y'\n");
        Folders::add(folders.user, "broken.toml", "id = 'broken'\nissuer = = 7\n");
        Folders::add(folders.user, "good.toml",
                     "id = 'good'\nneeds = [['key']]\n[fields.key]\ntype = 'token'\nsecret = true\n");
        const Catalogue catalogue = folders.load();
        QVERIFY(catalogue.find("x") == nullptr);
        QVERIFY(catalogue.find("good") != nullptr);
        const auto said = [&](const std::string& one) { return one.starts_with(problem.toStdString()); };
        QVERIFY2(std::ranges::any_of(catalogue.problems(), said), catalogue.problems().back().c_str());
    }

    void withoutFoldersItIsEmpty() {
        const Catalogue catalogue = Catalogue::load("/nonexistent/providers", "/nonexistent/providers.d");
        QVERIFY(catalogue.all().empty());
        QVERIFY(catalogue.problems().empty());
        QVERIFY(catalogue.find("google") == nullptr);
    }

    void providersAreFoundByNameAndIssuer() {
        Folders folders;
        Folders::add(folders.builtIn, "b.toml", profileText("beta", "https://b.example"), 0644);
        Folders::add(folders.user, "a.toml", profileText("alpha", "https://a.example"));
        const Catalogue catalogue = folders.load();
        QCOMPARE(catalogue.problems(), std::vector<std::string>{});
        QCOMPARE(idsOf(catalogue), (std::vector<std::string>{"alpha", "beta"}));
        QCOMPARE(catalogue.find("beta")->source, std::string("providers/b.toml"));
        QCOMPARE(catalogue.find("alpha")->source, std::string("providers.d/a.toml"));
        QCOMPARE(catalogue.find("https://b.example"), catalogue.find("beta"));
        QVERIFY(catalogue.find("https://b.example/") == nullptr);
        QVERIFY(catalogue.find("") == nullptr);
    }

    void thePersonsProfileWins() {
        Folders folders;
        Folders::add(folders.builtIn, "google.toml", profileText("google", "https://built-in.example"));
        Folders::add(folders.user, "mine.toml", profileText("google", "https://mine.example"));
        const Catalogue catalogue = folders.load();
        QCOMPARE(catalogue.all().size(), std::size_t(1));
        QCOMPARE(catalogue.find("google")->issuer, std::string("https://mine.example"));
        QVERIFY(catalogue.problems().empty());
    }

    void aBrokenFileIsNamedAndTheOthersServe() {
        Folders folders;
        Folders::add(folders.user, "a.toml", profileText("a", "https://a.example"));
        Folders::add(folders.user, "foo.toml", profileText("foo", "https://f.example") + "  scope = []\nwrong = 1\n");
        Folders::add(folders.user, "z.toml", profileText("z", "https://z.example"));
        const Catalogue catalogue = folders.load();
        QCOMPARE(idsOf(catalogue), (std::vector<std::string>{"a", "z"}));
        QCOMPARE(catalogue.problems(), (std::vector<std::string>{"providers.d/foo.toml:3:3: there is no key `scope`; "
                                                                 "did you mean `scopes`?"}));
    }

    void aBrokenFileOfThePersonsLeavesTheBuiltInOne() {
        Folders folders;
        Folders::add(folders.builtIn, "google.toml", profileText("google", "https://built-in.example"));
        Folders::add(folders.user, "google.toml", profileText("google", "http://evil.example"));
        const Catalogue catalogue = folders.load();
        QCOMPARE(catalogue.find("google")->issuer, std::string("https://built-in.example"));
        QCOMPARE(catalogue.problems().size(), std::size_t(1));
    }

    void oneNameInTwoFilesIsNamed() {
        Folders folders;
        Folders::add(folders.user, "a.toml", profileText("same", "https://a.example"));
        Folders::add(folders.user, "b.toml", profileText("same", "https://b.example"));
        const Catalogue catalogue = folders.load();
        QCOMPARE(catalogue.find("same")->issuer, std::string("https://a.example"));
        QCOMPARE(catalogue.problems().size(), std::size_t(1));
        QVERIFY(catalogue.problems().front().starts_with("providers.d/b.toml: providers.d/a.toml has the id \"same\""));
    }

    void otherFilesAreLeftAlone() {
        Folders folders;
        for (const char* name : {"a.toml~", "a.toml.bak", ".a.toml", "README", "toml"}) {
            Folders::add(folders.user, name, "this is no profile");
        }
        QVERIFY(folders.load().problems().empty());
    }

    void filesThatOthersCanWriteAreRefused_data() {
        QTest::addColumn<uint>("mode");
        QTest::newRow("group") << 0620U;
        QTest::newRow("others") << 0602U;
    }
    void filesThatOthersCanWriteAreRefused() {
        QFETCH(const uint, mode);
        Folders folders;
        Folders::add(folders.user, "a.toml", profileText("a", "https://a.example"), mode);
        const Catalogue catalogue = folders.load();
        QVERIFY(catalogue.all().empty());
        QVERIFY(catalogue.problems().front().starts_with("providers.d/a.toml: can be written by other users"));
    }

    void aFolderThatOthersCanWriteIsRefused() {
        Folders folders;
        Folders::add(folders.user, "a.toml", profileText("a", "https://a.example"));
        QCOMPARE(::chmod(folders.user.c_str(), 0770), 0);
        const Catalogue catalogue = folders.load();
        QVERIFY(catalogue.all().empty());
        QVERIFY(catalogue.problems().front().starts_with("providers.d: can be written by other users"));
    }

    void linksAndPipesAreRefused() {
        Folders folders;
        const std::string target = Folders::add(folders.builtIn, "real", profileText("a", "https://a.example"));
        QCOMPARE(::symlink(target.c_str(), (folders.user + "/link.toml").c_str()), 0);
        QCOMPARE(::mkfifo((folders.user + "/pipe.toml").c_str(), 0600), 0);
        QCOMPARE(::mkdir((folders.user + "/sub.toml").c_str(), 0700), 0);
        const Catalogue catalogue = folders.load();
        QVERIFY(catalogue.all().empty());
        QCOMPARE(catalogue.problems().size(), std::size_t(3));
        QVERIFY(catalogue.problems()[0].starts_with("providers.d/link.toml: is a symbolic link"));
        QVERIFY(catalogue.problems()[1].starts_with("providers.d/pipe.toml: is not a regular file"));
        QVERIFY(catalogue.problems()[2].starts_with("providers.d/sub.toml: "));
        QCOMPARE(::rename(folders.user.c_str(), (folders.user + ".real").c_str()), 0);
        QCOMPARE(::symlink((folders.user + ".real").c_str(), folders.user.c_str()), 0);
        QVERIFY(folders.load().problems().front().find("real folder") != std::string::npos);
    }

    void tooManyFilesAreNamed() {
        Folders folders;
        for (int i = 100; i < 301; ++i) {
            const std::string id = "p" + std::to_string(i);
            Folders::add(folders.user, id + ".toml", profileText(id.c_str(), "https://a.example"));
        }
        const Catalogue catalogue = folders.load();
        QCOMPARE(catalogue.all().size(), std::size_t(200));
        QCOMPARE(catalogue.problems().size(), std::size_t(1));
        QVERIFY(catalogue.problems().front().find("p300.toml") != std::string::npos);
    }

    void hostileFileNamesAreShownSafely() {
        Folders folders;
        Folders::add(folders.user, "\x1b[31m.toml", "wrong = 1\n");
        QVERIFY(folders.load().problems().front().starts_with("providers.d/?[31m.toml:1:1: "));
    }

    void theProfilesThatComeWithKeybearerAreGood() {
        const QDir folder(QStringLiteral(KEYBEARER_PROVIDERS));
        const QStringList names = folder.entryList({QStringLiteral("*.toml")}, QDir::Files);
        QVERIFY(names.contains(QStringLiteral("google.toml")));
        for (const QString& name : names) {
            QFile file(folder.filePath(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const auto profile = parseProfile(file.readAll().toStdString(), name.toStdString());
            QVERIFY2(profile.has_value(), profile ? "" : profile.error().c_str());
            QCOMPARE(QString::fromStdString(profile->id + ".toml"), name);
            QVERIFY(profile->issuer.empty() == profile->registerUrl.empty());
            QVERIFY(profile->issuer.empty() || profile->issuer.starts_with("https://"));
        }
        const Catalogue catalogue = Catalogue::load(KEYBEARER_PROVIDERS, "/nonexistent");
        QCOMPARE(catalogue.problems(), std::vector<std::string>{});
    }

    void aliasesAreFoundHoweverTheyAreWritten() {
        Folders folders;
        Folders::add(folders.user, "a.toml", "aliases = [\"Big-Model\"]\n" + profileText("alpha", "https://a.example"));
        const Catalogue catalogue = folders.load();
        for (const char* name : {"alpha", "ALPHA", "big-model", "bigModel", "big_model", "Big Model"}) {
            QVERIFY2(catalogue.find(name) != nullptr, name);
        }
        for (const char* name : {"big", "alpha2", "", "-"}) {
            QVERIFY2(catalogue.find(name) == nullptr, name);
        }
    }

    void anAliasHasOneMeaning() {
        Folders folders;
        Folders::add(folders.user, "a.toml", "aliases = [\"b\", \"both\"]\n" + profileText("a", "https://a.example"));
        Folders::add(folders.user, "b.toml", "aliases = [\"bo-th\"]\n" + profileText("b", "https://b.example"));
        const Catalogue catalogue = folders.load();
        QCOMPARE(catalogue.find("b")->issuer, std::string("https://b.example"));
        QCOMPARE(catalogue.find("both")->id, std::string("a"));
        QCOMPARE(catalogue.problems(),
                 (std::vector<std::string>{"providers.d/a.toml: the alias \"b\" means b already; remove it",
                                           "providers.d/b.toml: the alias \"bo-th\" means a already; remove it"}));
    }

    void aMistypedNameHasNeighbours_data() {
        QTest::addColumn<QByteArray>("typed");
        QTest::addColumn<QByteArray>("first");
        QTest::newRow("letter lost") << QByteArray("opnai") << QByteArray("openai");
        QTest::newRow("letter doubled") << QByteArray("mistrall") << QByteArray("mistral");
        QTest::newRow("beginning") << QByteArray("perp") << QByteArray("perplexity");
        QTest::newRow("alias") << QByteArray("cluade") << QByteArray("claude");
        QTest::newRow("nothing near") << QByteArray("xyzzyxyzzy") << QByteArray();
        QTest::newRow("very long") << QByteArray(100'000, 'o') << QByteArray();
        QTest::newRow("empty") << QByteArray() << QByteArray();
    }
    void aMistypedNameHasNeighbours() {
        QFETCH(const QByteArray, typed);
        QFETCH(const QByteArray, first);
        const Catalogue catalogue = Catalogue::load(KEYBEARER_PROVIDERS, "/nonexistent");
        const auto near = catalogue.nearest(typed.toStdString());
        QCOMPARE(near.empty() ? std::string() : near.front(), first.toStdString());
        QVERIFY(near.size() <= 3);
    }

    void aKeysOwnerIsToldByItsLongestPrefix_data() {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<QByteArray>("owner");
        QTest::newRow("Anthropic's begins as OpenAI's does") << QByteArray("sk-ant-api03-x") << QByteArray("anthropic");
        QTest::newRow("OpenRouter's, too") << QByteArray("sk-or-v1-x") << QByteArray("openrouter");
        QTest::newRow("Groq") << QByteArray("gsk_x") << QByteArray("groq");
        QTest::newRow("of several") << QByteArray("sk-0123") << QByteArray();
        QTest::newRow("of two services of one cloud") << QByteArray("AKIA0123") << QByteArray();
        QTest::newRow("nobody's") << QByteArray("x-sk-ant") << QByteArray();
    }
    void aKeysOwnerIsToldByItsLongestPrefix() {
        QFETCH(const QByteArray, value);
        QFETCH(const QByteArray, owner);
        const Catalogue catalogue = Catalogue::load(KEYBEARER_PROVIDERS, "/nonexistent");
        const Profile* found = catalogue.ownerOf(value.toStdString());
        QCOMPARE(found == nullptr ? std::string() : found->id, owner.toStdString());
    }
};

QTEST_APPLESS_MAIN(TestCatalogue)
#include "tst_catalogue.moc"
