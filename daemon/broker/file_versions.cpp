#include "daemon/broker/file_versions.h"

#include "ipc/base/private_file.h"
#include "ipc/protocol/strict_json.h"

#include <array>

namespace keybearer::broker {
namespace {

constexpr std::size_t kMaxVersionedBytes = 8U << 20;
constexpr int kMaxVersionedDepth = 16; ///< a later version may have more than ours

struct VersionedFile {
    std::string base::Paths::*folder;
    const char* name;
    int version; ///< the newest that this broker knows
};

/// Those that are written anew as a whole, so that what an older broker does not know would be lost. The vault's files
/// and keychain.json, which hold secrets, are refused by those who read them.
constexpr std::array kVersionedFiles{
    VersionedFile{&base::Paths::data, "accounts.json", 1},
    VersionedFile{&base::Paths::data, "bindings.json", 1},
    VersionedFile{&base::Paths::data, "client_keys.json", 1},
    VersionedFile{&base::Paths::data, "grants.json", 1},
    VersionedFile{&base::Paths::data, "keychain-choice.json", 1},
    VersionedFile{&base::Paths::data, "observations.json", 1},
    VersionedFile{&base::Paths::data, "policy.json", 1},
    VersionedFile{&base::Paths::data, "refresh-journal.json", 1},
    VersionedFile{&base::Paths::data, "settings.json", 1},
    VersionedFile{&base::Paths::state, "audit.head", 1},
};

} // namespace

base::Result<void, std::string> refuseNewerFiles(const base::Paths& paths) {
    for (const VersionedFile& file : kVersionedFiles) {
        const std::string path = paths.*file.folder + "/" + file.name;
        const auto text = base::readPrivateFile(path, kMaxVersionedBytes);
        if (!text || !*text) {
            continue;
        }
        const auto document = protocol::parseStrictJson((*text)->reveal(), kMaxVersionedDepth);
        if (!document || !document->is_object()) {
            continue;
        }
        const auto version = document->find("version");
        if (version != document->end() && version->is_number_unsigned() &&
            version->get<std::uint64_t>() > static_cast<std::uint64_t>(file.version)) {
            return base::fail(path + " is of version " + version->dump() + ", and this Keybearer knows version " +
                              std::to_string(file.version) +
                              ": a newer Keybearer has written it. Install that one again; nothing was changed");
        }
    }
    return {};
}

} // namespace keybearer::broker
