#pragma once
/// \file
/// The keychain that the broker uses: the recorded one, and no other.

#include "daemon/keychain/choice.h"
#include "daemon/keychain/keychain.h"
#include "daemon/keychain/sealed_file.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::keychain {

struct Status {
    std::string backend;                  ///< nameOf(Selection); "unknown" when the record is damaged
    std::string state;                    ///< "ready", "locked", "unavailable" or "unset"
    std::optional<bool> encrypted;        ///< known for the file only
    std::optional<std::int64_t> chosenAt; ///< UTC, seconds
    std::string detail;                   ///< a sentence for the person; may be empty
};

/// The choice is recorded once, in keychain-choice.json, and never changes by itself: a keyring service that is absent
/// later is Unavailable. With nothing recorded, the first write takes the Secret Service where there is one (and
/// records that before it writes); where there is none, the person chooses the file with migrate(), and until then the
/// error is Unset.
class ManagedKeychain final : public Keychain {
public:
    /// What a test replaces.
    struct Parts {
        std::function<std::shared_ptr<Keychain>()> secretService; ///< called at most once
        ScryptCost cost;
        std::chrono::milliseconds deadline = kCallDeadline;
    };

    /// `folder` is the data folder; it must exist. Reads the record.
    explicit ManagedKeychain(std::string folder);
    ManagedKeychain(std::string folder, Parts parts);
    ~ManagedKeychain() override;
    ManagedKeychain(const ManagedKeychain&) = delete;
    ManagedKeychain& operator=(const ManagedKeychain&) = delete;

    [[nodiscard]] std::string kind() const override;
    [[nodiscard]] Selection backend() const;
    [[nodiscard]] QCoro::Task<Status> status();

    [[nodiscard]] QCoro::Task<State> state() override;
    [[nodiscard]] QCoro::Task<StateReport> report() override;
    [[nodiscard]] QCoro::Task<Result<base::Secret>> read(std::string key) override;
    [[nodiscard]] QCoro::Task<Result<void>> write(std::string key, base::Secret value) override;
    [[nodiscard]] QCoro::Task<Result<void>> remove(std::string key) override;

    /// Opens a sealed file. Success where there is nothing to open. A locked keyring service is asked for `item`, so
    /// that it shows its own prompt; for none, it is just reported.
    [[nodiscard]] QCoro::Task<Result<void>> unlock(base::Passphrase passphrase, std::string item = {});

    /// Forgets what opens a sealed file; another keychain keeps its own state.
    void lock();
    [[nodiscard]] QCoro::Task<Result<void>> lockService() override;

    /// Moves the items with these names to `backend` ("secret-service", "file-sealed", "file-plain") and gives back how
    /// many there were: copies them, reads each back and compares, records the choice, and removes the old copies as
    /// far as that works. Killed at any step, every item is readable from the recorded keychain. Other calls wait
    /// meanwhile.
    ///
    /// With nothing recorded it is the first choice. From file to file all items go along, in one step: to
    /// "file-sealed" with a new passphrase, to "file-plain", and from "file-plain" to "file-sealed". The passphrase is
    /// for "file-sealed" only.
    [[nodiscard]] QCoro::Task<Result<int>> migrate(std::string backend, base::Passphrase passphrase,
                                                   std::vector<std::string> keys);

private:
    struct Shared;
    std::shared_ptr<Shared> m_shared;
};

} // namespace keybearer::keychain
