#include "daemon/broker/broker.h"

#include "daemon/broker/clients_process.h"
#include "daemon/broker/confinement.h"
#include "daemon/broker/hand_over.h"
#include "daemon/broker/log.h"
#include "daemon/broker/opened.h"
#include "daemon/broker/system_proxies.h"
#include "daemon/desktop/lock_signals.h"
#include "daemon/desktop/screen_lock.h"
#include "daemon/platform/landlock.h"
#include "daemon/platform/system_calls.h"
#include "daemon/rpc/dispatcher.h"
#include "daemon/rpc/lock_down.h"
#include "ipc/base/secure_dir.h"
#include "ipc/server/server.h"

#include <QCoreApplication>
#include <QTimer>

#include <unistd.h>

namespace keybearer::broker {
namespace {

constexpr int kStopPollMs = 10;
/// A refresh ends within its own deadlines; this is for the case that something else hangs.
constexpr int kStopDeadlineMs = 30'000;

oauth::Metadata metadataOf(const providers::Profile& profile) {
    oauth::Metadata metadata;
    metadata.issuer = profile.issuer;
    metadata.authorizationEndpoint = profile.endpoints->authorization;
    metadata.tokenEndpoint = profile.endpoints->tokenUrl;
    metadata.deviceAuthorizationEndpoint = profile.endpoints->deviceAuthorization;
    metadata.revocationEndpoint = profile.endpoints->revocation;
    metadata.userinfoEndpoint = profile.endpoints->userinfo;
    return metadata;
}

/// The broker, and the front ends that it knows by their files.
platform::FileWatch ownPrograms() {
    const std::string folder = QCoreApplication::applicationDirPath().toStdString();
    return platform::FileWatch({QCoreApplication::applicationFilePath().toStdString(), folder + "/keybearer",
                                folder + "/keybearer-tray", folder + "/keybearer-mcp-bridge"});
}

/// The second socket, where config.toml names one.
base::Result<std::optional<server::ListeningSocket>, std::string> keyFirstSocket(const providers::Config& config) {
    if (config.listenerPath.empty()) {
        return std::nullopt;
    }
    auto socket = server::ListeningSocket::bind(
        config.listenerPath, config.listenerAnyUser ? server::Reachable::ByAnyUser : server::Reachable::ByOwner);
    if (!socket) {
        return base::fail("[listener] of config.toml: " + socket.error());
    }
    return std::optional(std::move(*socket));
}

base::Result<server::ListeningSocket, std::string> listeningSocket(const base::Paths& paths,
                                                                   std::optional<base::UniqueFd> activated) {
    if (activated) {
        return server::ListeningSocket::adopt(std::move(*activated));
    }
    return server::ListeningSocket::bind(paths.socket);
}

/// What the helper may do is settled, and this process keeps its own files only.
base::Result<platform::Measure, std::string> confineFiles(const base::Paths& paths, bool makesSocket,
                                                          const Configuration& known, spawner::Spawner& spawner) {
    if (auto told = spawner.allow(allowedBy(known.config, known.catalogue)); !told) {
        return base::fail(told.error());
    }
    // A folder that appears later would be closed.
    if (const auto made = makesSocket ? base::makePrivateDir(paths.runtimeDir) : base::Result<void, std::string>();
        !made) {
        return base::fail(made.error());
    }
    platform::FileAccess access = accessOf(paths);
    if (const std::string& second = known.config.listenerPath; !second.empty()) {
        access.writable.push_back(second.substr(0, second.rfind('/') + 1)); // its socket goes with the broker
    }
    return platform::restrictFiles(access);
}

} // namespace

base::Result<Helpers, std::string> startHelpers() {
    auto spawner = spawner::Spawner::start({writeSystemProxies, commandOfAwsProfile});
    auto clients = spawner::forkHelper("keybearer-ids", runClients);
    if (!spawner || !clients) {
        return base::fail(spawner ? clients.error() : spawner.error());
    }
    return Helpers{std::move(*spawner), std::move(*clients)};
}

std::vector<std::string> missing(const std::vector<platform::Measure>& measures) {
    std::vector<std::string> messages;
    for (const platform::Measure& measure : measures) {
        if (!measure.inForce) {
            messages.push_back(measure.message);
        }
    }
    return messages;
}

namespace {

/// What the person should know about this broker.
std::vector<std::string> warningsOf(const std::vector<platform::Measure>& measures,
                                    const providers::Catalogue& catalogue, const accounts::RefreshJournal& journal) {
    std::vector<std::string> warnings = missing(measures);
    warnings.insert(warnings.end(), catalogue.problems().begin(), catalogue.problems().end());
    if (!journal.problem().empty()) {
        warnings.push_back(journal.problem());
    }
    return warnings;
}

} // namespace

/// In the order in which they are built; destroyed from the bottom up.
struct Broker::Parts {
    base::Paths paths;
    providers::Config config;
    providers::Catalogue catalogue;
    resolution::Locations locations;
    audit::AuditLog audit;
    accounts::AccountStore store;
    accounts::BindingStore bindings;
    accounts::RefreshJournal journal;
    base::SystemClock& clock;
    spawner::Spawner spawner;
    keychain::ManagedKeychain keychain;
    audit::SealKeeper seal;
    vault::Vault vault;
    clientkeys::ClientKeys clientKeys;
    rpc::ConnectionKeys connectionKeys;
    oauth::HttpClient http;
    accounts::ServerDirectory servers;
    accounts::TokenClient tokens;
    accounts::Registrations registrations;
    accounts::ResourceDirectory resources;
    accounts::TokenAuthority authority;
    accounts::LoginRegistry logins;
    locations::CommandRunner commands;
    rpc::Changes changes;
    rpc::PolicySetting policy;
    rpc::Settings settings;
    rpc::Lock lock;
    access::GrantStore grants;
    rpc::Approvals approvals;
    access::Observations observations;
    rpc::Forwards forwards;
    RemoteClients clients;
    rpc::Services services;
    rpc::Dispatcher dispatcher;
    server::Server server;
    desktop::LockSignals lockSignals;
    HandOver handOver;
    QTimer stopTimer;
    std::string endReason = "the broker ends";

    Parts(const base::Paths& where, Configuration configuration, OpenedFiles files, base::SystemClock& time,
          Helpers helpers, server::ListeningSocket socket, std::vector<platform::Measure> measures,
          platform::FileWatch programs, std::string socketPath)
        : paths(where),
          config(std::move(configuration.config)),
          catalogue(std::move(configuration.catalogue)),
          locations(std::move(configuration.locations)),
          audit(std::move(files.audit)),
          store(std::move(files.accounts)),
          bindings(std::move(files.bindings)),
          journal(std::move(files.journal)),
          clock(time),
          spawner(std::move(helpers.spawner)),
          keychain(paths.data),
          seal(audit, keychain, clock, paths.state),
          vault(paths.data + "/vault", keychain, clock),
          clientKeys(clientkeys::KeyFile(paths.data), std::move(files.clientKeys), keychain, clock),
          connectionKeys(clientKeys),
          http(spawner.opener(), proxyFinder(spawner)),
          servers(http, clock),
          tokens(http, clock),
          registrations(keychain, http, clock),
          resources(http),
          authority({store, journal, keychain, servers, tokens, registrations, catalogue, clock}),
          logins({authority, servers, tokens, http, registrations, resources, catalogue, clock}, catalogue, keychain,
                 desktop::isScreenLocked),
          commands(config.commandTimeout, spawner),
          policy(std::move(files.policy)),
          settings(std::move(files.settings)),
          lock(rpc::Lock::open(paths.data)),
          grants(std::move(files.grants)),
          approvals(clock, grants),
          observations(paths.data, clock),
          forwards({paths.runtimeDir, clock, clientKeys, connectionKeys, authority, audit, changes}),
          clients(std::move(helpers.clients)),
          services{
              paths,
              clock,
              config,
              catalogue,
              locations,
              commands,
              spawner,
              spawner.opener(),
              keychain,
              http,
              servers,
              authority,
              logins,
              bindings,
              vault,
              audit,
              seal,
              clientKeys,
              connectionKeys,
              forwards,
              changes,
              policy,
              settings,
              lock,
              grants,
              approvals,
              observations,
              clock.utcSeconds(),
              warningsOf(measures, catalogue, journal),
              std::move(measures),
              [this](access::ClientKind kind, std::string path) { return clients.describe(kind, std::move(path)); },
              {},
              {},
              [this] { followSettings(); },
              [this] { return handOver.isReplaced(); },
              {}},
          dispatcher(
              services,
              [this](int peer, std::chrono::milliseconds connectedAt) { return clients.identify(peer, connectedAt); }),
          server(std::move(socket), dispatcher),
          lockSignals({[this] { return rpc::lockDownRecorded(services, rpc::LockedBy::Screen); },
                       [this] { return rpc::lockDownRecorded(services, rpc::LockedBy::Suspend); }}),
          handOver(
              std::move(programs), platform::FileWatch({std::move(socketPath)}),
              {[this] { return underWay(); }, [this](Cause cause) { mustEnd(cause); }, [this] { services.stop(); }}) {
        dispatcher.attach(server);
        forwards.attach(server);
        authority.onChange([this] { changes.tellSoon(); });
        logins.onSignInsChange([this] { changes.tellSoon(); });
        if (lock.isLocked()) { // before this broker was started
            authority.lock();
            vault.lock();
        }
        followSettings();
    }

    void followSettings() {
        lockSignals.listen(settings.isOn(rpc::Setting::LockWithScreen), settings.isOn(rpc::Setting::LockOnSuspend));
    }

    /// Sessions with other machines are not among it: they last for hours, in which the new command line would find a
    /// broker that does not know it.
    [[nodiscard]] UnderWay underWay() {
        if (logins.isBusy()) {
            return UnderWay::SignIn;
        }
        return authority.isBusy() || commands.isBusy() || approvals.isWaitedFor() ? UnderWay::Brief : UnderWay::Nothing;
    }

    void mustEnd(Cause cause) {
        const std::string what = cause == Cause::Replaced ? "Keybearer was upgraded or removed"
                                                          : "the broker's socket was removed or replaced";
        services.warnings.push_back(what +
                                    "; this broker ends as soon as nothing is under way, and its socket's unit, or "
                                    "the next keybearer command, starts another");
        logLine(services.warnings.back());
        endReason = what;
        changes.tellSoon();
    }

    void listenForKeys(std::optional<server::ListeningSocket> socket) {
        if (!socket) {
            return;
        }
        const auto listener = server.listen(std::move(*socket));
        if (!listener) {
            services.warnings.push_back(config.listenerPath + " cannot be watched, so nobody is served there");
            return;
        }
        dispatcher.wantKeys(*listener, config.listenerAnyUser);
        if (config.listenerAnyUser) {
            services.warnings.push_back("programs of any user that can reach " + config.listenerPath +
                                        " may come to it, and whoever has a client key is served");
        }
    }
};

Broker::Broker(std::unique_ptr<Parts> parts) : d(std::move(parts)) {
    for (const providers::Profile& profile : d->catalogue.all()) {
        if (profile.endpoints) {
            d->servers.know(metadataOf(profile));
        }
    }
    d->services.isOpen = [this](std::uint64_t connection) { return d->dispatcher.isOpen(connection); };
    d->services.endConnection = [this](std::uint64_t connection) { d->server.end(connection); };
    d->services.stop = [this] {
        // After this turn of the loop, so that the answer to system.stop is on its way.
        QTimer::singleShot(0, [this] { stop([] { QCoreApplication::quit(); }); });
    };
}

Broker::~Broker() = default;

base::Result<std::unique_ptr<Broker>, std::string> Broker::create(const base::Paths& paths,
                                                                  std::optional<base::UniqueFd> activated,
                                                                  Helpers helpers,
                                                                  std::vector<platform::Measure> measures) {
    static base::SystemClock clock; // the audit log keeps a reference to it
    auto known = readConfiguration(paths);
    if (!known) {
        return base::fail(known.error());
    }
    platform::FileWatch programs = ownPrograms();
    auto keySocket = keyFirstSocket(known->config); // it may have to make the socket's folder
    if (!keySocket) {
        return base::fail(keySocket.error());
    }
    auto confined = confineFiles(paths, !activated, *known, helpers.spawner);
    if (!confined) {
        return base::fail(confined.error());
    }
    measures.push_back(std::move(*confined));
    auto files = openFiles(paths, known->config, clock);
    if (!files) {
        return base::fail(files.error());
    }
    auto socket = listeningSocket(paths, std::move(activated));
    if (!socket) {
        return base::fail(socket.error());
    }
    std::string socketPath = socket->path();
    auto broker = std::unique_ptr<Broker>(new Broker(
        std::make_unique<Parts>(paths, std::move(*known), std::move(*files), clock, std::move(helpers),
                                std::move(*socket), std::move(measures), std::move(programs), std::move(socketPath))));
    broker->d->listenForKeys(std::move(*keySocket));
    // Last: what opens and starts has been opened and started.
    rpc::Services& services = broker->d->services;
    services.measures.push_back(platform::restrictSystemCalls());
    if (!services.measures.back().inForce) {
        services.warnings.push_back(services.measures.back().message);
    }
    return broker;
}

const std::vector<platform::Measure>& Broker::measures() const {
    return d->services.measures;
}

void Broker::stop(std::function<void()> done) {
    if (d->stopTimer.isActive()) {
        return;
    }
    d->handOver.cancel();
    d->server.stopListening();
    [[maybe_unused]] const auto counted = d->grants.flush(); // how often they were used: nobody is refused for it
    [[maybe_unused]] const auto seen = d->observations.flush();
    d->logins.cancelAll();
    d->forwards.endAll(d->endReason);
    const auto deadline = d->clock.steady() + std::chrono::milliseconds(kStopDeadlineMs);
    QObject::connect(&d->stopTimer, &QTimer::timeout, [this, deadline, done = std::move(done)] {
        if ((!d->authority.isBusy() && !d->forwards.isEnding()) || d->clock.steady() >= deadline) {
            d->stopTimer.stop();
            done();
        }
    });
    d->stopTimer.start(kStopPollMs);
}

} // namespace keybearer::broker
