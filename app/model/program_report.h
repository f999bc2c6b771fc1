#pragma once
/// \file
/// What one program ever received, what it may have, and what came of taking it back: answers of the broker as lines
/// that a person reads. Pure.

#include <QString>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace keybearer::model {

struct LeaseLine {
    QString what; ///< "token of work"
    QString state;
    std::int64_t first = 0; ///< UTC seconds
    std::int64_t last = 0;
    std::int64_t count = 0;
    bool isValid = false; ///< as far as is known it still works
};

struct GrantLine {
    std::string id;
    QString what;   ///< the credential, and the part of it
    QString length; ///< how long it holds
    QString origin; ///< who made it
};

enum class Taken { Revoked, Ended, NotRevoked, GrantsRemoved, GrantLeft };

struct TakenLine {
    Taken result = Taken::NotRevoked;
    QString what;
    QString text; ///< the result, and what is to be done
};

/// Of lease.list, those of `client` alone (AuditRow::client): the name may mean it with client keys, too.
[[nodiscard]] std::vector<LeaseLine> leasesOf(const nlohmann::json& answer, const std::string& client);
/// Of grant.list, those for the file of `client`.
[[nodiscard]] std::vector<GrantLine> grantsOf(const nlohmann::json& answer, const std::string& client);
/// Of lease.revoke. What is still out comes first.
[[nodiscard]] std::vector<TakenLine> takenOf(const nlohmann::json& answer);
/// Nothing is left to be done.
[[nodiscard]] bool isAllTaken(const std::vector<TakenLine>& lines);

} // namespace keybearer::model
