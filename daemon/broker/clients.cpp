#include "daemon/broker/clients.h"

#include <QCoreApplication>
#include <QCoroFuture>
#include <QFuture>
#include <QPromise>

#include <memory>

namespace keybearer::broker {
namespace {

using access::Client;
using access::ClientKind;
using identity::Subject;
using identity::SubjectKind;
using platform::SandboxKind;

void takeFile(Client& client, const identity::IdentifiedFile& file) {
    client.path = file.path;
    client.digest = file.sha256;
    client.isRootOwned = file.isRootOwned;
}

/// Scripts and images are told by themselves, not by what runs them.
void takeKind(Client& client, const Subject& subject) {
    takeFile(client, subject.executable);
    switch (subject.kind) {
    case SubjectKind::Program: client.kind = ClientKind::Program; break;
    case SubjectKind::Interpreter: client.kind = ClientKind::Interpreter; break;
    case SubjectKind::Script:
        client.kind = ClientKind::Script;
        takeFile(client, *subject.script);
        break;
    case SubjectKind::Window: client.kind = ClientKind::Window; break;
    case SubjectKind::TerminalSession:
        client.kind = ClientKind::Terminal;
        client.session = "tty:" + subject.terminal->name + ":" + std::to_string(subject.terminal->session);
        break;
    }
    // What lies at its path is another program now: nothing can be granted to that for this one's sake.
    if (subject.isDeleted) {
        client.kind = ClientKind::Interpreter;
    }
}

void takeSandbox(Client& client, const Subject& subject) {
    switch (subject.sandbox.kind) {
    case SandboxKind::None: return;
    case SandboxKind::AppImage:
        if (subject.image) {
            takeFile(client, *subject.image);
        }
        return;
    case SandboxKind::Flatpak:
    case SandboxKind::Snap:
        client.kind = ClientKind::Sandboxed;
        client.path = subject.sandbox.id;
        client.digest.clear();
        return;
    case SandboxKind::Container: client.kind = ClientKind::Container; return;
    }
}

rpc::ClientFile fileOf(const std::string& path, const std::string& digest) {
    return {path, platform::isRootsAlone(path) ? std::string() : digest};
}

identity::Identifier::Options identifierOptions() {
    const std::string folder = QCoreApplication::applicationDirPath().toStdString();
    return {{folder + "/keybearer", folder + "/keybearer-mcp-bridge"},
            {folder + "/keybearer-tray"},
            platform::loginShells(),
            {}};
}

} // namespace

base::Result<std::vector<access::Grant>, std::string>
grantsOf(const std::vector<providers::ConfiguredGrant>& configured) {
    std::vector<access::Grant> grants;
    for (const providers::ConfiguredGrant& written : configured) {
        if (!access::isCredentialPattern(written.credential)) {
            return base::fail(
                written.place +
                R"(: `credential` is "account:NAME", "key:TENANT/PROVIDER/NAME", one of them with * at its )"
                R"(end, or "*")");
        }
        access::Grant grant;
        grant.id = "g_" + written.place;
        grant.kind = access::clientKindOf(written.kind);
        grant.path = written.path;
        grant.digest = written.sha256;
        grant.credential = written.credential;
        grant.scopes = written.scopes;
        grant.audience = written.audience;
        grant.fields = written.fields;
        grant.perMinute = written.perMinute;
        grant.until = written.until;
        grant.span = written.until == 0 ? access::Span::Always : access::Span::Until;
        grant.createdBy = written.place;
        grants.push_back(std::move(grant));
    }
    return grants;
}

base::Result<access::GrantStore, std::string> openGrants(const std::string& folder,
                                                         const std::vector<providers::ConfiguredGrant>& configured,
                                                         const base::Clock& clock) {
    return grantsOf(configured).and_then([&](std::vector<access::Grant> grants) {
        return access::GrantStore::open(folder, clock, std::move(grants));
    });
}

Client clientOf(const Subject& subject) {
    Client client;
    client.pid = subject.pid;
    client.name = subject.name;
    client.session = std::to_string(subject.pid) + ":" + std::to_string(subject.startTicks);
    client.isWeak = subject.isWeak;
    client.isFrontEnd = !subject.frontEnd.empty();
    takeKind(client, subject);
    takeSandbox(client, subject);
    for (const identity::Ancestor& ancestor : subject.ancestors) {
        client.ancestors.push_back({ancestor.pid, ancestor.name});
    }
    return client;
}

Client clientOf(const identity::Refusal& refusal, std::int32_t pid) {
    Client client;
    client.pid = pid;
    client.problem = refusal.sentence;
    client.isFrontEnd = !refusal.frontEnd.empty();
    client.isOtherFrontEnd = refusal.reason == identity::Reason::FrontEndChanged;
    return client;
}

Clients::Clients(const base::Clock& clock) : m_identifier(identifierOptions(), clock), m_hashes({}, clock) {}

Clients::~Clients() {
    m_hashes.end();
    m_threads.waitForDone();
}

QCoro::Task<Client> Clients::identify(int socket, std::chrono::milliseconds connectedAt) {
    auto process = platform::peerProcess(socket, connectedAt);
    if (!process) {
        co_return clientOf(identity::Refusal::of(process.error()), 0);
    }
    const std::int32_t pid = process->pid();
    if (const auto subject = m_identifier.cached(*process)) {
        co_return clientOf(*subject);
    }
    auto outcome = co_await m_identifier.identify(std::move(*process));
    if (!outcome) {
        co_return clientOf(outcome.error(), pid);
    }
    co_return clientOf(*outcome);
}

QCoro::Task<base::Result<rpc::ClientFile, std::string>> Clients::describe(ClientKind kind, std::string path) {
    using Outcome = base::Result<rpc::ClientFile, std::string>;
    if (kind == ClientKind::Sandboxed) {
        co_return rpc::ClientFile{std::move(path), {}};
    }
    if (kind != ClientKind::Program && kind != ClientKind::Script && kind != ClientKind::Terminal) {
        co_return base::fail(std::string(R"(`kind` is "program", "script", "terminal" or "sandboxed")"));
    }
    auto located = platform::locateFile(path);
    if (!located) {
        co_return base::fail(std::string("there is no such file, or it cannot be looked at"));
    }
    // Shared, because what a thread pool takes must be copyable.
    const auto file = std::make_shared<const platform::LocatedFile>(std::move(*located));
    const auto promise = std::make_shared<QPromise<identity::FileHashes::Outcome>>();
    const QFuture<identity::FileHashes::Outcome> future = promise->future();
    promise->start();
    m_threads.start([this, file, promise] {
        promise->addResult(m_hashes.hash(*file));
        promise->finish();
    });
    const auto hashed = co_await future;
    if (!hashed) {
        co_return base::fail(hashed.error().sentence);
    }
    Outcome described = fileOf(file->path, *hashed);
    co_return std::move(described);
}

} // namespace keybearer::broker
