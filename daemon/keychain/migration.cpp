#include "daemon/keychain/managed_state.h"
#include "ipc/base/private_file.h"

#include <algorithm>

namespace keybearer::keychain {
namespace {

constexpr auto kBusy = "the keychain is in use or being moved already; try again";

bool sameItems(const Items& a, const Items& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const auto& x, const auto& y) { return x.first == y.first && x.second == y.second; });
}

Items cloneOf(const Items& items) {
    Items copy;
    for (const auto& [key, value] : items) {
        copy.emplace(key, value.clone());
    }
    return copy;
}

/// The items with these names; a name that is not there is left out.
QCoro::Task<Result<Items>> readAll(std::shared_ptr<Keychain> keychain, std::set<std::string> keys) {
    Items items;
    for (const std::string& key : keys) {
        auto value = co_await keychain->read(key);
        if (value) {
            items.emplace(key, std::move(*value));
        } else if (value.error().kind != ErrorKind::NotFound) {
            co_return base::fail(std::move(value.error()));
        }
    }
    co_return items;
}

} // namespace

QCoro::Task<Result<int>> ManagedKeychain::Shared::migrate(Self self, std::string backend, base::Passphrase passphrase,
                                                          std::set<std::string> keys) {
    const auto to = keychain::selectionOf(backend);
    if (!to) {
        co_return base::fail(misused("there is no such keychain; choose secret-service, file-sealed or file-plain"));
    }
    if (*to == Selection::FileSealed && passphrase.empty()) {
        co_return base::fail(misused("file-sealed needs a passphrase that is not empty"));
    }
    const auto pass = co_await self->gate->enterAlone(self->parts.deadline);
    if (!pass) {
        co_return base::fail(Error{ErrorKind::Timeout, kBusy});
    }
    if (!self->choice) {
        co_return base::fail(failed(self->choice.error()));
    }
    const Selection from = self->effective();
    if (from == Selection::Unset) {
        co_return co_await chooseFirst(self, *to, std::move(passphrase));
    }
    if (from == *to && *to != Selection::FileSealed) {
        co_return base::fail(misused(std::string(nameOf(from)) + " is the keychain in use already"));
    }
    if (!isFile(from)) {
        co_return co_await serviceToFile(self, *to, std::move(passphrase), std::move(keys));
    }
    if (!isFile(*to)) {
        co_return co_await fileToService(self, std::move(keys));
    }
    co_return co_await changeFile(self, from, *to, std::move(passphrase));
}

QCoro::Task<Result<int>> ManagedKeychain::Shared::chooseFirst(Self self, Selection to, base::Passphrase passphrase) {
    if (!isFile(to)) {
        if (auto checked = self->checkNoStrayFile(); !checked) {
            co_return base::fail(std::move(checked.error()));
        }
        const Target service = self->theService();
        const StateReport answer = co_await service->report();
        if (answer.state == State::Unavailable) {
            co_return base::fail(Error{ErrorKind::Unavailable, answer.detail});
        }
        co_return self->record(to).map([] { return 0; });
    }
    const auto there = FileKeychain::formAt(self->filePath);
    if (!there) {
        co_return base::fail(there.error());
    }
    if (*there) {
        co_return co_await adoptFile(self, **there, to, std::move(passphrase));
    }
    Items none;
    if (auto made = co_await replaceFile(self, formOf(to), std::move(none), std::move(passphrase)); !made) {
        co_return base::fail(std::move(made.error()));
    }
    co_return self->record(to).map([] { return 0; });
}

/// A file without a record: a first choice that was killed before it was recorded, or a lost record. It keeps its
/// items.
QCoro::Task<Result<int>> ManagedKeychain::Shared::adoptFile(Self self, FileForm there, Selection to,
                                                            base::Passphrase passphrase) {
    const auto old = self->theFile(there);
    if (there == FileForm::Sealed) {
        if (to != Selection::FileSealed) {
            co_return base::fail(failed(self->filePath +
                                        " is there and sealed; choose file-sealed with its passphrase, "
                                        "or move it away"));
        }
        if (auto opened = co_await old->unlock(passphrase.clone()); !opened) {
            co_return base::fail(std::move(opened.error()));
        }
    }
    auto items = old->items();
    if (!items) {
        co_return base::fail(std::move(items.error()));
    }
    const int count = static_cast<int>(items->size());
    if (there == FileForm::Plain && to == Selection::FileSealed) {
        auto sealed = co_await replaceFile(self, FileForm::Sealed, std::move(*items), std::move(passphrase));
        if (!sealed) {
            co_return base::fail(std::move(sealed.error()));
        }
    }
    co_return self->record(to).map([count] { return count; });
}

/// One file, replaced in one step. Where the new form is open, the record comes first: a record that says "open" over a
/// sealed file is the one disagreement that is allowed (FORMAT.md).
QCoro::Task<Result<int>> ManagedKeychain::Shared::changeFile(Self self, Selection from, Selection to,
                                                             base::Passphrase passphrase) {
    auto items = self->theFile(formOf(from))->items();
    if (!items) {
        co_return base::fail(std::move(items.error()));
    }
    const int count = static_cast<int>(items->size());
    if (to == Selection::FilePlain) {
        if (auto recorded = self->record(to); !recorded) {
            co_return base::fail(std::move(recorded.error()));
        }
    }
    auto replaced = co_await replaceFile(self, formOf(to), std::move(*items), std::move(passphrase));
    if (!replaced) {
        co_return base::fail(std::move(replaced.error()));
    }
    if (self->recorded() != to) {
        if (auto recorded = self->record(to); !recorded) {
            co_return base::fail(std::move(recorded.error()));
        }
    }
    co_return count;
}

QCoro::Task<Result<int>> ManagedKeychain::Shared::serviceToFile(Self self, Selection to, base::Passphrase passphrase,
                                                                std::set<std::string> keys) {
    const Target old = self->theService();
    auto items = co_await readAll(old, std::move(keys));
    if (!items) {
        co_return base::fail(std::move(items.error()));
    }
    std::set<std::string> moved;
    for (const auto& [key, value] : *items) {
        moved.insert(key);
    }
    auto written = co_await replaceFile(self, formOf(to), std::move(*items), std::move(passphrase));
    if (!written) {
        co_return base::fail(std::move(written.error()));
    }
    if (auto recorded = self->record(to); !recorded) {
        co_return base::fail(std::move(recorded.error()));
    }
    for (const std::string& key : moved) {
        // What cannot be removed stays behind in the keyring; the recorded keychain does not need it.
        (void)co_await old->remove(key);
    }
    co_return static_cast<int>(moved.size());
}

QCoro::Task<Result<int>> ManagedKeychain::Shared::fileToService(Self self, std::set<std::string> keys) {
    const std::shared_ptr<FileKeychain> old = self->theFile(formOf(self->effective()));
    const Target service = self->theService();
    // With nothing to move, nothing below would notice that there is no keyring to move to.
    const StateReport answer = co_await service->report();
    if (answer.state != State::Ready) {
        const ErrorKind kind = answer.state == State::Locked ? ErrorKind::Locked : ErrorKind::Unavailable;
        co_return base::fail(Error{kind, answer.detail});
    }
    const auto items = co_await readAll(old, std::move(keys));
    if (!items) {
        co_return base::fail(items.error());
    }
    std::set<std::string> moved;
    for (const auto& [key, value] : *items) {
        auto written = co_await service->write(key, value.clone());
        if (!written) {
            co_return base::fail(std::move(written.error()));
        }
        moved.insert(key);
    }
    const auto back = co_await readAll(service, moved);
    if (!back) {
        co_return base::fail(back.error());
    }
    if (!sameItems(*back, *items)) {
        co_return base::fail(failed("the keyring did not give back what was written to it; nothing was changed"));
    }
    if (auto recorded = self->record(Selection::SecretService); !recorded) {
        co_return base::fail(std::move(recorded.error()));
    }
    for (const std::string& key : moved) {
        (void)co_await old->remove(key);
    }
    // Items that were not named stay where they are.
    if (const auto rest = old->items(); rest && rest->empty()) {
        (void)base::removePrivateFile(self->filePath);
    }
    self->file.reset();
    co_return static_cast<int>(moved.size());
}

/// Writes the file and reads it back.
QCoro::Task<Result<void>> ManagedKeychain::Shared::replaceFile(Self self, FileForm form, Items items,
                                                               base::Passphrase passphrase) {
    const auto fresh = std::make_shared<FileKeychain>(self->filePath, form, self->parts.cost);
    Items expected = cloneOf(items);
    auto written = co_await fresh->replaceAll(std::move(items), std::move(passphrase));
    if (!written) {
        co_return base::fail(std::move(written.error()));
    }
    const auto back = fresh->items();
    if (!back) {
        co_return base::fail(back.error());
    }
    if (!sameItems(*back, expected)) {
        co_return base::fail(failed(self->filePath + " does not hold what was written to it; check the disk"));
    }
    self->file = fresh;
    co_return {};
}

} // namespace keybearer::keychain
