#pragma once
/// \file
/// The result of a call, as JSON text. Pure.

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::protocol {

/// Appends a value as JSON text in ASCII characters. What is not well-formed UTF-8 is replaced.
void appendJson(std::string& out, const nlohmann::json& value);
/// What appendJson() takes at most.
[[nodiscard]] std::size_t jsonRoom(const nlohmann::json& value);

/// One JSON object, written as it grows. It may hold a secret, so it is move-only and leaves nothing behind: where a
/// JSON tree would scatter copies, this has one buffer and wipes it.
class Body {
public:
    Body() = default;
    /// `object` holds no secret.
    Body(const nlohmann::json& object); // NOLINT(google-explicit-constructor): most handlers answer with a tree
    Body(Body&& other) noexcept;
    Body& operator=(Body&& other) noexcept;
    Body(const Body&) = delete;
    Body& operator=(const Body&) = delete;
    ~Body();

    /// Names differ from each other and need no escape.
    Body& add(std::string_view name, std::string_view text);
    /// null when there is no value.
    Body& add(std::string_view name, std::optional<std::int64_t> value);
    /// `tree` holds no secret.
    Body& addTree(std::string_view name, const nlohmann::json& tree);
    /// An array of objects.
    Body& add(std::string_view name, const std::vector<Body>& items);

    /// The object's text; valid until this object changes.
    [[nodiscard]] std::string_view text() const noexcept { return m_text; }

private:
    /// Makes room without leaving the old buffer behind, and opens a member.
    void begin(std::string_view name, std::size_t valueRoom);

    std::string m_text = "{}";
};

} // namespace keybearer::protocol
