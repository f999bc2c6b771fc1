#pragma once
/// \file
/// The lists of config.toml, with their names looked up in the catalogue. Pure.

#include "daemon/providers/catalogue.h"
#include "daemon/providers/location.h"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keybearer::resolution {

/// Made once when the broker starts.
class Locations {
public:
    Locations() = default;
    /// Every location's `field` is one of the provider's fields afterwards. The error is "config.toml:3:1: sentence".
    [[nodiscard]] static base::Result<Locations, std::string> check(const std::vector<providers::LocationList>& lists,
                                                                    const providers::Catalogue& catalogue);

    /// The list that replaces the usual chain for this credential; null where there is none. Valid as long as this
    /// object.
    [[nodiscard]] const std::vector<providers::Source>* find(const std::string& provider,
                                                             const std::string& name) const;
    /// The variables that a caller is to look for beside the catalogue's, for one field; `kind` is Env or PathFromEnv.
    [[nodiscard]] std::vector<std::string> variables(const std::string& provider, std::string_view field,
                                                     providers::LocationKind kind) const;

private:
    std::map<std::pair<std::string, std::string>, std::vector<providers::Source>> m_lists; ///< by provider and name
};

} // namespace keybearer::resolution
