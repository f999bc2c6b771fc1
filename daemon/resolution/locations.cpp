#include "daemon/resolution/locations.h"

#include "ipc/base/text.h"

#include <algorithm>

namespace keybearer::resolution {
namespace {

using providers::Location;
using providers::LocationKind;
using providers::Profile;
using providers::Source;

constexpr std::string_view kDefaultName = "default";
constexpr std::size_t kMaxShown = 64;

/// The problem, empty when there is none.
std::string settleField(const Profile& profile, Location& location) {
    const providers::LocationRow& row = rowOf(location.kind);
    if (location.kind == LocationKind::AwsSdk) {
        const bool hasKeys = profile.field("access_key_id") != nullptr && profile.field("secret_access_key") != nullptr;
        return hasKeys ? "" : profile.id + " has no keys of AWS";
    }
    if (!row.fillsAField) {
        return {};
    }
    if (location.field.empty() && profile.mainField.empty()) {
        return profile.id + " has several secrets; write which field it is: FIELD=" + std::string(row.name) + "::...";
    }
    const std::string written = location.field.empty() ? profile.mainField : location.field;
    const providers::Field* field = profile.field(written);
    if (field == nullptr) {
        return profile.id + " has no field \"" + base::printable(written, kMaxShown) + "\"";
    }
    if (location.kind == LocationKind::OAuth && !field->secret) {
        return field->name + " is no secret, and a token is one";
    }
    location.field = field->name;
    return {};
}

std::string settleSources(const Profile& profile, std::vector<Source>& sources) {
    for (Source& source : sources) {
        std::vector<std::string> seen;
        for (Location& location : source) {
            if (std::string problem = settleField(profile, location); !problem.empty()) {
                return problem;
            }
            if (!location.field.empty() && std::ranges::find(seen, location.field) != seen.end()) {
                return location.field + " stands twice between the same brackets";
            }
            seen.push_back(location.field);
        }
    }
    return {};
}

} // namespace

base::Result<Locations, std::string> Locations::check(const std::vector<providers::LocationList>& lists,
                                                      const providers::Catalogue& catalogue) {
    Locations locations;
    for (const providers::LocationList& list : lists) {
        const Profile* profile = catalogue.find(list.provider);
        if (profile == nullptr) {
            std::string message =
                list.place + ": there is no provider \"" + base::printable(list.provider, kMaxShown) + "\"";
            const std::vector<std::string> nearest = catalogue.nearest(list.provider);
            return base::fail(nearest.empty() ? message : message + "; did you mean " + nearest.front() + "?");
        }
        std::vector<Source> sources = list.sources;
        if (const std::string problem = settleSources(*profile, sources); !problem.empty()) {
            return base::fail(list.place + ": " + problem);
        }
        const std::string name = list.name.empty() ? std::string(kDefaultName) : list.name;
        if (!locations.m_lists.emplace(std::pair(profile->id, name), std::move(sources)).second) {
            return base::fail(list.place + ": " + profile->id + " has a list already; make them one");
        }
    }
    return locations;
}

const std::vector<Source>* Locations::find(const std::string& provider, const std::string& name) const {
    const auto found = m_lists.find({provider, name});
    return found == m_lists.end() ? nullptr : &found->second;
}

std::vector<std::string> Locations::variables(const std::string& provider, std::string_view field,
                                              LocationKind kind) const {
    std::vector<std::string> names;
    for (const auto& [key, sources] : m_lists) {
        for (const Source& source : sources) {
            for (const Location& location : source) {
                const bool isNew = std::ranges::find(names, location.argument) == names.end();
                if (key.first == provider && location.kind == kind && location.field == field && isNew) {
                    names.push_back(location.argument);
                }
            }
        }
    }
    return names;
}

} // namespace keybearer::resolution
