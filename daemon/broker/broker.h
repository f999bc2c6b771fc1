#pragma once
/// \file
/// The composition root: builds every part in order, owns them, and takes them down in reverse.

#include "daemon/platform/measure.h"
#include "daemon/spawner/spawner.h"
#include "ipc/base/paths.h"
#include "ipc/base/result.h"
#include "ipc/base/unique_fd.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::broker {

/// Processes that were forked before everything else.
struct Helpers {
    spawner::Spawner spawner;
    spawner::Forked clients; ///< runs runClients()
};
[[nodiscard]] base::Result<Helpers, std::string> startHelpers();

/// The sentences of those that are not in force.
[[nodiscard]] std::vector<std::string> missing(const std::vector<platform::Measure>& measures);

/// Lives in the main thread, inside a running QCoreApplication. The data folder's lock must be held by the caller for
/// as long as the broker lives.
class Broker {
public:
    /// Builds everything and listens: on `activated` when a service manager handed over a socket, else on paths.socket.
    /// On the way it gives up files, as soon as the configuration has been read and while there is one thread, and at
    /// its end system calls: for the whole process. `measures` are those of before. The error is a sentence for the
    /// person who started the broker.
    [[nodiscard]] static base::Result<std::unique_ptr<Broker>, std::string>
    create(const base::Paths& paths, std::optional<base::UniqueFd> activated, Helpers helpers,
           std::vector<platform::Measure> measures);
    ~Broker();
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    /// What was given up, and what the system did not let go.
    [[nodiscard]] const std::vector<platform::Measure>& measures() const;

    /// Takes no new connection, cancels the logins, lets refreshes that are under way finish (their rotated tokens must
    /// reach the keychain) and sessions with other machines be taken back, then calls `done`. At most kStopDeadline.
    void stop(std::function<void()> done);

private:
    struct Parts;
    explicit Broker(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> d;
};

} // namespace keybearer::broker
