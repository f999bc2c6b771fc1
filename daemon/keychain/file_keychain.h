#pragma once
/// \file
/// The keychain of a machine without a keyring service: one file, keychain.json, in the data folder (FORMAT.md).

#include "daemon/keychain/keychain.h"
#include "daemon/keychain/sealed_file.h"

#include <memory>
#include <optional>

namespace keybearer::keychain {

/// Nothing is created, and nothing is read, before the first call; each call reads the file anew. A file that is
/// damaged or of the other form is an error and is never written over; a file that is gone is Unavailable.
class FileKeychain final : public Keychain {
public:
    /// `cost` is used when a file is sealed; reading takes the file's own.
    FileKeychain(std::string path, FileForm form, ScryptCost cost = {});
    ~FileKeychain() override;
    FileKeychain(const FileKeychain&) = delete;
    FileKeychain& operator=(const FileKeychain&) = delete;

    [[nodiscard]] std::string kind() const override;
    [[nodiscard]] QCoro::Task<State> state() override;
    [[nodiscard]] QCoro::Task<StateReport> report() override;
    [[nodiscard]] QCoro::Task<Result<base::Secret>> read(std::string key) override;
    [[nodiscard]] QCoro::Task<Result<void>> write(std::string key, base::Secret value) override;
    [[nodiscard]] QCoro::Task<Result<void>> remove(std::string key) override;

    /// Denied when the passphrase is another one. Success at once for a file that is not sealed. Takes about a third of
    /// a second, in another thread.
    [[nodiscard]] QCoro::Task<Result<void>> unlock(base::Passphrase passphrase);
    /// Forgets the key of a sealed file, also one that is being derived.
    void lock();
    /// Everything in the file.
    [[nodiscard]] Result<Items> items() const;
    /// Puts a file with exactly these items in the place of whatever is there, in one step; of the sealed form under a
    /// new salt and this passphrase, and unlocked from then on.
    [[nodiscard]] QCoro::Task<Result<void>> replaceAll(Items items, base::Passphrase passphrase);

    /// The form of the file at `path`; nullopt when there is none.
    [[nodiscard]] static Result<std::optional<FileForm>> formAt(const std::string& path);

private:
    struct Shared;
    std::shared_ptr<Shared> m_shared;
};

} // namespace keybearer::keychain
