/// \file
/// Any bytes as AWS's files and as what a credential_process prints. Besides not crashing: no error quotes what it was
/// given, and what is accepted is whole.

#include "daemon/locations/aws_files.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer::locations;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const std::size_t middle = std::min(text.find('\f'), text.size());
    const auto profile =
        findAwsProfile(text.substr(0, middle), text.substr(std::min(middle + 1, text.size())), kDefaultAwsProfile);
    if (!profile) {
        require(profile.error().starts_with("the AWS c") && profile.error().size() < 100);
    } else if (*profile && !(*profile)->process.empty()) {
        require(!(*profile)->accessKeyId && !(*profile)->secretAccessKey);
    }
    if (const auto printed = parseAwsProcessOutput(text)) {
        require(!printed->accessKeyId->empty() && !printed->secretAccessKey->empty());
    }
    return 0;
}
