#include "daemon/audit/head.h"

#include "daemon/crypto/crypto.h"

#include <algorithm>
#include <charconv>

namespace keybearer::audit {
namespace {

constexpr std::string_view kHeadBegin = R"({"format":"keybearer-audit-head","version":1,"file":")";
constexpr std::string_view kHeadCount = R"(","count":)";
constexpr std::string_view kHeadHash = R"(,"hash":")";
constexpr std::string_view kHeadMac = R"(","mac":")";
constexpr std::string_view kHeadEnd = "\"}\n";
constexpr std::size_t kNameDigits = 16;

std::string hexOf(std::string_view bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(kDigits[byte >> 4U]);
        out.push_back(kDigits[byte & 15U]);
    }
    return out;
}

std::string macOf(const SealKey& key, const Mark& mark) {
    return hexOf(crypto::hmacSha256(*key.key, "keybearer-audit-head 1\n" + key.file + "\n" +
                                                  std::to_string(mark.count) + "\n" + mark.hash + "\n"));
}

std::string headFile(const Head& head) {
    std::string out(kHeadBegin);
    out.append(head.file).append(kHeadCount).append(std::to_string(head.mark.count));
    return out.append(kHeadHash).append(head.mark.hash).append(kHeadMac).append(head.mac).append(kHeadEnd);
}

/// The text up to `mark`, which is taken away with it; empty where there is no mark.
std::string_view upTo(std::string_view& text, std::string_view mark) {
    const std::size_t end = text.find(mark);
    const std::string_view found = text.substr(0, end == std::string_view::npos ? 0 : end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + mark.size());
    return found;
}

} // namespace

std::string fileName(std::string_view folder) {
    return crypto::sha256Hex("keybearer audit " + std::string(folder)).substr(0, kNameDigits);
}

std::string formatHead(const SealKey& key, const Mark& mark) {
    return headFile({key.file, mark, macOf(key, mark)});
}

std::optional<Head> parseHead(std::string_view text) {
    std::string_view rest = text;
    if (text.size() > kMaxHeadBytes || !rest.starts_with(kHeadBegin)) {
        return std::nullopt;
    }
    rest.remove_prefix(kHeadBegin.size());
    Head head;
    head.file = upTo(rest, kHeadCount);
    const std::string_view count = upTo(rest, kHeadHash);
    head.mark.hash = upTo(rest, kHeadMac);
    head.mac = upTo(rest, kHeadEnd);
    std::from_chars(count.data(), count.data() + count.size(), head.mark.count);
    const bool isName = head.file.size() == kNameDigits && std::ranges::all_of(head.file, [](char c) {
                            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                        });
    if (!isName || head.mark.count == 0 || !isHash(head.mark.hash) || !isHash(head.mac) || headFile(head) != text) {
        return std::nullopt;
    }
    return head;
}

bool isSealedBy(const Head& head, const SealKey& key) {
    return head.file == key.file && base::equalInConstantTime(head.mac, macOf(key, head.mark));
}

} // namespace keybearer::audit
