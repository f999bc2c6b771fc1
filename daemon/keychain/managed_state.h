#pragma once
/// \file
/// What managed_keychain.cpp (the calls) and migration.cpp (the moves) share. Nobody else includes this.

#include "daemon/keychain/file_keychain.h"
#include "daemon/keychain/gate.h"
#include "daemon/keychain/managed_keychain.h"

#include <set>
#include <utility>

namespace keybearer::keychain {

[[nodiscard]] inline Error failed(std::string detail) {
    return {ErrorKind::Failed, std::move(detail)};
}

[[nodiscard]] inline Error misused(std::string detail) {
    return {ErrorKind::Misused, std::move(detail)};
}

[[nodiscard]] inline bool isFile(Selection selection) {
    return selection == Selection::FileSealed || selection == Selection::FilePlain;
}

[[nodiscard]] inline FileForm formOf(Selection selection) {
    return selection == Selection::FileSealed ? FileForm::Sealed : FileForm::Plain;
}

/// Outlives the keychain while a coroutine needs it.
struct ManagedKeychain::Shared {
    using Target = std::shared_ptr<Keychain>;
    template<class T>
    using Answer = QCoro::Task<Result<T>>;
    using Self = std::shared_ptr<Shared>;

    std::string filePath;
    std::string choicePath;
    Parts parts;
    base::Result<std::optional<Choice>, std::string> choice;
    std::shared_ptr<Keychain> service;
    std::shared_ptr<FileKeychain> file;
    std::shared_ptr<Gate> gate = std::make_shared<Gate>();

    [[nodiscard]] Selection recorded() const { return choice && *choice ? (*choice)->backend : Selection::Unset; }
    [[nodiscard]] Selection effective() const;
    [[nodiscard]] Result<void> record(Selection selection);
    [[nodiscard]] std::shared_ptr<Keychain> theService();
    [[nodiscard]] std::shared_ptr<FileKeychain> theFile(FileForm form);
    [[nodiscard]] Result<void> checkNoStrayFile() const;

    /// Where calls go now.
    static Answer<Target> target(Self self);
    static QCoro::Task<StateReport> report(Self self);
    static QCoro::Task<Status> status(Self self);
    static Answer<base::Secret> read(Self self, std::string key);
    static Answer<void> write(Self self, std::string key, base::Secret value);
    static Answer<void> remove(Self self, std::string key);
    static Answer<void> unlock(Self self, base::Passphrase passphrase, std::string item);
    static Answer<void> lockService(Self self);
    static Answer<int> migrate(Self self, std::string backend, base::Passphrase passphrase, std::set<std::string> keys);
    static Answer<int> chooseFirst(Self self, Selection to, base::Passphrase passphrase);
    static Answer<int> adoptFile(Self self, FileForm there, Selection to, base::Passphrase passphrase);
    static Answer<int> changeFile(Self self, Selection from, Selection to, base::Passphrase passphrase);
    static Answer<int> serviceToFile(Self self, Selection to, base::Passphrase passphrase, std::set<std::string> keys);
    static Answer<int> fileToService(Self self, std::set<std::string> keys);
    static Answer<void> replaceFile(Self self, FileForm form, Items items, base::Passphrase passphrase);
};

} // namespace keybearer::keychain
