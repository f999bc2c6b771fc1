#include "daemon/providers/catalogue.h"

#include "daemon/providers/profile_file.h"
#include "daemon/providers/trusted_file.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <utility>

namespace keybearer::providers {
namespace {

std::string lastSegment(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/')) {
        path.remove_suffix(1);
    }
    return std::string(path.substr(path.rfind('/') + 1));
}

base::Result<Profile, std::string> readProfile(const std::string& folder, const std::string& name) {
    const std::string shownName = lastSegment(folder) + "/" + base::printable(name);
    const auto text = readTrustedFile(folder + "/" + name, shownName);
    if (!text) {
        return base::fail(text.error());
    }
    if (!*text) {
        return base::fail(shownName + ": has just been removed");
    }
    return parseProfile(**text, shownName);
}

} // namespace

Catalogue Catalogue::load(const std::string& builtInFolder, const std::string& userFolder) {
    Catalogue catalogue;
    catalogue.m_profiles = catalogue.readFolder(builtInFolder);
    for (Profile& profile : catalogue.readFolder(userFolder)) {
        const auto same = std::ranges::find(catalogue.m_profiles, profile.id, &Profile::id);
        if (same != catalogue.m_profiles.end()) {
            *same = std::move(profile);
        } else {
            catalogue.m_profiles.push_back(std::move(profile));
        }
    }
    std::ranges::sort(catalogue.m_profiles, {}, &Profile::id);
    return catalogue;
}

std::vector<Profile> Catalogue::readFolder(const std::string& folder) {
    std::vector<Profile> profiles;
    const std::string folderName = lastSegment(folder);
    const auto names = listTrustedFolder(folder, folderName);
    if (!names) {
        m_problems.push_back(names.error());
        return profiles;
    }
    std::size_t count = 0;
    for (const std::string& name : *names) {
        if (++count > kMaxConfigFiles) {
            m_problems.push_back(folderName + ": holds more than 200 files; those from " + base::printable(name) +
                                 " on are left out");
            break;
        }
        auto profile = readProfile(folder, name);
        if (!profile) {
            m_problems.push_back(std::move(profile.error()));
            continue;
        }
        const auto same = std::ranges::find(profiles, profile->id, &Profile::id);
        if (same != profiles.end()) {
            m_problems.push_back(profile->source + ": " + same->source + " has the id \"" + profile->id +
                                 "\" too; choose another");
            continue;
        }
        profiles.push_back(std::move(*profile));
    }
    return profiles;
}

const Profile* Catalogue::find(std::string_view name) const {
    auto found = std::ranges::find(m_profiles, name, &Profile::id);
    if (found == m_profiles.end()) {
        found = std::ranges::find(m_profiles, name, &Profile::issuer);
    }
    return found == m_profiles.end() ? nullptr : &*found;
}

} // namespace keybearer::providers
