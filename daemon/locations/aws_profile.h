#pragma once
/// \file
/// AWS's files where this user has them.

#include "daemon/locations/aws_files.h"
#include "ipc/base/file_opener.h"

#include <array>
#include <optional>
#include <string>

namespace keybearer::locations {

/// Absolute paths, by AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE or below the home folder.
[[nodiscard]] std::string awsCredentialsPath();
[[nodiscard]] std::string awsConfigPath();

/// The profile as the two files have it now; nullopt when there is none of that name. The error is a sentence. Reads at
/// once, through `open`.
[[nodiscard]] base::Result<std::optional<AwsProfile>, std::string> readAwsProfile(const base::FileOpener& open,
                                                                                  const std::string& name);

} // namespace keybearer::locations
