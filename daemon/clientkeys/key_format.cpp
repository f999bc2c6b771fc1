#include "daemon/clientkeys/key_format.h"

#include "daemon/crypto/crypto.h"
#include "ipc/base/ascii.h"

#include <algorithm>
#include <array>
#include <utility>

namespace keybearer::clientkeys {
namespace {

/// In the order of their bytes, so that texts of one length compare as the numbers that they are.
constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kHeadLength = 8;
constexpr std::size_t kBodyLength = 43;
constexpr std::size_t kChecksumLength = 6;
static_assert(kHeadLength + kBodyLength + kChecksumLength == kKeyLength);
/// 2^256 - 1.
constexpr std::string_view kLargestBody = "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1";

constexpr std::array<std::pair<KeyKind, std::string_view>, 2> kHeads{
    {{KeyKind::Live, "kb_live_"}, {KeyKind::Test, "kb_test_"}}};

constexpr std::array<std::pair<KeyKind, std::string_view>, 2> kKindNames{
    {{KeyKind::Live, "live"}, {KeyKind::Test, "test"}}};

/// `out` becomes the number in base 62, with zeros before it.
void writeChecksum(std::string_view checked, std::span<unsigned char> out) {
    std::size_t rest = crc32(checked);
    for (std::size_t i = out.size(); i-- > 0; rest /= kDigits.size()) {
        out[i] = static_cast<unsigned char>(kDigits[rest % kDigits.size()]);
    }
}

/// The same for a number of 256 bits, by long division.
void writeBody(std::span<const unsigned char, kRandomBytes> random, std::span<unsigned char> out) {
    std::array<unsigned char, kRandomBytes> number;
    std::ranges::copy(random, number.begin());
    for (std::size_t i = out.size(); i-- > 0;) {
        unsigned rest = 0;
        for (unsigned char& digit : number) {
            const unsigned dividend = rest * 256U + digit;
            digit = static_cast<unsigned char>(dividend / kDigits.size());
            rest = static_cast<unsigned>(dividend % kDigits.size());
        }
        out[i] = static_cast<unsigned char>(kDigits[rest]);
    }
    base::wipe(number.data(), number.size());
}

} // namespace

std::string_view nameOf(KeyKind kind) {
    return std::ranges::find(kKindNames, kind, [](const auto& row) { return row.first; })->second;
}

std::optional<KeyKind> keyKindOf(std::string_view name) {
    const auto found = std::ranges::find(kKindNames, name, [](const auto& row) { return row.second; });
    return found == kKindNames.end() ? std::nullopt : std::optional(found->first);
}

std::uint32_t crc32(std::string_view data) noexcept {
    constexpr std::uint32_t kPolynomial = 0xEDB88320U; // of ISO 3309, its lowest bit first
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : data) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) {
            crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
        }
    }
    return ~crc;
}

base::Secret formatKey(KeyKind kind, std::span<const unsigned char, kRandomBytes> random) {
    base::Secret key = base::Secret::ofSize(kKeyLength);
    const std::span<unsigned char> bytes = key.mutableBytes();
    const auto head = std::ranges::find(kHeads, kind, [](const auto& row) { return row.first; });
    std::ranges::copy(head->second, bytes.begin());
    writeBody(random, bytes.subspan(kHeadLength, kBodyLength));
    writeChecksum(key.reveal().substr(0, kHeadLength + kBodyLength), bytes.last(kChecksumLength));
    return key;
}

base::Secret makeKey(KeyKind kind) {
    base::Secret random = base::Secret::ofSize(kRandomBytes);
    crypto::randomBytes(random.mutableBytes());
    return formatKey(kind, random.mutableBytes().first<kRandomBytes>());
}

base::Result<PresentedKey, std::string> parseKey(std::string_view text) {
    const auto head = std::ranges::find_if(kHeads, [&](const auto& row) { return text.starts_with(row.second); });
    if (head == kHeads.end()) {
        return base::fail(std::string("this is no client key: one begins with kb_live_ or kb_test_"));
    }
    if (text.size() != kKeyLength) {
        return base::fail(std::string("a client key has 57 characters; this one was cut, or something was added"));
    }
    const std::string_view body = text.substr(kHeadLength, kBodyLength);
    if (!std::ranges::all_of(text.substr(kHeadLength), base::isAlnum) || body > kLargestBody) {
        return base::fail(std::string("the client key holds what none has; it was mistyped"));
    }
    std::array<unsigned char, kChecksumLength> expected{};
    writeChecksum(text.substr(0, kHeadLength + kBodyLength), expected);
    if (!std::ranges::equal(expected, text.substr(kHeadLength + kBodyLength),
                            [](unsigned char a, char b) { return a == static_cast<unsigned char>(b); })) {
        return base::fail(std::string("the client key's checksum does not fit; it was mistyped"));
    }
    return PresentedKey{head->first, base::Secret(text)};
}

} // namespace keybearer::clientkeys
