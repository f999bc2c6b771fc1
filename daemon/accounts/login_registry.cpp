#include "daemon/accounts/login_registry.h"

#include "ipc/base/text.h"

#include <QTimer>

#include <algorithm>

namespace keybearer::accounts {
namespace {

using protocol::ErrorKind;

/// What "keybearer login" takes.
std::string providerOf(const LoginPlan& plan) {
    return !plan.target.empty() ? plan.target : plan.profile.id.empty() ? plan.profile.issuer : plan.profile.id;
}

} // namespace

LoginRegistry::Entry* LoginRegistry::findSame(const LoginPlan& plan) {
    const auto found = std::ranges::find_if(m_logins, [&](const auto& row) {
        const Login& login = *row.second.login;
        const LoginPlan& other = login.plan();
        return !login.isOver() && !plan.question.empty() && other.question == plan.question;
    });
    return found == m_logins.end() ? nullptr : &found->second;
}

Result<void> LoginRegistry::mayOpen(const LoginPlan& plan, bool screenLocked) {
    const std::string provider = providerOf(plan);
    const auto held = m_signIns->hold(provider, plan.accountName, screenLocked);
    if (!held) {
        return {};
    }
    const std::string why =
        *held == Hold::ScreenLocked ? "the screen is locked" : "nobody answered the last sign-ins to this account";
    return base::fail(failure(ErrorKind::LoginRequired, why +
                                                            ", so no window was opened; when you are there, run: "
                                                            "keybearer login " +
                                                            base::printable(provider)));
}

bool LoginRegistry::isFull(Owner owner) const {
    const auto pending = [&](auto&& which) {
        return static_cast<std::size_t>(std::ranges::count_if(
            m_logins, [&](const auto& row) { return !row.second.login->isOver() && which(row.second); }));
    };
    return pending([](const Entry&) { return true; }) >= kMaxLogins ||
           pending([&](const Entry& entry) { return entry.isOf(owner); }) >= kMaxLoginsPerOwner;
}

QCoro::Task<Result<BegunLogin>> LoginRegistry::begin(LoginRequest request, Owner owner) {
    const bool fresh = request.fresh;
    const bool attended = request.attended;
    auto planned = plan(std::move(request));
    if (!planned) {
        co_return base::fail(std::move(planned.error()));
    }
    const bool opens = planned->method == LoginMethod::Browser;
    bool locked = false;
    if (opens) {
        const auto isThere = std::make_shared<bool>(true);
        m_beginning.emplace(owner, isThere);
        locked = co_await m_screenLocked();
        std::erase_if(m_beginning, [&](const auto& row) { return row.second == isThere; });
        if (!*isThere) {
            co_return base::fail(failure(ErrorKind::LoginCancelled, "whoever asked for this sign-in is gone"));
        }
    }
    if (Entry* same = findSame(*planned)) {
        if (!fresh) {
            if (!same->isOf(owner)) {
                same->owners.push_back(owner);
            }
            const std::shared_ptr<Login> login = same->login;
            auto ready = co_await login->ready();
            if (!ready) {
                co_return base::fail(std::move(ready.error()));
            }
            co_return BegunLogin{login, true, false};
        }
        same->login->cancel("another sign-in to the same account was begun");
    }
    if (attended) {
        m_signIns->answered(providerOf(*planned), planned->accountName);
    } else if (const auto may = opens ? mayOpen(*planned, locked) : Result<void>(); !may) {
        co_return base::fail(may.error());
    }
    if (isFull(owner)) {
        co_return base::fail(
            failure(ErrorKind::RateLimited, "too many logins are under way; finish or cancel one first"));
    }
    auto login = std::make_shared<Login>(m_parts, std::move(*planned));
    // Known from here on, so that a connection that closes in the middle of prepare() finds it.
    m_logins[login->id()] = Entry{login, {owner}};
    auto started = co_await start(login, attended);
    if (!started) {
        m_logins.erase(login->id());
        co_return base::fail(std::move(started.error()));
    }
    co_return BegunLogin{login, false, locked};
}

QCoro::Task<Result<void>> LoginRegistry::start(std::shared_ptr<Login> login, bool attended) {
    // Reading lets the keyring show its own prompt; a login whose tokens could not be kept must not begin.
    const std::string probe = clientSecretKey(login->plan().profile.issuer, login->plan().profile.clientId);
    auto keychain = co_await m_keychain.read(probe);
    auto prepared = Result<void>();
    if (!keychain && keychain.error().kind != keychain::ErrorKind::NotFound) {
        prepared = base::fail(fromKeychain(keychain.error()));
    } else {
        prepared = co_await login->prepare();
    }
    if (prepared && login->isOver()) {
        prepared = base::fail(*login->error());
    }
    login->becomeReady(prepared);
    if (prepared) {
        follow(login, attended, m_signIns);
    }
    co_return prepared;
}

QCoro::Task<> LoginRegistry::follow(std::shared_ptr<Login> login, bool attended, std::shared_ptr<SignInList> signIns) {
    co_await login->run();
    const std::string provider = providerOf(login->plan());
    const std::string& account = login->plan().accountName;
    // A program that gives up and asks again opens one window after the other, too.
    const bool cancelled = login->state() == LoginState::Cancelled;
    if (login->wasIgnored() || (cancelled && !attended)) {
        signIns->ignored(provider, account);
    } else if (!cancelled) {
        signIns->answered(provider, account);
    }
}

std::shared_ptr<Login> LoginRegistry::find(const std::string& id, Owner owner) const {
    const auto found = m_logins.find(id);
    return found != m_logins.end() && found->second.isOf(owner) ? found->second.login : nullptr;
}

bool LoginRegistry::leave(const std::string& id, Owner owner) {
    const auto found = m_logins.find(id);
    if (found == m_logins.end() || !found->second.isOf(owner)) {
        return false;
    }
    if (found->second.owners.size() > 1) {
        std::erase(found->second.owners, owner);
    } else {
        const std::shared_ptr<Login> login = found->second.login;
        login->cancel();
    }
    return true;
}

QCoro::Task<> LoginRegistry::change(std::shared_ptr<Login> login, std::string known, std::chrono::milliseconds wait) {
    if (wait.count() <= 0 || toString(login->state()) != known || login->isOver()) {
        co_return;
    }
    // Whichever comes first opens the door: the change or the timer.
    const auto door = std::make_shared<Gate>();
    const auto open = [](std::shared_ptr<Gate> gate) {
        if (!gate->isOpen()) {
            gate->open();
        }
    };
    QTimer::singleShot(wait, [door, open] { open(door); });
    const auto relay = [](std::shared_ptr<Gate> from, std::shared_ptr<Gate> to) -> QCoro::Task<> {
        co_await from->wait();
        if (!to->isOpen()) {
            to->open();
        }
    };
    relay(login->nextChange(), door);
    co_await door->wait();
}

void LoginRegistry::ownerGone(Owner owner) {
    const auto [first, last] = m_beginning.equal_range(owner);
    for (auto it = first; it != last; ++it) {
        *it->second = false;
    }
    std::vector<std::shared_ptr<Login>> orphans;
    for (auto it = m_logins.begin(); it != m_logins.end();) {
        const bool wasOwner = std::erase(it->second.owners, owner) > 0;
        if (wasOwner && it->second.owners.empty()) {
            orphans.push_back(it->second.login);
            it = m_logins.erase(it);
        } else {
            ++it;
        }
    }
    for (const auto& login : orphans) { // at the end: whoever waits for it may come back here
        login->cancel();
    }
}

bool LoginRegistry::isBusy() const {
    return std::ranges::any_of(m_logins, [](const auto& row) { return !row.second.login->isOver(); });
}

void LoginRegistry::cancelAll() {
    const auto logins = std::exchange(m_logins, {});
    for (const auto& [id, entry] : logins) {
        entry.login->cancel();
    }
}

} // namespace keybearer::accounts
