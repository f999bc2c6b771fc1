/// \file
/// ipc/vectors against the C++ client: each case with a broker that says what the case says.

#include "ipc/base/unique_fd.h"
#include "ipc/client/credentials.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <thread>

using namespace keybearer;
using nlohmann::json;

namespace {

json vectors() {
    QFile file(QStringLiteral(KEYBEARER_VECTORS));
    return file.open(QIODevice::ReadOnly) ? json::parse(file.readAll().toStdString()) : json::array();
}

/// A socket in a private folder, and a thread that answers one connection as the case says.
class FakeBroker {
public:
    explicit FakeBroker(const json& exchange) : m_exchange(exchange) {
        paths.runtimeDir = m_folder.path().toStdString();
        paths.socket = paths.runtimeDir + "/s";
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, paths.socket.c_str(), sizeof address.sun_path - 1);
        m_listener.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (::bind(m_listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(m_listener.get(), 1) != 0) {
            qFatal("the fake broker cannot listen");
        }
        m_thread = std::thread([this] { serve(); });
    }
    FakeBroker(const FakeBroker&) = delete;
    FakeBroker& operator=(const FakeBroker&) = delete;
    ~FakeBroker() {
        ::shutdown(m_listener.get(), SHUT_RDWR);
        m_thread.join();
    }

    base::Paths paths;
    std::string problem; ///< read after the destructor's join, or when the client is done

private:
    void serve() {
        const base::UniqueFd client(::accept(m_listener.get(), nullptr, nullptr));
        std::string buffer;
        for (const json& step : m_exchange) {
            const auto line = readLine(client.get(), buffer);
            if (line.empty()) {
                problem = "the client ended before " + step["method"].get<std::string>();
                return;
            }
            const json request = json::parse(line);
            if (request["method"] != step["method"] || request["params"] != step["params"]) {
                problem = "asked for " + request.dump();
                return;
            }
            for (const json& answer : step["answer"]) {
                if (answer.is_null()) {
                    return;
                }
                std::string text = answer.get<std::string>() + "\n";
                const auto mark = text.find("$ID");
                if (mark != std::string::npos) {
                    text.replace(mark, 3, request["id"].dump());
                }
                if (::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) {
                    return;
                }
            }
        }
    }

    static std::string readLine(int fd, std::string& buffer) {
        char chunk[65536];
        while (buffer.find('\n') == std::string::npos) {
            const ssize_t got = ::recv(fd, chunk, sizeof chunk, 0);
            if (got <= 0) {
                return {};
            }
            buffer.append(chunk, static_cast<std::size_t>(got));
        }
        std::string line = buffer.substr(0, buffer.find('\n'));
        buffer.erase(0, line.size() + 1);
        return line;
    }

    QTemporaryDir m_folder{QStringLiteral("/tmp/kbXXXXXX")};
    json m_exchange;
    base::UniqueFd m_listener;
    std::thread m_thread;
};

client::OwnFields ownFields(const json& values) {
    client::OwnFields own;
    for (const auto& [field, value] : values.items()) {
        own.emplace(field, base::Secret(value.get<std::string>()));
    }
    return own;
}

client::CredentialRequest requestOf(const json& arguments) {
    client::CredentialRequest request;
    request.provider = arguments.value("provider", "");
    request.name = arguments.value("name", "");
    request.tenant = arguments.value("tenant", "");
    request.only = arguments.value("only", std::vector<std::string>());
    request.fields = arguments.value("fields", std::vector<std::string>());
    request.next = arguments.value("next", false);
    request.call = ownFields(arguments.value("call", json::object()));
    request.instance = ownFields(arguments.value("instance", json::object()));
    return request;
}

/// What the other clients give back of a resolution.
json shown(const client::Credential& credential) {
    json result{{"provider", credential.provider}, {"warnings", credential.warnings}};
    for (const client::CredentialField& field : credential.fields) {
        result["values"][field.field] = std::string(field.value.reveal());
        result["sources"][field.field] = field.source;
    }
    return result;
}

bool holds(const json& found, const json& wanted) {
    if (!wanted.is_object()) {
        return found == wanted;
    }
    return std::ranges::all_of(wanted.items(), [&](const auto& member) {
        return found.contains(member.key()) && holds(found[member.key()], member.value());
    });
}

} // namespace

class TestVectors : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cases_data() {
        QTest::addColumn<int>("index");
        const json all = vectors();
        for (std::size_t i = 0; i < all.size(); ++i) {
            QTest::newRow(all[i]["name"].get<std::string>().c_str()) << static_cast<int>(i);
        }
        QVERIFY(all.size() > 20);
    }
    void cases() {
        QFETCH(const int, index);
        const json one = vectors()[static_cast<std::size_t>(index)];
        const QTemporaryDir folder;
        prepareFiles(one, folder);
        client::Result<json> result;
        std::string problem;
        {
            FakeBroker broker(one["exchange"]);
            const base::Environment environment = environmentOf(one, folder);
            auto connected = client::Client::connect(broker.paths, environment);
            result = connected ? perform(*connected, one, environment)
                               : client::Result<json>(base::fail(std::move(connected.error())));
            problem = broker.problem;
        }
        QVERIFY2(problem.empty(), problem.c_str());
        if (one.contains("error")) {
            QVERIFY(!result);
            QCOMPARE(result.error().kind, one["error"]["kind"].get<std::string>());
            checkMessage(result.error().message, one["error"]);
        } else {
            QVERIFY2(result.has_value(), result ? "" : result.error().message.c_str());
            QVERIFY2(holds(*result, one["result"]), result->dump().c_str());
        }
    }

private:
    static void prepareFiles(const json& one, const QTemporaryDir& folder) {
        const json open = one.value("open", json::array());
        const json files = one.value("files", json::object()); // named: items() only refers to it
        for (const auto& [name, content] : files.items()) {
            QFile file(folder.filePath(QString::fromStdString(name)));
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(QByteArray::fromStdString(content.get<std::string>()));
            file.close();
            const bool isOpen = std::ranges::find(open, json(name)) != open.end();
            ::chmod(file.fileName().toLocal8Bit().constData(), isOpen ? 0644 : 0600);
        }
    }

    static void checkMessage(const std::string& message, const json& wanted) {
        const json has = wanted.value("has", json::array());
        const json lacks = wanted.value("lacks", json::array());
        for (const json& text : has) {
            QVERIFY2(message.find(text.get<std::string>()) != std::string::npos, message.c_str());
        }
        for (const json& text : lacks) {
            QVERIFY2(message.find(text.get<std::string>()) == std::string::npos, message.c_str());
        }
    }

    static client::Result<json> lease(client::Client broker, const json& arguments,
                                      const base::Environment& environment) {
        auto held = client::CredentialLease::open(std::move(broker), requestOf(arguments), environment);
        if (!held) {
            return base::fail(held.error());
        }
        const auto event = held->wait(std::chrono::seconds(arguments["wait"].get<int>()));
        if (!event) {
            return base::fail(event.error());
        }
        json result = shown(held->credential());
        result["event"] = *event == client::CredentialEvent::Renewed   ? "renewed"
                          : *event == client::CredentialEvent::Removed ? "removed"
                                                                       : "none";
        return result;
    }

    /// This client has a function for resolving; the others' functions are single calls of it.
    static base::Environment environmentOf(const json& one, const QTemporaryDir& folder) {
        const json variables = one.value("environment", json::object());
        return [variables, path = folder.path().toStdString()](const std::string& name) -> std::optional<std::string> {
            std::string value = variables.value(name, "");
            if (const auto mark = value.find("$DIR"); mark != std::string::npos) {
                value.replace(mark, 4, path);
            }
            return value.empty() ? std::nullopt : std::optional(value);
        };
    }

    static client::Result<json> perform(client::Client& broker, const json& one, const base::Environment& environment) {
        if (one["does"] == "auth_resolve") {
            return client::resolveCredential(broker, requestOf(one["arguments"]), environment).map(shown);
        }
        if (one["does"] == "lease") {
            return lease(std::move(broker), one["arguments"], environment);
        }
        client::Result<json> last;
        for (const json& step : one["exchange"]) {
            if (step["method"] == "system.authenticate") {
                continue; // connecting has done that
            }
            last = broker.call(step["method"].get<std::string>(), step["params"]);
            if (!last) {
                return last;
            }
        }
        // One row is what is asked for there.
        return one["does"] == "auth_status" ? client::Result<json>((*last)["providers"][0]) : last;
    }
};

QTEST_APPLESS_MAIN(TestVectors)
#include "tst_vectors.moc"
