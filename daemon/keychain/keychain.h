#pragma once
/// \file
/// The one door to the place where long-lived secrets rest.

#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <QCoroTask>

#include <chrono>
#include <string>

namespace keybearer::keychain {

/// Why a keychain call failed. The kinds are kept apart because what to do differs: a locked keychain that is taken for
/// an empty one makes a program write new keys over a person's old ones.
enum class ErrorKind {
    NotFound,    ///< the keychain answered, is unlocked, and holds no such item
    Locked,      ///< it needs its passphrase first
    Unavailable, ///< no service, no bus, or it went away in the middle of the call
    Denied,      ///< the person or the service refused
    Timeout,     ///< no answer within the deadline; the outcome of a write is unknown
    Unset,       ///< no keychain was chosen yet, and there is none that could be taken without asking the person
    Misused,     ///< what was asked makes no sense: no such keychain, in use already, an empty passphrase
    Failed,      ///< anything else: disk full, damaged file, protocol error
};

struct Error {
    ErrorKind kind;
    std::string detail; ///< safe to log and to show; never holds item contents
};

template<class T>
using Result = base::Result<T, Error>;

enum class State { Ready, Locked, Unavailable };

/// A state with the sentence that explains it; the sentence is empty where there is nothing to explain.
struct StateReport {
    State state;
    std::string detail;
};

/// How long a call may take, whatever the service behind it does.
inline constexpr std::chrono::milliseconds kCallDeadline{10'000};

/// Stores named secrets. Implementations live in the broker's main thread and are owned by the broker.
///
/// Every call ends within the implementation's deadline (see kCallDeadline), whatever the service behind it does.
/// Calls may overlap; each is complete in itself.
class Keychain {
public:
    Keychain() = default;
    Keychain(const Keychain&) = delete;
    Keychain& operator=(const Keychain&) = delete;
    virtual ~Keychain() = default;

    /// "secret-service", "file-sealed" or "file-plain"; ManagedKeychain also says "unset" and "unknown".
    [[nodiscard]] virtual std::string kind() const = 0;
    /// Asks the service now; never from a cache.
    [[nodiscard]] virtual QCoro::Task<State> state() = 0;
    /// state() with its reason, for status and doctor.
    [[nodiscard]] virtual QCoro::Task<StateReport> report();
    [[nodiscard]] virtual QCoro::Task<Result<base::Secret>> read(std::string key) = 0;
    /// Durable when it returns success. Replaces what was there.
    [[nodiscard]] virtual QCoro::Task<Result<void>> write(std::string key, base::Secret value) = 0;
    /// Success also when there was no such item.
    [[nodiscard]] virtual QCoro::Task<Result<void>> remove(std::string key) = 0;
    /// Locks a service that other programs use as well; success where there is none.
    [[nodiscard]] virtual QCoro::Task<Result<void>> lockService();
};

} // namespace keybearer::keychain
