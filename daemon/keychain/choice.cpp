#include "daemon/keychain/choice.h"

#include "ipc/base/private_file.h"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace keybearer::keychain {
namespace {

constexpr std::size_t kMaxBytes = 4096;

constexpr std::array<std::pair<Selection, const char*>, 3> kBackends{{
    {Selection::SecretService, "secret-service"},
    {Selection::FileSealed, "file-sealed"},
    {Selection::FilePlain, "file-plain"},
}};

std::optional<Choice> parse(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || json.size() != 3 || !json.contains("version") || !json.contains("backend") ||
        !json.contains("chosen_at") || json["version"] != 1 || !json["backend"].is_string() ||
        !json["chosen_at"].is_number_integer()) {
        return std::nullopt;
    }
    const auto backend = selectionOf(json["backend"].get_ref<const std::string&>());
    if (!backend) {
        return std::nullopt;
    }
    return Choice{*backend, json["chosen_at"].get<std::int64_t>()};
}

} // namespace

const char* nameOf(Selection selection) {
    for (const auto& [candidate, name] : kBackends) {
        if (candidate == selection) {
            return name;
        }
    }
    return "unset";
}

std::optional<Selection> selectionOf(std::string_view name) {
    for (const auto& [selection, candidate] : kBackends) {
        if (name == candidate) {
            return selection;
        }
    }
    return std::nullopt;
}

base::Result<std::optional<Choice>, std::string> readChoice(const std::string& path) {
    const auto contents = base::readPrivateFile(path, kMaxBytes);
    if (!contents) {
        return base::fail(contents.error());
    }
    if (!*contents) {
        return std::nullopt;
    }
    const auto choice = parse((*contents)->reveal());
    if (!choice) {
        return base::fail(path + " is damaged, so it is not known which keychain holds the secrets; put it back from a "
                                 "backup, or write it again as daemon/keychain/FORMAT.md says");
    }
    return choice;
}

base::Result<void, std::string> writeChoice(const std::string& path, const Choice& choice) {
    const std::string text = R"({"version":1,"backend":")" + std::string(nameOf(choice.backend)) + R"(","chosen_at":)" +
                             std::to_string(choice.chosenAt) + "}\n";
    return base::writePrivateFile(path, text);
}

} // namespace keybearer::keychain
