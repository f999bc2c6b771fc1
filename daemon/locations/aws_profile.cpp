#include "daemon/locations/aws_profile.h"

#include "daemon/locations/secret_file.h"
#include "ipc/base/text.h"

#include <cstdlib>

namespace keybearer::locations {
namespace {

std::string awsPath(const char* variable, const char* below) {
    if (const char* path = std::getenv(variable); path != nullptr && *path == '/') {
        return path;
    }
    const char* home = std::getenv("HOME");
    return std::string(home == nullptr ? "" : home) + below;
}

} // namespace

std::string awsCredentialsPath() {
    return awsPath("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials");
}

std::string awsConfigPath() {
    return awsPath("AWS_CONFIG_FILE", "/.aws/config");
}

base::Result<std::optional<AwsProfile>, std::string> readAwsProfile(const base::FileOpener& open,
                                                                    const std::string& name) {
    const auto credentials = readSecretFile(open, awsCredentialsPath(), kMaxAwsFileBytes);
    const auto config = readSecretFile(open, awsConfigPath(), kMaxAwsFileBytes, Readers::Anybody);
    if (!credentials || !config) {
        return base::fail(!credentials ? credentials.error() : config.error());
    }
    const auto textOf = [](const std::optional<base::Secret>& file) {
        return file ? file->reveal() : std::string_view();
    };
    auto found = findAwsProfile(textOf(*credentials), textOf(*config), name);
    const bool hasKeys = found && *found && ((*found)->secretAccessKey || !(*found)->process.empty());
    if (found && *found && (*found)->needsAwsProgram && !hasKeys) {
        return base::fail("the AWS profile " + base::printable(name, 64) +
                          " is signed in by the aws program; give it a credential_process, such as: aws configure "
                          "export-credentials --profile " +
                          base::printable(name, 64));
    }
    return found;
}

} // namespace keybearer::locations
