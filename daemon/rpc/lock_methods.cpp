#include "daemon/rpc/handlers.h"
#include "daemon/rpc/lock_down.h"

#include <unistd.h>

namespace keybearer::rpc {

using nlohmann::json;
using protocol::ErrorKind;

QCoro::Task<base::Result<void, std::string>> lockDown(Services& services, LockedBy by) {
    auto kept = services.lock.engage({by, services.clock.utcSeconds()});
    services.authority.lock();
    services.vault.lock();
    services.clientKeys.lock();
    services.keychain.lock();
    services.logins.cancelAll();
    services.approvals.refuseAll();
    services.changes.tellSoon();
    if (services.settings.isOn(Setting::LockKeyring)) {
        if (auto locked = co_await services.keychain.lockService(); !locked) {
            co_return base::fail("the keyring was not locked: " + locked.error().detail);
        }
    }
    co_return kept;
}

QCoro::Task<> lockDownRecorded(Services& services, LockedBy by) {
    if (services.lock.isLocked()) {
        co_return;
    }
    audit::Record line;
    line.event = "system.lock";
    line.verdict = "allow";
    line.reason = by == LockedBy::Screen ? "the screen was locked" : "the machine goes to sleep";
    line.method = "system.lock";
    line.uid = static_cast<std::uint32_t>(::geteuid());
    line.pid = ::getpid();
    // Locked whether or not this can be written: a full disk must not keep it open.
    if (const auto written = services.audit.append(line); !written) {
        qWarning("the lock is not in the audit record: %s", written.error().c_str());
    }
    if (const auto locked = co_await lockDown(services, by); !locked) {
        qWarning("%s", locked.error().c_str());
    }
}

QCoro::Task<Reply> systemLock(Services& services, Call) {
    auto locked = co_await lockDown(services, LockedBy::Command);
    if (!locked) {
        co_return base::fail(protocol::Error{ErrorKind::StorageError,
                                             "the broker is locked, but not all of it was done: " + locked.error()});
    }
    co_return json{{"since", services.lock.state()->since}};
}

QCoro::Task<Reply> systemUnlock(Services& services, Call call) {
    auto given = call.params.takeSecret("passphrase");
    if (!given && services.keychain.backend() == keychain::Selection::FileSealed) {
        co_return base::fail(protocol::Error{ErrorKind::InvalidValue, "the keychain file needs its `passphrase`"});
    }
    const unsigned changes = services.lock.changes();
    base::Passphrase passphrase;
    if (given) {
        passphrase.value = std::move(*given);
    }
    auto unlocked = co_await services.keychain.unlock(std::move(passphrase), services.seal.item());
    if (!unlocked) {
        co_return base::fail(accounts::fromKeychain(unlocked.error()));
    }
    if (services.lock.changes() != changes) {
        services.keychain.lock();
        co_return base::fail(accounts::brokerLocked()); // locked again meanwhile
    }
    if (services.lock.isLocked()) {
        if (auto opened = services.lock.release(); !opened) {
            services.keychain.lock();
            co_return base::fail(protocol::Error{ErrorKind::StorageError, std::move(opened.error())});
        }
        services.authority.unlock();
        services.vault.unlock();
    }
    services.seal.retry();
    services.changes.tellSoon();
    const keychain::Status now = co_await services.keychain.status();
    co_return json{{"state", now.state}};
}

} // namespace keybearer::rpc
