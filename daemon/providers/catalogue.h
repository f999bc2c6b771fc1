#pragma once
/// \file
/// The providers that a person can sign in to or has keys of: those that come with Keybearer, and the person's own.

#include "daemon/providers/profile.h"

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::providers {

/// Read once when the broker starts.
class Catalogue {
public:
    /// Reads *.toml of both folders; either may be missing. A profile of the person's replaces the built-in one of the
    /// same id as a whole. A file that cannot be believed or read is left out and named by problems().
    [[nodiscard]] static Catalogue load(const std::string& builtInFolder, const std::string& userFolder);

    /// By id or alias (foldedName()), or by exact issuer. Null when there is none; valid as long as this object.
    [[nodiscard]] const Profile* find(std::string_view name) const;
    /// What somebody may have meant who typed a name that find() does not know: at most three, best first.
    [[nodiscard]] std::vector<std::string> nearest(std::string_view name) const;
    /// Whose key this seems to be, by the longest prefix that fits; null when nobody's, or when several have that
    /// prefix.
    [[nodiscard]] const Profile* ownerOf(std::string_view value) const;
    /// Sorted by id.
    [[nodiscard]] const std::vector<Profile>& all() const noexcept { return m_profiles; }
    /// One sentence a file, "providers.d/foo.toml:3:10: ...".
    [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return m_problems; }

private:
    void readAliases();

    std::vector<Profile> m_profiles;
    std::map<std::string, std::ptrdiff_t, std::less<>> m_names; ///< folded id or alias, to a place in m_profiles
    std::vector<std::string> m_problems;
};

} // namespace keybearer::providers
