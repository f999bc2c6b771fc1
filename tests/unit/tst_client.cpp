#include "ipc/client/client.h"
#include "ipc/server/server.h"

#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>

using namespace keybearer;

/// The blocking client against the real server; the server runs in the test's thread, the client in another.
class tst_Client : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void callsAndGetsTheResult();
    void errorCarriesKindDataAndExitCode();
    void notificationsAreSkipped();
    void brokenAnswersAreSaid_data();
    void brokenAnswersAreSaid();
    void parametersThatAreNotUtf8AreNotThrownOver();
    void timesOut();
    void lostConnectionIsSaid();
    void noBroker_data();
    void noBroker();
    void unsafeFolderIsRefused();
};

namespace {

class Handler final : public server::Handler {
public:
    server::Server* server = nullptr;
    std::string lastMethod;
    bool drop = false;
    std::string raw; ///< sent as the answer to "raw"

    bool opened(server::ConnectionId, int, server::ListenerId) override { return !drop; }
    void closed(server::ConnectionId) override {}
    void request(server::ConnectionId id, protocol::Request request) override {
        lastMethod = request.method;
        if (request.method == "ok") {
            server->answer(id, R"({"jsonrpc":"2.0","method":"event","params":{}})"
                               "\n" +
                                   protocol::encodeResult(request.id, request.params));
        } else if (request.method == "raw") {
            server->answer(id, raw + "\n");
        } else if (request.method == "fail") {
            server->answer(id, protocol::encodeError(
                                   request.id, {protocol::ErrorKind::KeychainLocked, "it is locked", {{"extra", 1}}}));
        }
    }
};

struct Fixture {
    QTemporaryDir folder{QStringLiteral("/tmp/kbXXXXXX")};
    base::Paths paths;
    Handler handler;
    std::unique_ptr<server::Server> server;

    Fixture() {
        paths.runtimeDir = folder.filePath(QStringLiteral("run")).toStdString();
        paths.socket = paths.runtimeDir + "/s";
        server = std::make_unique<server::Server>(std::move(*server::ListeningSocket::bind(paths.socket)), handler);
        handler.server = server.get();
    }

    client::Result<nlohmann::json> call(const char* method,
                                        std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
        client::Result<nlohmann::json> result;
        std::atomic<bool> done = false;
        std::thread caller([&] {
            auto client = client::Client::connect(paths);
            if (client) {
                result = client->call(method, {{"x", 1}}, timeout);
            } else {
                result = base::fail(client.error());
            }
            done = true;
        });
        const bool finished = QTest::qWaitFor([&] { return done.load(); }, 15'000);
        caller.join();
        Q_ASSERT(finished);
        return result;
    }
};

} // namespace

void tst_Client::callsAndGetsTheResult() {
    Fixture f;
    const auto result = f.call("ok");
    QVERIFY(result);
    QVERIFY(*result == nlohmann::json({{"x", 1}}));
}

void tst_Client::notificationsAreSkipped() {
    Fixture f; // the handler sends one before the answer
    QVERIFY(f.call("ok"));
}

void tst_Client::errorCarriesKindDataAndExitCode() {
    Fixture f;
    const auto result = f.call("fail");
    QVERIFY(!result);
    QCOMPARE(result.error().kind, std::string("keychain_locked"));
    QCOMPARE(result.error().message, std::string("it is locked"));
    QCOMPARE(result.error().exitCode, 6); // PROTOCOL.md, "Errors"
    QVERIFY(result.error().data["extra"] == 1);
}

void tst_Client::brokenAnswersAreSaid_data() {
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QString>("kind");
    QTest::newRow("not JSON") << QByteArray("hello") << "connection_lost";
    QTest::newRow("not an object") << QByteArray("[1]") << "connection_lost";
    QTest::newRow("kind is a number") << QByteArray(R"({"id":1,"error":{"code":1,"message":"m","data":{"kind":7}}})")
                                      << "internal";
    QTest::newRow("message is an object")
        << QByteArray(R"({"id":1,"error":{"message":{},"data":{"kind":"denied"}}})") << "denied";
    QTest::newRow("no data") << QByteArray(R"({"id":1,"error":{}})") << "internal";
}

void tst_Client::brokenAnswersAreSaid() {
    QFETCH(QByteArray, answer);
    QFETCH(QString, kind);
    Fixture f;
    f.handler.raw = answer.toStdString();
    const auto result = f.call("raw");
    QVERIFY(!result);
    QCOMPARE(QString::fromStdString(result.error().kind), kind);
    QVERIFY(!result.error().message.empty());
}

void tst_Client::parametersThatAreNotUtf8AreNotThrownOver() {
    Fixture f;
    QVERIFY(f.call("ok\xFF", std::chrono::milliseconds(50)).error().kind == "timeout"); // arrived, and nobody knows it
}

void tst_Client::timesOut() {
    Fixture f;
    const auto result = f.call("silence", std::chrono::milliseconds(50));
    QVERIFY(!result);
    QCOMPARE(result.error().kind, std::string("timeout"));
}

void tst_Client::lostConnectionIsSaid() {
    Fixture f;
    f.handler.drop = true;
    const auto result = f.call("ok");
    QVERIFY(!result);
    QCOMPARE(result.error().kind, std::string("connection_lost"));
}

void tst_Client::noBroker_data() {
    QTest::addColumn<QString>("what");
    for (const char* what : {"no folder", "no socket", "stale socket"}) {
        QTest::newRow(what) << QString::fromLatin1(what);
    }
}

void tst_Client::noBroker() {
    QFETCH(QString, what);
    Fixture f;
    const std::string keep = f.paths.socket + ".old";
    if (what == QStringLiteral("stale socket")) {
        QCOMPARE(::link(f.paths.socket.c_str(), keep.c_str()), 0);
    }
    f.server.reset();
    if (what == QStringLiteral("stale socket")) {
        QCOMPARE(::rename(keep.c_str(), f.paths.socket.c_str()), 0);
    } else if (what == QStringLiteral("no folder")) {
        QCOMPARE(::rmdir(f.paths.runtimeDir.c_str()), 0);
    }
    const auto client = client::Client::connect(f.paths);
    QVERIFY(!client);
    QCOMPARE(client.error().kind, std::string("no_broker"));
    QCOMPARE(client.error().exitCode, 8);
}

void tst_Client::unsafeFolderIsRefused() {
    Fixture f;
    QCOMPARE(::chmod(f.paths.runtimeDir.c_str(), 0755), 0);
    const auto client = client::Client::connect(f.paths);
    QVERIFY(!client);
    QCOMPARE(client.error().kind, std::string("unsafe"));
}

QTEST_GUILESS_MAIN(tst_Client)
#include "tst_client.moc"
