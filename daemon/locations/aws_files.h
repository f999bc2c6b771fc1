#pragma once
/// \file
/// The credentials and config files of AWS's tools
/// (https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html). Pure, fuzzed.

#include "ipc/base/result.h"
#include "ipc/base/secret.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::locations {

inline constexpr std::size_t kMaxAwsFileBytes = 256 * 1024;

/// Which of them a location means when it names none.
inline constexpr std::string_view kDefaultAwsProfile = "default";

struct AwsProfile {
    std::optional<base::Secret> accessKeyId;
    std::optional<base::Secret> secretAccessKey;
    std::optional<base::Secret> sessionToken;
    std::string region;
    /// `credential_process`: a program that prints the keys; empty: there is none, or the keys stand in the file.
    std::vector<std::string> process;
    /// The keys are got by signing in or by taking a role, which is the aws program's work.
    bool needsAwsProgram = false;
};

/// What the two files say of a profile; what stands in the credentials file counts first. nullopt when neither knows
/// it. The error is a sentence with the line's number and nothing of its content.
[[nodiscard]] base::Result<std::optional<AwsProfile>, std::string>
findAwsProfile(std::string_view credentialsFile, std::string_view configFile, std::string_view profile);

/// What a `credential_process` prints: {"Version": 1, "AccessKeyId": ..., "SecretAccessKey": ..., "SessionToken": ...}.
[[nodiscard]] base::Result<AwsProfile, std::string> parseAwsProcessOutput(std::string_view output);

} // namespace keybearer::locations
