// How grants rest on the disk: grants.json.

#include "daemon/access/grant.h"
#include "ipc/protocol/strict_json.h"

#include <algorithm>

namespace keybearer::access {
namespace {

using nlohmann::json;

constexpr int kGrantsVersion = 1;
constexpr int kMaxGrantsDepth = 5;
constexpr std::size_t kMaxGrantText = 4096;
constexpr std::size_t kMaxGrantWords = 100;
constexpr std::size_t kDigestDigits = 64;

/// Reads members of one entry; remembers that one of them was not what it should be.
class EntryReader {
public:
    explicit EntryReader(const json& entry) : m_entry(entry) {}

    std::string text(const char* name) {
        const json& member = memberOf(name);
        if (!member.is_string() || member.get_ref<const std::string&>().size() > kMaxGrantText) {
            m_isGood = false;
            return {};
        }
        return member.get<std::string>();
    }

    std::int64_t number(const char* name) {
        const json& member = memberOf(name);
        if (!member.is_number_integer() || member.get<std::int64_t>() < -1) {
            m_isGood = false;
            return 0;
        }
        return member.get<std::int64_t>();
    }

    std::vector<std::string> words(const char* name) {
        const json& member = memberOf(name);
        std::vector<std::string> out;
        if (!member.is_array() || member.size() > kMaxGrantWords) {
            m_isGood = false;
            return out;
        }
        for (const json& word : member) {
            if (!word.is_string() || word.get_ref<const std::string&>().size() > kMaxGrantText) {
                m_isGood = false;
                return out;
            }
            out.push_back(word.get<std::string>());
        }
        return out;
    }

    bool flag(const char* name) {
        const json& member = memberOf(name);
        m_isGood = m_isGood && member.is_boolean();
        return member.is_boolean() && member.get<bool>();
    }

    [[nodiscard]] bool isGood() const noexcept { return m_isGood; }

private:
    const json& memberOf(const char* name) {
        static const json kNone;
        const auto found = m_entry.find(name);
        return found == m_entry.end() ? kNone : *found;
    }

    const json& m_entry;
    bool m_isGood = true;
};

bool isDigest(std::string_view text) {
    return text.empty() || (text.size() == kDigestDigits && std::ranges::all_of(text, [](char c) {
                                return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                            }));
}

std::optional<Grant> readGrant(const json& entry) {
    if (!entry.is_object()) {
        return std::nullopt;
    }
    EntryReader reader(entry);
    Grant grant;
    grant.id = reader.text("id");
    grant.kind = clientKindOf(reader.text("kind"));
    grant.path = reader.text("path");
    grant.digest = reader.text("sha256");
    grant.credential = reader.text("credential");
    grant.scopes = reader.words("scopes");
    grant.audience = reader.text("audience");
    grant.fields = reader.words("fields");
    grant.until = reader.number("until");
    grant.span = grant.until == 0 ? Span::Always : Span::Until;
    grant.perMinute = reader.number("per_minute");
    grant.reason = reader.text("reason");
    grant.createdBy = reader.text("created_by");
    grant.createdAt = reader.number("created_at");
    grant.lastUsedAt = reader.number("last_used_at");
    grant.uses = reader.number("uses");
    grant.isAnnounced = reader.flag("announced");
    const bool isWhole = reader.isGood() && !grant.id.empty() && grant.kind != ClientKind::Unknown &&
                         !grant.path.empty() && isDigest(grant.digest) && isCredentialPattern(grant.credential) &&
                         grant.until >= 0 && grant.perMinute >= 0;
    return isWhole ? std::optional(std::move(grant)) : std::nullopt;
}

} // namespace

std::string formatGrants(const std::vector<Grant>& grants) {
    json list = json::array();
    for (const Grant& grant : grants) {
        list.push_back({{"id", grant.id},
                        {"kind", toString(grant.kind)},
                        {"path", grant.path},
                        {"sha256", grant.digest},
                        {"credential", grant.credential},
                        {"scopes", grant.scopes},
                        {"audience", grant.audience},
                        {"fields", grant.fields},
                        {"until", grant.until},
                        {"per_minute", grant.perMinute},
                        {"reason", grant.reason},
                        {"created_by", grant.createdBy},
                        {"created_at", grant.createdAt},
                        {"last_used_at", grant.lastUsedAt},
                        {"uses", grant.uses},
                        {"announced", grant.isAnnounced}});
    }
    return json{{"version", kGrantsVersion}, {"grants", std::move(list)}}.dump(1) + "\n";
}

base::Result<std::vector<Grant>, std::string> parseGrants(std::string_view text) {
    const auto document = protocol::parseStrictJson(text, kMaxGrantsDepth);
    if (!document || !document->is_object() || document->value("version", json()) != kGrantsVersion) {
        return base::fail(std::string("is not a list of grants of this version"));
    }
    const json list = document->value("grants", json());
    if (!list.is_array() || list.size() > kMaxGrants) {
        return base::fail(std::string("has no list of grants"));
    }
    std::vector<Grant> grants;
    for (const json& entry : list) {
        auto grant = readGrant(entry);
        if (!grant || std::ranges::find(grants, grant->id, &Grant::id) != grants.end()) {
            return base::fail(std::string("holds a grant that is not whole, or the same one twice"));
        }
        grants.push_back(std::move(*grant));
    }
    return grants;
}

} // namespace keybearer::access
