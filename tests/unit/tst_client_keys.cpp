#include "daemon/clientkeys/client_keys.h"
#include "daemon/crypto/crypto.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "fake_service.h"
#include "keychain_test.h"

#include <memory>

using namespace keybearer;
using namespace keybearer::clientkeys;
using keychain::await;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

class SetClock final : public base::Clock {
public:
    [[nodiscard]] std::int64_t utcSeconds() const override { return now; }
    [[nodiscard]] std::chrono::milliseconds steady() const override { return {}; }
    std::int64_t now = 1'700'000'000;
};

QByteArray kindOf(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::Unknown: return "Unknown";
    case ErrorKind::Revoked: return "Revoked";
    case ErrorKind::Expired: return "Expired";
    case ErrorKind::KeyMissing: return "KeyMissing";
    case ErrorKind::Keychain: return "Keychain";
    case ErrorKind::Storage: return "Storage";
    case ErrorKind::Misused: return "Misused";
    }
    return {};
}

template<class T>
QByteArray outcomeOf(const Result<T>& result) {
    return result ? QByteArray("success") : kindOf(result.error().kind);
}

NewKey wanted(const std::string& name, std::optional<seconds> lifetime = std::nullopt) {
    NewKey key;
    key.name = name;
    key.lifetime = lifetime;
    key.scopes = {access::parseScope("openai/*").value()};
    key.createdBy = "/usr/bin/keybearer";
    return key;
}

struct Fixture {
    QTemporaryDir root;
    SetClock clock;
    std::shared_ptr<keychain::FakeStore> store = std::make_shared<keychain::FakeStore>();
    std::unique_ptr<keychain::FakeService> service = std::make_unique<keychain::FakeService>(store);
    std::unique_ptr<ClientKeys> keys;

    Fixture() { open(); }
    /// As after a restart of the broker.
    void open(int hangsAtCall = 0) {
        keys.reset();
        service = std::make_unique<keychain::FakeService>(store, hangsAtCall);
        const KeyFile file(root.path().toStdString());
        keys = std::make_unique<ClientKeys>(file, file.read().value(), *service, clock);
    }
    [[nodiscard]] QString path() const { return root.filePath(QStringLiteral("client_keys.json")); }
    [[nodiscard]] QByteArray file() const {
        QFile content(path());
        return content.open(QIODevice::ReadOnly) ? content.readAll() : QByteArray();
    }
    /// Nothing can be written from here on: a folder stands where the new file must go.
    void breakTheDisk() const { QVERIFY(QDir().mkpath(path() + QStringLiteral(".new/in the way"))); }
    void mendTheDisk() const { QVERIFY(QDir(path() + QStringLiteral(".new")).removeRecursively()); }

    IssuedKey make(const std::string& name = "ci", std::optional<seconds> lifetime = std::nullopt) const {
        auto issued = await(keys->create(wanted(name, lifetime)));
        Q_ASSERT(issued);
        return std::move(*issued);
    }
    [[nodiscard]] Result<Proof> verify(const base::Secret& key) const {
        return await(keys->verify(parseKey(key.reveal()).value()));
    }
    [[nodiscard]] QByteArray shown(const base::Secret& key) const { return outcomeOf(verify(key)); }
};

} // namespace

class TestClientKeys : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aKeyIsKnownAgain() {
        Fixture f;
        const IssuedKey issued = f.make();
        QCOMPARE(issued.key.size(), kKeyLength);
        const auto proof = f.verify(issued.key);
        QVERIFY(proof.has_value());
        QCOMPARE(proof->id, issued.id);
        const ClientKey* key = f.keys->find(*proof);
        QVERIFY(key != nullptr && key->name == "ci" && key->createdAt == f.clock.now);
        QCOMPARE(key->createdBy, std::string("/usr/bin/keybearer"));
        QCOMPARE(key->prefix, std::string(issued.key.reveal().substr(0, 12)));
        f.open();
        QCOMPARE(f.shown(issued.key), QByteArray("success"));
        QCOMPARE(f.shown(makeKey(KeyKind::Live)), QByteArray("Unknown"));
    }

    void neitherFileNorKeychainHoldsAKey() {
        Fixture f;
        const IssuedKey issued = f.make();
        const std::string key(issued.key.reveal());
        QVERIFY(f.file().contains("ck_") && !f.file().contains(QByteArray::fromStdString(key.substr(12))));
        for (const auto& [name, value] : f.store->items) {
            QVERIFY(value.find(key.substr(12)) == std::string::npos);
        }
        // An HMAC-SHA-256 of the whole key under the keychain's 32 bytes.
        const std::string& pepper = f.store->items.at("client-key-pepper");
        QCOMPARE(pepper.size(), std::size_t{32});
        const QByteArray mac = QByteArray::fromStdString(crypto::hmacSha256(base::Secret(pepper), key)).toHex();
        QVERIFY(f.file().contains(mac));
    }

    void withoutAKeyNothingIsAskedOfTheKeychain() {
        Fixture f;
        QCOMPARE(f.shown(makeKey(KeyKind::Live)), QByteArray("Unknown"));
        QCOMPARE(f.service->calls(), 0);
    }

    void thePepperIsReadOnce() {
        Fixture f;
        const IssuedKey issued = f.make();
        f.open();
        QCOMPARE(f.shown(issued.key), QByteArray("success"));
        QCOMPARE(f.shown(issued.key), QByteArray("success"));
        QCOMPARE(f.service->calls(), 1);
        f.store->state = keychain::State::Locked;
        QCOMPARE(f.shown(issued.key), QByteArray("success"));
    }

    void everyKeyIsComparedWhateverIsFound() {
        static int compared = 0;
        std::unordered_map<std::string, ClientKey> keys;
        for (int i = 0; i < 10; ++i) {
            ClientKey key;
            key.id = std::to_string(i);
            key.mac = std::string(64, static_cast<char>('a' + i));
            key.oldMac = i % 2 == 0 ? std::string(64, static_cast<char>('A' + i)) : std::string();
            keys.emplace(key.id, key);
        }
        const auto counting = [](std::string_view a, std::string_view b) noexcept {
            ++compared;
            return a == b;
        };
        for (const std::string& mac :
             {std::string(64, 'a'), std::string(64, 'j'), std::string(64, 'C'), std::string(64, 'z'), std::string()}) {
            compared = 0;
            const ClientKey* found = keyWithMac(keys, mac, counting);
            QCOMPARE(compared, 20);
            QCOMPARE(keyWithMac(keys, mac), found); // the real comparison finds the same
        }
        QCOMPARE(keyWithMac(keys, std::string(64, 'C'))->id, std::string("2"));
        QVERIFY(keyWithMac(keys, std::string(64, 'z')) == nullptr);
    }

    // --- the end of keys ---------------------------------------------------------------------------------------------

    void aRevokedKeyIsGoodForNothing() {
        Fixture f;
        const IssuedKey issued = f.make();
        const auto proof = f.verify(issued.key);
        f.clock.now += 5;
        QCOMPARE(outcomeOf(f.keys->revoke(issued.id)), QByteArray("success"));
        QVERIFY(f.keys->find(*proof) == nullptr);
        QCOMPARE(f.shown(issued.key), QByteArray("Revoked"));
        QCOMPARE(f.keys->byId(issued.id)->revokedAt.value_or(0), 1'700'000'005);
        f.clock.now += 5;
        QCOMPARE(outcomeOf(f.keys->revoke(issued.id)), QByteArray("success"));
        QCOMPARE(f.keys->byId(issued.id)->revokedAt.value_or(0), 1'700'000'005);
        f.open();
        QCOMPARE(f.shown(issued.key), QByteArray("Revoked"));
        QCOMPARE(outcomeOf(f.keys->revoke("ck_000000000000")), QByteArray("Unknown"));
        QCOMPARE(outcomeOf(await(f.keys->rotate(issued.id, kDefaultOverlap))), QByteArray("Revoked"));
    }

    void aRevocationThatCannotBeWrittenHoldsMeanwhile() {
        Fixture f;
        const IssuedKey issued = f.make();
        f.breakTheDisk();
        QCOMPARE(outcomeOf(f.keys->revoke(issued.id)), QByteArray("Storage"));
        QCOMPARE(f.shown(issued.key), QByteArray("Revoked"));
        f.mendTheDisk();
        f.open(); // the end of a broker writes it
        QCOMPARE(f.shown(issued.key), QByteArray("Revoked"));
    }

    void aKeysTimeEnds() {
        Fixture f;
        const IssuedKey issued = f.make("ci", hours(1));
        const auto proof = f.verify(issued.key);
        f.clock.now += 3599;
        QVERIFY(f.keys->find(*proof) != nullptr);
        f.clock.now += 1;
        QVERIFY(f.keys->find(*proof) == nullptr);
        QCOMPARE(f.shown(issued.key), QByteArray("Expired"));
        QCOMPARE(outcomeOf(await(f.keys->rotate(issued.id, kDefaultOverlap))), QByteArray("Expired"));
    }

    // --- rotation ----------------------------------------------------------------------------------------------------

    void bothKeysAreGoodWhileTheyOverlap() {
        Fixture f;
        const IssuedKey first = f.make();
        const auto oldProof = f.verify(first.key);
        auto second = await(f.keys->rotate(first.id, hours(24)));
        QVERIFY(second.has_value() && second->id == first.id && !(second->key == first.key));
        QCOMPARE(f.keys->byId(first.id)->prefix, std::string(second->key.reveal().substr(0, 12)));
        QCOMPARE(f.shown(first.key), QByteArray("success"));
        f.open();
        f.clock.now += 24 * 3600 - 1;
        QCOMPARE(f.shown(first.key), QByteArray("success"));
        QVERIFY(f.keys->find(*oldProof) != nullptr);
        const auto newProof = f.verify(second->key);
        f.clock.now += 1;
        QVERIFY(f.keys->find(*oldProof) == nullptr); // a connection that is open, too
        QCOMPARE(f.shown(first.key), QByteArray("Expired"));
        QVERIFY(f.keys->find(*newProof) != nullptr);
        QCOMPARE(f.shown(second->key), QByteArray("success"));
    }

    void aRotationWithoutOverlapEndsTheOldKeyAtOnce() {
        Fixture f;
        const IssuedKey first = f.make();
        const auto oldProof = f.verify(first.key);
        const auto second = await(f.keys->rotate(first.id, seconds(0)));
        QVERIFY(f.keys->find(*oldProof) == nullptr);
        QCOMPARE(f.shown(first.key), QByteArray("Unknown"));
        QCOMPARE(f.shown(second->key), QByteArray("success"));
    }

    void aSecondRotationEndsTheFirstKey() {
        Fixture f;
        const IssuedKey first = f.make();
        const auto oldProof = f.verify(first.key);
        const auto second = await(f.keys->rotate(first.id, hours(24)));
        const auto third = await(f.keys->rotate(first.id, hours(24)));
        QVERIFY(f.keys->find(*oldProof) == nullptr);
        QCOMPARE(f.shown(first.key), QByteArray("Unknown"));
        QCOMPARE(f.shown(second->key), QByteArray("success"));
        QCOMPARE(f.shown(third->key), QByteArray("success"));
    }

    void aRotationThatCannotBeWrittenChangesNothing() {
        Fixture f;
        const IssuedKey first = f.make();
        f.breakTheDisk();
        QCOMPARE(outcomeOf(await(f.keys->rotate(first.id, seconds(0)))), QByteArray("Storage"));
        QCOMPARE(f.shown(first.key), QByteArray("success"));
        QCOMPARE(outcomeOf(await(f.keys->create(wanted("other")))), QByteArray("Storage"));
        QCOMPARE(f.keys->all().size(), std::size_t{1});
        f.mendTheDisk();
        QCOMPARE(outcomeOf(await(f.keys->rotate("ck_000000000000", seconds(0)))), QByteArray("Unknown"));
    }

    // --- the pepper --------------------------------------------------------------------------------------------------

    void aLostPepperIsNotReplacedWhileAKeyLives() {
        Fixture f;
        const IssuedKey issued = f.make();
        f.store->items.clear();
        f.open();
        QCOMPARE(f.shown(issued.key), QByteArray("KeyMissing"));
        QCOMPARE(outcomeOf(await(f.keys->create(wanted("other")))), QByteArray("KeyMissing"));
        QCOMPARE(outcomeOf(await(f.keys->rotate(issued.id, seconds(0)))), QByteArray("KeyMissing"));
        QVERIFY(f.store->items.empty());
        f.store->items["client-key-pepper"] = "cut";
        QCOMPARE(f.shown(issued.key), QByteArray("KeyMissing"));
        f.store->items.clear();
        // The way back: what cannot be checked any more is revoked, and another key made.
        QCOMPARE(outcomeOf(f.keys->revoke(issued.id)), QByteArray("success"));
        QCOMPARE(f.shown(issued.key), QByteArray("Unknown"));
        QCOMPARE(f.shown(f.make("ci").key), QByteArray("success"));
    }

    void whatTheKeychainSaysIsPassedOn() {
        Fixture f;
        const IssuedKey issued = f.make();
        f.store->state = keychain::State::Locked;
        f.open();
        const auto refused = f.verify(issued.key);
        QCOMPARE(outcomeOf(refused), QByteArray("Keychain"));
        QVERIFY(refused.error().keychain->kind == keychain::ErrorKind::Locked);
        QCOMPARE(outcomeOf(await(f.keys->create(wanted("other")))), QByteArray("Keychain"));
        f.store->state = keychain::State::Ready;
        QCOMPARE(f.shown(issued.key), QByteArray("success"));
    }

    void twoFirstKeysAtOnceHaveOnePepper() {
        for (const int hangsAt : {1, 2, 3, 4}) { // two reads and two writes, in every order
            Fixture f;
            f.open(hangsAt);
            const auto one = keychain::startTask(f.keys->create(wanted("one")));
            const auto two = keychain::startTask(f.keys->create(wanted("two")));
            QVERIFY(QTest::qWaitFor([&] { return one->has_value() || two->has_value(); }));
            f.service->goOn();
            QVERIFY(QTest::qWaitFor([&] { return one->has_value() && two->has_value(); }));
            QVERIFY(**one && **two);
            f.open();
            QCOMPARE(f.shown((**one)->key), QByteArray("success"));
            QCOMPARE(f.shown((**two)->key), QByteArray("success"));
        }
    }

    // --- names and room ----------------------------------------------------------------------------------------------

    void scopesGoWithTheirAccount() {
        Fixture f;
        NewKey key = wanted("ci");
        key.scopes = {access::parseScope("account:work scope=email").value(),
                      access::parseScope("account:work2").value(), access::parseScope("account:*").value()};
        const std::string id = await(f.keys->create(std::move(key)))->id;
        const auto scopes = [&] {
            std::string out;
            for (const access::KeyScope& scope : f.keys->byId(id)->scopes) {
                out += (out.empty() ? "" : ", ") + access::formatScope(scope);
            }
            return out;
        };
        QVERIFY(f.keys->accountRenamed("work", "office").has_value());
        f.open();
        QCOMPARE(scopes(), std::string("account:office scope=email, account:work2, account:*"));
        f.breakTheDisk();
        QCOMPARE(outcomeOf(f.keys->accountGone("office")), QByteArray("Storage"));
        QCOMPARE(scopes(), std::string("account:work2, account:*")); // in effect all the same
        f.mendTheDisk();
        QVERIFY(f.keys->accountGone("nobody").has_value());
        f.open(); // what could not be written has gone along with the end
        QCOMPARE(scopes(), std::string("account:work2, account:*"));
    }

    void namesAreOneEach() {
        Fixture f;
        const IssuedKey issued = f.make("ci");
        for (const char* bad : {"ci", "", "a b", "../x", "-a"}) {
            QCOMPARE(outcomeOf(await(f.keys->create(wanted(bad)))), QByteArray("Misused"));
        }
        NewKey many = wanted("many");
        many.scopes.assign(kMaxScopes + 1, access::parseScope("openai/*").value());
        QCOMPARE(outcomeOf(await(f.keys->create(std::move(many)))), QByteArray("Misused"));
        QCOMPARE(outcomeOf(f.keys->revoke(issued.id)), QByteArray("success"));
        QCOMPARE(f.shown(f.make("ci").key), QByteArray("success"));
        QCOMPARE(f.keys->all().size(), std::size_t{2});
    }

    void whatNobodyCanUseMakesRoom() {
        Fixture f;
        f.make("first");
        std::vector<ClientKey> full;
        for (std::size_t i = 0; i < kMaxClientKeys; ++i) {
            ClientKey key = *f.keys->all().front();
            key.id = "ck_" + std::string(8, '0') + std::to_string(1000 + i);
            key.name = "k" + std::to_string(i);
            key.createdAt = static_cast<std::int64_t>(i);
            full.push_back(key);
        }
        const KeyFile file(f.root.path().toStdString());
        QVERIFY(file.write(full).has_value());
        f.open();
        QCOMPARE(outcomeOf(await(f.keys->create(wanted("more")))), QByteArray("Misused"));
        for (const char* id : {"ck_000000001007", "ck_000000001003"}) {
            QCOMPARE(outcomeOf(f.keys->revoke(id)), QByteArray("success"));
        }
        f.make("more");
        QVERIFY(f.keys->byId("ck_000000001003") == nullptr && f.keys->byId("ck_000000001007") != nullptr);
        QCOMPARE(f.keys->all().size(), kMaxClientKeys);
    }

    void theProgramsPathIsMadeSafe() {
        Fixture f;
        NewKey key = wanted("ci");
        key.createdBy = "/tmp/\n\xFF" + std::string(5000, 'x');
        const auto issued = await(f.keys->create(std::move(key)));
        QVERIFY(issued.has_value());
        f.open();
        QVERIFY(f.keys->byId(issued->id)->createdBy.starts_with("/tmp/??xxx"));
    }

    // --- counts ------------------------------------------------------------------------------------------------------

    void usesAreCountedAndWrittenAtTheEnd() {
        Fixture f;
        const IssuedKey issued = f.make();
        const auto proof = f.verify(issued.key);
        const QByteArray before = f.file();
        f.clock.now += 10;
        f.keys->noteUse(*proof);
        f.keys->noteUse(*proof);
        f.keys->noteUse({"ck_000000000000", {}});
        QCOMPARE(f.keys->byId(issued.id)->useCount, 2);
        QCOMPARE(f.keys->byId(issued.id)->lastUsedAt, 1'700'000'010);
        QCOMPARE(f.file(), before); // not once for each
        f.open();
        QCOMPARE(f.keys->byId(issued.id)->useCount, 2);
        QCOMPARE(f.keys->byId(issued.id)->lastUsedAt, 1'700'000'010);
    }

    void aChangeTakesTheCountsAlong() {
        Fixture f;
        const IssuedKey issued = f.make();
        f.keys->noteUse(*f.verify(issued.key));
        f.make("other");
        QVERIFY(f.file().contains("\"use_count\": 1"));
    }
};

QTEST_GUILESS_MAIN(TestClientKeys)
#include "tst_client_keys.moc"
