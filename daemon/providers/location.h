#pragma once
/// \file
/// Places that config.toml names for a provider's credential, instead of the usual chain of layers. Pure.

#include "ipc/base/result.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace keybearer::providers {

enum class LocationKind {
    Call,              ///< what was given with this one request
    Instance,          ///< what the caller's client was made with
    Environment,       ///< the catalogue's variables where the caller runs
    Store,             ///< the tenant's vault
    Shared,            ///< the shared namespace of the vault
    BrokerEnvironment, ///< variables of the broker that config.toml lets it give out
    Dynamic,           ///< a value that the caller gives with the request under a name of its own
    Env,               ///< one variable where the caller runs
    PathFromEnv,       ///< a variable there that holds the path of a file, which the caller reads
    OAuth,             ///< the access token of an account
    File,              ///< a file, read by the broker
    Command,           ///< a program's output, run by the broker
    AwsSdk,            ///< a profile of the AWS files, as AWS's own tools read them
    None,              ///< nothing is needed
};

/// What an argument must look like.
enum class ArgumentRule { Nothing, Name, Variable, Account, Path, Command, Profile };

struct LocationRow {
    std::string_view name;
    LocationKind kind;
    ArgumentRule argument;
    bool fillsAField; ///< it is one value; the others bring several fields by their names
};
inline constexpr std::array<LocationRow, 14> kLocations{{
    {"call", LocationKind::Call, ArgumentRule::Nothing, false},
    {"instance", LocationKind::Instance, ArgumentRule::Nothing, false},
    {"environment", LocationKind::Environment, ArgumentRule::Nothing, false},
    {"store", LocationKind::Store, ArgumentRule::Nothing, false},
    {"shared", LocationKind::Shared, ArgumentRule::Nothing, false},
    {"broker_environment", LocationKind::BrokerEnvironment, ArgumentRule::Nothing, false},
    {"dynamic", LocationKind::Dynamic, ArgumentRule::Name, true},
    {"env", LocationKind::Env, ArgumentRule::Variable, true},
    {"path_from_env", LocationKind::PathFromEnv, ArgumentRule::Variable, true},
    {"oauth", LocationKind::OAuth, ArgumentRule::Account, true},
    {"file", LocationKind::File, ArgumentRule::Path, true},
    {"command", LocationKind::Command, ArgumentRule::Command, true},
    {"aws_sdk", LocationKind::AwsSdk, ArgumentRule::Profile, false},
    {"none", LocationKind::None, ArgumentRule::Nothing, false},
}};
[[nodiscard]] const LocationRow& rowOf(LocationKind kind);

struct Location {
    LocationKind kind = LocationKind::Store;
    std::string field; ///< as it was written; empty: the provider's main field
    std::string argument;
    /// The words of a Command: the program, by absolute path or a name on the broker's PATH, and its arguments.
    std::vector<std::string> words;
};

/// One element of a list: a place, or several of one kind that make up a credential together.
using Source = std::vector<Location>;

/// `[locations] openai = ["env::MY_KEY", "store::"]`
struct LocationList {
    std::string provider; ///< as it was written
    std::string name;     ///< which key of the provider, "openai/work" as it was written; empty: the default one
    std::string place;    ///< "config.toml:3:1", for sentences about it
    std::vector<Source> sources;
};

/// "[FIELD=]KIND::[ARGUMENT]". The error is a sentence without the argument. Pure, fuzzed with config.toml.
[[nodiscard]] base::Result<Location, std::string> parseLocation(std::string_view text);

/// The words of a command line: separated by spaces, "..." and '...' keep what is between them, \ keeps the next
/// character except within '...'. There is no shell: nothing else means anything. The error is a sentence.
[[nodiscard]] base::Result<std::vector<std::string>, std::string> splitWords(std::string_view text);

} // namespace keybearer::providers
