#include "daemon/locations/aws_files.h"

#include "daemon/providers/location.h"
#include "ipc/base/ascii.h"
#include "ipc/protocol/strict_json.h"

#include <algorithm>
#include <array>

namespace keybearer::locations {
namespace {

constexpr int kMaxJsonDepth = 4;
constexpr std::size_t kMaxKeyBytes = 16 * 1024;

std::string_view trimmed(std::string_view text) {
    const auto isBlank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
    while (!text.empty() && isBlank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && isBlank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) {
        return x == y || (base::isUpper(x) && x - 'A' + 'a' == y) || (base::isUpper(y) && y - 'A' + 'a' == x);
    });
}

/// " # a comment" behind a value.
std::string_view withoutComment(std::string_view value) {
    for (const std::string_view mark : {" #", " ;", "\t#", "\t;"}) {
        value = value.substr(0, value.find(mark));
    }
    return trimmed(value);
}

void take(std::optional<base::Secret>& into, std::string_view value) {
    if (!into && !value.empty()) {
        into.emplace(value);
    }
}

void readKey(std::string_view key, std::string_view value, AwsProfile& profile) {
    constexpr std::array<std::string_view, 5> kOthersWork{"role_arn", "sso_session", "sso_start_url",
                                                          "web_identity_token_file", "login_session"};
    if (equalsIgnoringCase(key, "aws_access_key_id")) {
        take(profile.accessKeyId, value);
    } else if (equalsIgnoringCase(key, "aws_secret_access_key")) {
        take(profile.secretAccessKey, value);
    } else if (equalsIgnoringCase(key, "aws_session_token")) {
        take(profile.sessionToken, value);
    } else if (equalsIgnoringCase(key, "region") && profile.region.empty()) {
        profile.region = value;
    } else if (equalsIgnoringCase(key, "credential_process") && profile.process.empty()) {
        profile.process = providers::splitWords(value).value_or(std::vector<std::string>());
    } else if (std::ranges::any_of(kOthersWork, [&](auto one) { return equalsIgnoringCase(key, one); })) {
        profile.needsAwsProgram = true;
    }
}

/// `[NAME]`, and in the config file `[profile NAME]`, too.
std::string_view profileOf(std::string_view header, bool isConfig) {
    std::string_view name = trimmed(header);
    constexpr std::string_view kWord = "profile";
    if (isConfig && name.starts_with(kWord) && name.size() > kWord.size() && !base::isAlnum(name[kWord.size()])) {
        return trimmed(name.substr(kWord.size()));
    }
    return !isConfig || name == kDefaultAwsProfile ? name : std::string_view();
}

base::Result<bool, std::string> readFile(std::string_view text, bool isConfig, std::string_view wanted,
                                         AwsProfile& profile) {
    const std::string name = isConfig ? "the AWS config file" : "the AWS credentials file";
    bool isFound = false;
    bool isInside = false;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view raw = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::string_view line = trimmed(raw);
        if (line.empty() || line.front() == '#' || line.front() == ';') {
            continue;
        }
        if (raw.front() == ' ' || raw.front() == '\t') {
            continue; // a value of several lines, as `s3 =` has; none of ours
        }
        const std::size_t equals = line.find('=');
        if (line.front() == '[') {
            const std::size_t close = line.find(']');
            if (close == std::string_view::npos) {
                return base::fail(name + ", line " + std::to_string(number) + ": a ] is missing");
            }
            isInside = !wanted.empty() && profileOf(line.substr(1, close - 1), isConfig) == wanted;
            isFound = isFound || isInside;
        } else if (equals == std::string_view::npos) {
            return base::fail(name + ", line " + std::to_string(number) + ": is neither [NAME] nor KEY = VALUE");
        } else if (isInside) {
            readKey(trimmed(line.substr(0, equals)), withoutComment(trimmed(line.substr(equals + 1))), profile);
        }
    }
    return isFound;
}

} // namespace

base::Result<std::optional<AwsProfile>, std::string>
findAwsProfile(std::string_view credentialsFile, std::string_view configFile, std::string_view profile) {
    AwsProfile found;
    const auto inCredentials = readFile(credentialsFile, false, profile, found);
    const auto inConfig = readFile(configFile, true, profile, found);
    if (!inCredentials || !inConfig) {
        return base::fail(!inCredentials ? inCredentials.error() : inConfig.error());
    }
    if (!*inCredentials && !*inConfig) {
        return std::nullopt;
    }
    if (found.accessKeyId || found.secretAccessKey) {
        found.process.clear(); // as AWS's own tools: what stands in the file comes before the program
    } else if (!found.process.empty()) {
        found.sessionToken.reset(); // it belongs to other keys than the program's
    }
    return std::optional(std::move(found));
}

base::Result<AwsProfile, std::string> parseAwsProcessOutput(std::string_view output) {
    auto parsed = protocol::parseStrictJson(output, kMaxJsonDepth);
    const auto text = [&](const char* member) -> std::string* {
        const auto found = parsed->find(member);
        return found == parsed->end() ? nullptr : found->get_ptr<std::string*>();
    };
    if (!parsed || !parsed->is_object() || parsed->value("Version", nlohmann::json()) != 1) {
        return base::fail(std::string("its credential_process does not print what AWS describes"));
    }
    AwsProfile profile;
    const std::array<std::pair<const char*, std::optional<base::Secret>*>, 3> members{
        {{"AccessKeyId", &profile.accessKeyId},
         {"SecretAccessKey", &profile.secretAccessKey},
         {"SessionToken", &profile.sessionToken}}};
    for (const auto& [member, into] : members) {
        std::string* value = text(member);
        if (value != nullptr && !value->empty() && value->size() <= kMaxKeyBytes) {
            *into = base::Secret::absorb(std::move(*value));
        }
    }
    if (!profile.accessKeyId || !profile.secretAccessKey) {
        return base::fail(std::string("its credential_process prints no AccessKeyId and SecretAccessKey"));
    }
    return profile;
}

} // namespace keybearer::locations
