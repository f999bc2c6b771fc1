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
    catalogue.readAliases();
    return catalogue;
}

void Catalogue::readAliases() {
    for (const Profile& profile : m_profiles) {
        m_names.emplace(foldedName(profile.id), &profile - m_profiles.data());
    }
    for (const Profile& profile : m_profiles) {
        for (const std::string& alias : profile.aliases) {
            const auto [at, isNew] = m_names.emplace(foldedName(alias), &profile - m_profiles.data());
            if (!isNew && &m_profiles[static_cast<std::size_t>(at->second)] != &profile) {
                m_problems.push_back(profile.source + ": the alias \"" + alias + "\" means " +
                                     m_profiles[static_cast<std::size_t>(at->second)].id + " already; remove it");
            }
        }
    }
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
    if (const auto named = m_names.find(foldedName(name)); named != m_names.end()) {
        return &m_profiles[static_cast<std::size_t>(named->second)];
    }
    const auto found = std::ranges::find(m_profiles, name, &Profile::issuer);
    return found == m_profiles.end() || name.empty() ? nullptr : &*found;
}

std::vector<std::string> Catalogue::nearest(std::string_view name) const {
    std::vector<std::string> known;
    for (const Profile& profile : m_profiles) {
        known.push_back(profile.id);
        known.insert(known.end(), profile.aliases.begin(), profile.aliases.end());
    }
    return nearestNames(name, known);
}

const Profile* Catalogue::ownerOf(std::string_view value) const {
    const Profile* owner = nullptr;
    std::size_t longest = 0;
    for (const Profile& profile : m_profiles) {
        for (const Field& field : profile.fields) {
            for (const std::string& prefix : field.prefixes) {
                if (!value.starts_with(prefix) || prefix.size() < longest) {
                    continue;
                }
                const bool isShared = prefix.size() == longest && owner != &profile;
                owner = isShared ? nullptr : &profile;
                longest = prefix.size();
            }
        }
    }
    return owner;
}

} // namespace keybearer::providers
