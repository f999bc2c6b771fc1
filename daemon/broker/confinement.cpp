#include "daemon/broker/confinement.h"

#include "daemon/locations/aws_profile.h"

#include <vector>

namespace keybearer::broker {
namespace {

using providers::Location;
using providers::LocationKind;

void allowAws(const Location& location, spawner::Allowed& allowed) {
    allowed.files.push_back(locations::awsCredentialsPath());
    allowed.files.push_back(locations::awsConfigPath());
    allowed.profiles.push_back(location.argument.empty() ? std::string(locations::kDefaultAwsProfile)
                                                         : location.argument);
}

void allowLocation(const Location& location, spawner::Allowed& allowed) {
    switch (location.kind) {
    case LocationKind::File: allowed.files.push_back(location.argument); break;
    case LocationKind::Command: allowed.commands.push_back(location.words); break;
    case LocationKind::AwsSdk: allowAws(location, allowed); break;
    default: break;
    }
}

} // namespace

std::vector<std::string> commandOfAwsProfile(const std::string& name) {
    // What is wrong with the files is told to whoever asks for the credential.
    const auto profile = locations::readAwsProfile(base::openHere(), name);
    return profile && *profile ? (*profile)->process : std::vector<std::string>();
}

spawner::Allowed allowedBy(const providers::Config& config, const providers::Catalogue& catalogue) {
    spawner::Allowed allowed;
    for (const providers::LocationList& list : config.locations) {
        for (const providers::Source& source : list.sources) {
            for (const Location& location : source) {
                allowLocation(location, allowed);
            }
        }
    }
    for (const providers::Profile& profile : catalogue.all()) {
        if (!profile.caFile.empty()) {
            allowed.files.push_back(profile.caFile);
        }
    }
    allowed.hidden = config.brokerVariables;
    return allowed;
}

} // namespace keybearer::broker
