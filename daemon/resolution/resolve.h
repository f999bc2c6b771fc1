#pragma once
/// \file
/// Which of several sources supplies which field of a provider's credential. Pure; the cases of tests/unit/tst_resolve
/// are its contract.

#include "daemon/providers/profile.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keybearer::resolution {

/// Where a value can come from, the strongest first. The first three are the caller's own: it says which fields it has
/// there, and keeps the values.
enum class Layer {
    Call,              ///< given with this one request
    Instance,          ///< given when the caller's client was made
    Environment,       ///< a variable of the caller's environment, from the catalogue's list
    Store,             ///< the tenant's vault
    Shared,            ///< what was put into the shared namespace on purpose
    BrokerEnvironment, ///< a variable of the broker's environment that config.toml names
    OAuth,             ///< an account's access token; this and the next four where config.toml names them
    File,              ///< a file that the broker reads
    Command,           ///< the output of a program that the broker runs
    AwsSdk,            ///< a profile of the AWS files
    None,              ///< it is configured that nothing is needed
    Default,           ///< the catalogue's default, for what is no secret
};

inline constexpr std::array<std::pair<std::string_view, Layer>, 12> kLayers{
    {{"call", Layer::Call},
     {"instance", Layer::Instance},
     {"environment", Layer::Environment},
     {"store", Layer::Store},
     {"shared", Layer::Shared},
     {"broker_environment", Layer::BrokerEnvironment},
     {"oauth", Layer::OAuth},
     {"file", Layer::File},
     {"command", Layer::Command},
     {"aws_sdk", Layer::AwsSdk},
     {"none", Layer::None},
     {"default", Layer::Default}}};
/// What is looked at for a provider without a list of its own.
inline constexpr std::array kChain{Layer::Call,  Layer::Instance, Layer::Environment,
                                   Layer::Store, Layer::Shared,   Layer::BrokerEnvironment};
[[nodiscard]] std::string_view toString(Layer layer);
[[nodiscard]] std::optional<Layer> layerOf(std::string_view name);
/// True for those whose values the broker never sees.
[[nodiscard]] bool isCallers(Layer layer);

/// A field that a layer has. `from` says where in the layer: a variable's name, "default/openai", ... Never a value.
struct Offered {
    std::string field;
    std::string from;
};

/// What one layer, or one place that config.toml names, has for the provider. Offers stand in the order of precedence.
/// One of Layer::None, without fields, says that without the others nothing is needed.
struct Offer {
    Layer layer;
    std::vector<Offered> fields;
};

/// What a set of environment variables has: of each field the first of its variables that is among `set`.
[[nodiscard]] Offer environmentOffer(Layer layer, const providers::Profile& profile,
                                     const std::vector<std::string>& set);

/// A place that has a field and was not taken.
struct Passed {
    Layer layer;
    std::string from;
};

/// A field and where it comes from.
struct Choice {
    std::string field;
    Layer layer;
    std::string from;
    std::size_t offer = 0;        ///< which of the offers; meaningless for Layer::Default
    std::vector<Passed> shadowed; ///< weaker places that have it, too
};

/// Why a stronger place that has a field was passed over.
enum class Why {
    Incomplete, ///< it has a part of a credential, and another layer a whole one
    Elsewhere,  ///< the field says where secrets go, or belongs to them, and they come from another layer
};
[[nodiscard]] std::string_view toString(Why why);

struct Ignored {
    std::string field;
    Layer layer;
    std::string from;
    Why why;
};

struct Plan {
    std::vector<Choice> choices; ///< in the order of the profile's fields
    std::vector<Ignored> ignored;
    /// One of the provider's needs is whole, or nothing is needed.
    bool complete = false;
    /// The weaker places that have secrets, too: what a person should know.
    [[nodiscard]] bool shadowsASecret(const providers::Profile& profile) const;
};

/// Field by field, the strongest layer wins, with one exception: what makes up the credential (its secrets, the fields
/// of the provider's needs, and the endpoints that secrets are sent to) comes from one layer, the strongest one that
/// has a whole credential. So nobody's endpoint ever gets somebody else's key, and half a key is never completed by
/// half of another. Layers that are not offered are not looked at: that is all there is to "only".
[[nodiscard]] Plan resolve(const providers::Profile& profile, const std::vector<Offer>& offers);

} // namespace keybearer::resolution
