#pragma once
/// \file
/// Which account a folder's programs mean: bindings.json in the data folder, no secret in it.

#include "ipc/base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace keybearer::accounts {

inline constexpr std::size_t kMaxBindings = 1'000;

struct Binding {
    std::string directory; ///< isDirectoryPath()
    std::string accountId; ///< survives a rename
};

/// An absolute path without "." and "..", empty parts or a slash at its end, of printable bytes, at most 4 KiB.
[[nodiscard]] bool isDirectoryPath(std::string_view path);

/// Main thread. Every change is on disk when the call returns; on failure memory and disk are as before.
class BindingStore {
public:
    /// A missing file is an empty list; a damaged one is an error and is left as it is. Errors are sentences.
    [[nodiscard]] static base::Result<BindingStore, std::string> open(const std::string& folder);

    /// Sorted by directory.
    [[nodiscard]] const std::vector<Binding>& all() const noexcept { return m_bindings; }
    /// Of this folder, or of the nearest one above it; null when there is none.
    [[nodiscard]] const Binding* find(std::string_view directory) const;
    /// Adds a binding, or replaces the folder's own.
    [[nodiscard]] base::Result<void, std::string> put(Binding binding);
    /// False when the folder has none of its own.
    [[nodiscard]] base::Result<bool, std::string> remove(std::string_view directory);

private:
    explicit BindingStore(std::string path) : m_path(std::move(path)) {}
    [[nodiscard]] base::Result<void, std::string> save(std::vector<Binding> bindings);

    std::string m_path;
    std::vector<Binding> m_bindings;
};

/// The file's text, for tests and the fuzzer.
[[nodiscard]] std::string formatBindings(const std::vector<Binding>& bindings);
[[nodiscard]] base::Result<std::vector<Binding>, std::string> parseBindings(std::string_view text);

} // namespace keybearer::accounts
