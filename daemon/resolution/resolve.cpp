#include "daemon/resolution/resolve.h"

#include <algorithm>

namespace keybearer::resolution {
namespace {

using providers::Field;
using providers::Profile;

const Offered* find(const Offer& offer, std::string_view field) {
    const auto found = std::ranges::find(offer.fields, field, &Offered::field);
    return found == offer.fields.end() ? nullptr : &*found;
}

bool isNeeded(const Profile& profile, const std::string& field) {
    return std::ranges::any_of(
        profile.needs, [&](const std::vector<std::string>& set) { return std::ranges::find(set, field) != set.end(); });
}

/// A part of the credential proper: no endpoint.
bool isCredential(const Profile& profile, const Field& field) {
    return field.secret || isNeeded(profile, field.name);
}

bool isWhole(const Profile& profile, const Offer& offer) {
    return std::ranges::any_of(profile.needs, [&](const std::vector<std::string>& set) {
        return std::ranges::all_of(set, [&](const std::string& field) { return find(offer, field) != nullptr; });
    });
}

bool hasSecret(const Profile& profile, const Offer& offer) {
    return std::ranges::any_of(profile.fields,
                               [&](const Field& field) { return field.secret && find(offer, field.name) != nullptr; });
}

/// The layer that the credential comes from; null when no layer has a secret.
const Offer* supplierOf(const Profile& profile, const std::vector<Offer>& offers) {
    const auto whole = std::ranges::find_if(offers, [&](const Offer& offer) { return isWhole(profile, offer); });
    if (whole != offers.end()) {
        return &*whole;
    }
    const auto part = std::ranges::find_if(offers, [&](const Offer& offer) { return hasSecret(profile, offer); });
    return part == offers.end() ? nullptr : &*part;
}

/// The strongest layer of all.
void chooseFreely(const Field& field, const std::vector<Offer>& offers, Plan& plan) {
    std::optional<Choice> choice;
    for (std::size_t i = 0; i < offers.size(); ++i) {
        const Offered* offered = find(offers[i], field.name);
        if (offered == nullptr) {
            continue;
        }
        if (choice) {
            choice->shadowed.push_back({offers[i].layer, offered->from});
        } else {
            choice = Choice{field.name, offers[i].layer, offered->from, i, {}};
        }
    }
    if (choice) {
        plan.choices.push_back(std::move(*choice));
    }
}

/// The supplier, and nobody else.
void chooseFrom(const Offer& supplier, const Field& field, const std::vector<Offer>& offers, bool isPart, Plan& plan) {
    const Offered* own = find(supplier, field.name);
    if (own != nullptr) {
        plan.choices.push_back(
            {field.name, supplier.layer, own->from, static_cast<std::size_t>(&supplier - offers.data()), {}});
    }
    bool isWeaker = false;
    for (const Offer& offer : offers) {
        const Offered* offered = find(offer, field.name);
        if (&offer == &supplier) {
            isWeaker = true;
        } else if (offered != nullptr && own != nullptr && isWeaker) {
            plan.choices.back().shadowed.push_back({offer.layer, offered->from});
        } else if (offered != nullptr) {
            plan.ignored.push_back(
                {field.name, offer.layer, offered->from, isPart && !isWeaker ? Why::Incomplete : Why::Elsewhere});
        }
    }
}

} // namespace

std::string_view toString(Layer layer) {
    return std::ranges::find(kLayers, layer, [](const auto& row) { return row.second; })->first;
}

std::optional<Layer> layerOf(std::string_view name) {
    const auto* const found = std::ranges::find(kLayers, name, [](const auto& row) { return row.first; });
    return found == kLayers.end() ? std::nullopt : std::optional(found->second);
}

bool isCallers(Layer layer) {
    return layer == Layer::Call || layer == Layer::Instance || layer == Layer::Environment;
}

Offer environmentOffer(Layer layer, const Profile& profile, const std::vector<std::string>& set) {
    Offer offer{layer, {}};
    for (const Field& field : profile.fields) {
        for (const auto* names : {&field.variables, &field.pathVariables}) {
            const auto name = std::ranges::find_first_of(*names, set);
            if (name != names->end() && find(offer, field.name) == nullptr) {
                offer.fields.push_back({field.name, *name});
            }
        }
    }
    return offer;
}

std::string_view toString(Why why) {
    switch (why) {
    case Why::Incomplete: return "incomplete";
    case Why::Elsewhere: return "secrets_come_from_elsewhere";
    }
    return {};
}

bool Plan::shadowsASecret(const Profile& profile) const {
    return std::ranges::any_of(choices, [&](const Choice& choice) {
        const Field* field = profile.field(choice.field);
        return field != nullptr && field->secret && !choice.shadowed.empty();
    });
}

Plan resolve(const Profile& profile, const std::vector<Offer>& offers) {
    Plan plan;
    const Offer* supplier = supplierOf(profile, offers);
    for (const Field& field : profile.fields) {
        const bool isPart = isCredential(profile, field);
        const std::size_t before = plan.choices.size();
        if (supplier != nullptr && (isPart || field.endpoint)) {
            chooseFrom(*supplier, field, offers, isPart, plan);
        } else {
            chooseFreely(field, offers, plan);
        }
        if (plan.choices.size() == before && !field.defaultValue.empty()) {
            plan.choices.push_back({field.name, Layer::Default, {}, 0, {}});
        }
    }
    const bool nothingNeeded =
        profile.needs.empty() ||
        (supplier == nullptr && std::ranges::find(offers, Layer::None, &Offer::layer) != offers.end());
    plan.complete = nothingNeeded || (supplier != nullptr && isWhole(profile, *supplier));
    return plan;
}

} // namespace keybearer::resolution
