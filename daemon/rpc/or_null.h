#pragma once
/// \file
/// What is not there is null in an answer, never "" or 0.

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace keybearer::rpc {

[[nodiscard]] inline nlohmann::json orNull(const std::string& text) {
    return text.empty() ? nlohmann::json() : nlohmann::json(text);
}

[[nodiscard]] inline nlohmann::json orNull(const std::optional<std::int64_t>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json();
}

} // namespace keybearer::rpc
