#include "daemon/access/client_words.h"

#include <charconv>

namespace keybearer::access {
namespace {

constexpr std::size_t kFixedWords = 9;
constexpr std::size_t kMaxClientAncestors = 64;

std::optional<std::int32_t> numberFrom(const std::string& word) {
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size() || std::to_string(number) != word) {
        return std::nullopt;
    }
    return number;
}

std::optional<bool> flagFrom(char letter) {
    return letter == '1' ? std::optional(true) : letter == '0' ? std::optional(false) : std::nullopt;
}

} // namespace

std::vector<std::string> wordsOf(const Client& client) {
    std::string flags;
    for (const bool flag : {client.isRootOwned, client.isWeak, client.isFrontEnd, client.isOtherFrontEnd}) {
        flags += flag ? '1' : '0';
    }
    std::vector<std::string> words{"client",
                                   std::string(toString(client.kind)),
                                   client.name,
                                   client.path,
                                   client.digest,
                                   flags,
                                   client.session,
                                   client.problem,
                                   std::to_string(client.pid)};
    for (std::size_t i = 0; i < client.ancestors.size() && i < kMaxClientAncestors; ++i) {
        words.push_back(std::to_string(client.ancestors[i].pid));
        words.push_back(client.ancestors[i].name);
    }
    return words;
}

std::optional<Client> clientFromWords(const std::vector<std::string>& words) {
    if (words.size() < kFixedWords || (words.size() - kFixedWords) % 2 != 0 ||
        words.size() > kFixedWords + 2 * kMaxClientAncestors || words[0] != "client" || words[5].size() != 4) {
        return std::nullopt;
    }
    const ClientKind kind = clientKindOf(words[1]);
    const auto root = flagFrom(words[5][0]);
    const auto weak = flagFrom(words[5][1]);
    const auto front = flagFrom(words[5][2]);
    const auto other = flagFrom(words[5][3]);
    const auto pid = numberFrom(words[8]);
    if (toString(kind) != words[1] || !root || !weak || !front || !other || !pid) {
        return std::nullopt;
    }
    Client client{kind, *pid, words[2], words[3], words[4], *root, *weak, *front, *other, words[6], {}, words[7]};
    for (std::size_t i = kFixedWords; i < words.size(); i += 2) {
        const auto ancestor = numberFrom(words[i]);
        if (!ancestor) {
            return std::nullopt;
        }
        client.ancestors.push_back({*ancestor, words[i + 1]});
    }
    return client;
}

} // namespace keybearer::access
