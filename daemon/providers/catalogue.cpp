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

constexpr std::size_t kMaxExtended = 8;

/// One file, before it is read as a profile.
struct ProfileText {
    std::string shownName;
    std::string text;
    ProfileHead head;
};

base::Result<ProfileText, std::string> readText(const std::string& folder, const std::string& name) {
    const std::string shownName = lastSegment(folder) + "/" + base::printable(name);
    auto text = readTrustedFile(folder + "/" + name, shownName);
    if (!text) {
        return base::fail(text.error());
    }
    if (!*text) {
        return base::fail(shownName + ": has just been removed");
    }
    ProfileHead head = profileHead(**text);
    return ProfileText{shownName, std::move(**text), std::move(head)};
}

const ProfileText* findText(const std::vector<ProfileText>& texts, const std::string& id) {
    const auto found = std::ranges::find(texts, id, [](const ProfileText& one) { return one.head.id; });
    return found == texts.end() ? nullptr : &*found;
}

/// What a profile extends, the nearest first. One that extends its own id means the built-in one of that id.
base::Result<std::vector<std::string>, std::string>
extendedBy(const ProfileText& file, const std::vector<ProfileText>& builtIn, const std::vector<ProfileText>& own) {
    std::vector<const ProfileText*> seen{&file};
    std::vector<std::string> texts;
    std::string circle = file.head.id;
    while (!seen.back()->head.extends.empty()) {
        const ProfileText& last = *seen.back();
        const ProfileText* next = last.head.extends == last.head.id ? nullptr : findText(own, last.head.extends);
        next = next != nullptr ? next : findText(builtIn, last.head.extends);
        circle += " > " + last.head.extends;
        if (next == nullptr) {
            return base::fail(file.shownName + ": extends \"" + base::printable(last.head.extends, 64) +
                              "\", and there is no provider of that id");
        }
        if (std::ranges::find(seen, next) != seen.end() || seen.size() > kMaxExtended) {
            return base::fail(file.shownName + ": extends itself: " + base::printable(circle, 200));
        }
        seen.push_back(next);
        texts.push_back(next->text);
    }
    return texts;
}

std::vector<ProfileText> readTexts(const std::string& folder, std::vector<std::string>& problems) {
    std::vector<ProfileText> texts;
    const std::string folderName = lastSegment(folder);
    const auto names = listTrustedFolder(folder, folderName);
    if (!names) {
        problems.push_back(names.error());
        return texts;
    }
    std::size_t count = 0;
    for (const std::string& name : *names) {
        if (++count > kMaxConfigFiles) {
            problems.push_back(folderName + ": holds more than 200 files; those from " + base::printable(name) +
                               " on are left out");
            break;
        }
        auto text = readText(folder, name);
        if (text) {
            texts.push_back(std::move(*text));
        } else {
            problems.push_back(std::move(text.error()));
        }
    }
    return texts;
}

/// Those of one folder that can be read.
std::vector<Profile> readProfiles(const std::vector<ProfileText>& texts, const std::vector<ProfileText>& builtIn,
                                  const std::vector<ProfileText>& own, std::vector<std::string>& problems) {
    std::vector<Profile> profiles;
    for (const ProfileText& file : texts) {
        const auto extended = extendedBy(file, builtIn, own);
        auto profile = extended ? parseProfile(file.text, file.shownName, *extended)
                                : base::Result<Profile, std::string>(base::fail(extended.error()));
        if (!profile) {
            problems.push_back(std::move(profile.error()));
            continue;
        }
        const auto same = std::ranges::find(profiles, profile->id, &Profile::id);
        if (same != profiles.end()) {
            problems.push_back(profile->source + ": " + same->source + " has the id \"" + profile->id +
                               "\" too; choose another");
            continue;
        }
        profiles.push_back(std::move(*profile));
    }
    return profiles;
}

} // namespace

Catalogue Catalogue::load(const std::string& builtInFolder, const std::string& userFolder) {
    Catalogue catalogue;
    const std::vector<ProfileText> builtIn = readTexts(builtInFolder, catalogue.m_problems);
    const std::vector<ProfileText> own = readTexts(userFolder, catalogue.m_problems);
    catalogue.m_profiles = readProfiles(builtIn, builtIn, {}, catalogue.m_problems);
    for (Profile& profile : readProfiles(own, builtIn, own, catalogue.m_problems)) {
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
