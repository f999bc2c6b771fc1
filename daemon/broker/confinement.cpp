#include "daemon/broker/confinement.h"

#include "daemon/locations/aws_profile.h"

#include <QLibraryInfo>

#include <link.h>

#include <cstdlib>
#include <memory>
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

/// Of the libraries that are loaded: a library that one of them loads later lies beside it.
int addFolder(dl_phdr_info* library, std::size_t, void* list) {
    const std::string path = library->dlpi_name;
    if (path.starts_with('/')) {
        static_cast<std::vector<std::string>*>(list)->push_back(path.substr(0, path.rfind('/')));
    }
    return 0;
}

/// The folder of what a path leads to: resolv.conf is a link to what is written anew with each network.
std::string folderBehind(const char* path) {
    const std::unique_ptr<char, void (*)(void*)> real(::realpath(path, nullptr), &std::free);
    const std::string target = real ? real.get() : "";
    return target.substr(0, target.rfind('/'));
}

} // namespace

std::vector<std::string> commandOfAwsProfile(const std::string& name) {
    // What is wrong with the files is told to whoever asks for the credential.
    const auto profile = locations::readAwsProfile(base::openHere(), name);
    return profile && *profile ? (*profile)->process : std::vector<std::string>();
}

platform::FileAccess accessOf(const base::Paths& paths) {
    platform::FileAccess access;
    // Libraries and their configuration, certificates, name resolution, users, time zones; who calls.
    access.readable = {"/usr",
                       "/lib",
                       "/lib32",
                       "/lib64",
                       "/etc",
                       "/proc",
                       "/nix/store",
                       "/gnu/store",
                       "/var/lib/sss",
                       "/var/lib/ca-certificates",
                       "/run/systemd/resolve",
                       "/run/nscd",
                       "/sys/devices/system/cpu",
                       "/dev/urandom",
                       "/dev/random",
                       "/dev/zero"};
    for (const char* path : {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/localtime",
                             "/etc/ssl/certs/ca-certificates.crt"}) {
        if (const std::string folder = folderBehind(path); !folder.empty()) {
            access.readable.push_back(folder);
        }
    }
    access.readable.push_back(QLibraryInfo::path(QLibraryInfo::PluginsPath).toStdString());
    ::dl_iterate_phdr(addFolder, &access.readable);
    access.readable.push_back(paths.config);
    access.writable = {paths.data, paths.state, paths.runtimeDir, "/dev/null"};
    return access;
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
