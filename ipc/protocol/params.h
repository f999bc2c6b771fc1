#pragma once
/// \file
/// Checks a request's parameters against the method table.

#include "ipc/base/secret.h"
#include "ipc/protocol/message.h"
#include "ipc/protocol/methods.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::protocol {

/// The parameters of one call after the check: types are right, nothing unknown is there, null means absent.
/// Secret parameters are moved out of the JSON tree into Secrets.
class Params {
public:
    [[nodiscard]] static Result<Params> check(const Method& method, nlohmann::json&& params);

    [[nodiscard]] std::optional<std::string> string(std::string_view name) const;
    [[nodiscard]] std::string requiredString(std::string_view name) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const;
    [[nodiscard]] bool boolean(std::string_view name) const; ///< false when absent
    [[nodiscard]] std::optional<std::vector<std::string>> stringList(std::string_view name) const;
    /// Has the call go on as if that had been asked for. The value is of the parameter's type.
    void replace(std::string_view name, nlohmann::json value);
    /// The caller owns it from here; a second call gets nothing.
    [[nodiscard]] std::optional<base::Secret> takeSecret(std::string_view name);
    /// The same for an object of secrets, in the order of the names.
    [[nodiscard]] std::vector<std::pair<std::string, base::Secret>> takeSecretMap(std::string_view name);
    /// The names in such an object, as long as it has not been taken.
    [[nodiscard]] std::vector<std::string> secretNames(std::string_view name) const;

private:
    void takeOut(const std::string& name, nlohmann::json& value, Type type);

    nlohmann::json m_values;
    std::vector<std::pair<std::string, base::Secret>> m_secrets; ///< "name", or "name.member" of an object
};

/// `value` when it lies in [low, high]; otherwise invalid_value with a sentence that names the parameter and the range.
[[nodiscard]] Result<std::int64_t> inRange(std::string_view name, std::int64_t value, std::int64_t low,
                                           std::int64_t high);

} // namespace keybearer::protocol
