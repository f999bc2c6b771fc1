#include "daemon/audit/audit_line.h"

#include "ipc/base/text.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace keybearer::audit {
namespace {

void appendMember(std::string& line, std::string_view name, std::string_view text, std::size_t limit) {
    line.append(",\"").append(name).append("\":");
    base::appendJsonString(line, text.substr(0, limit));
}

bool isHexDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// Takes a line apart from left to right. Each function gives false, or nothing, where the line is another.
class Scanner {
public:
    explicit Scanner(std::string_view text) : m_rest(text) {}

    bool take(char c) {
        if (m_rest.empty() || m_rest.front() != c) {
            return false;
        }
        m_rest.remove_prefix(1);
        return true;
    }
    [[nodiscard]] bool atString() const { return m_rest.starts_with('"'); }
    [[nodiscard]] std::string_view rest() const { return m_rest; }

    /// What stands between the quotes, still escaped; ASCII without controls, every escape a whole one.
    std::optional<std::string_view> string() {
        if (!take('"')) {
            return std::nullopt;
        }
        for (std::size_t i = 0; i < m_rest.size();) {
            const auto c = static_cast<unsigned char>(m_rest[i]);
            if (c == '"') {
                const std::string_view text = m_rest.substr(0, i);
                m_rest.remove_prefix(i + 1);
                return text;
            }
            const std::size_t length = c == '\\' ? escapeLength(m_rest.substr(i)) : c >= 0x20 && c < 0x7F ? 1 : 0;
            if (length == 0) {
                return std::nullopt;
            }
            i += length;
        }
        return std::nullopt;
    }

    /// As JSON writes it: no plus, no leading zero.
    template<class T>
    std::optional<T> integer() {
        T value = 0;
        const char* end = m_rest.data() + m_rest.size();
        const auto [stop, error] = std::from_chars(m_rest.data(), end, value);
        if (error != std::errc()) {
            return std::nullopt;
        }
        const auto length = static_cast<std::size_t>(stop - m_rest.data());
        const std::string_view digits = m_rest.substr(m_rest.front() == '-' ? 1 : 0, length);
        if (digits.front() == '0' && length > 1) {
            return std::nullopt;
        }
        m_rest.remove_prefix(length);
        return value;
    }

private:
    static std::size_t escapeLength(std::string_view text) {
        if (text.size() < 2) {
            return 0;
        }
        if (text[1] == 'u') {
            const bool whole = text.size() >= 6 && std::ranges::all_of(text.substr(2, 4), isHexDigit);
            return whole ? 6 : 0;
        }
        return std::string_view("\"\\/bfnrt").find(text[1]) == std::string_view::npos ? 0 : 2;
    }

    std::string_view m_rest;
};

/// The members that have been seen, so that none comes twice.
enum Seen : unsigned { kSequence = 0, kTime, kUid, kPid, kExe, kPrevious, kTexts };

/// Where a text goes, and its number among the members; nullptr for a name that is not known.
std::pair<std::string_view*, unsigned> textMember(Row& row, std::string_view name) {
    if (name == "prev") {
        return {&row.previousHash, kPrevious};
    }
    if (name == "exe") {
        return {&row.record.exe, kExe};
    }
    unsigned number = kTexts;
    for (const auto& [known, member] : kFirstTexts) {
        if (known == name) {
            return {&(row.record.*member), number};
        }
        ++number;
    }
    for (const auto& [known, member] : kOptionalTexts) {
        if (known == name) {
            return {&(row.record.*member), number};
        }
        ++number;
    }
    return {nullptr, 0};
}

bool readNumber(Scanner& scanner, std::string_view name, Row& row, unsigned& seen) {
    const auto into = [&](auto& member, unsigned number) {
        const auto value = scanner.integer<std::remove_reference_t<decltype(member)>>();
        if (!value || (seen & (1U << number)) != 0) {
            return false;
        }
        seen |= 1U << number;
        member = *value;
        return true;
    };
    if (name == "seq") {
        return into(row.sequence, kSequence);
    }
    if (name == "time") {
        return into(row.time, kTime);
    }
    if (name == "uid") {
        return into(row.record.uid, kUid);
    }
    if (name == "pid") {
        return into(row.record.pid, kPid);
    }
    return !textMember(row, name).first && scanner.integer<std::int64_t>().has_value();
}

bool readText(Scanner& scanner, std::string_view name, Row& row, unsigned& seen) {
    const auto text = scanner.string();
    const auto [member, number] = textMember(row, name);
    const bool isNumber = name == "seq" || name == "time" || name == "uid" || name == "pid";
    if (!text || isNumber || (member != nullptr && (seen & (1U << number)) != 0)) {
        return false;
    }
    if (member != nullptr) {
        seen |= 1U << number;
        *member = *text;
    }
    return true;
}

void appendUtf8(std::string& out, std::uint32_t point) {
    const auto byte = [&](std::uint32_t bits) { out.push_back(static_cast<char>(bits)); };
    if (point < 0x80) {
        byte(point);
    } else if (point < 0x800) {
        byte(0xC0U | (point >> 6U));
        byte(0x80U | (point & 0x3FU));
    } else if (point < 0x10000) {
        byte(0xE0U | (point >> 12U));
        byte(0x80U | ((point >> 6U) & 0x3FU));
        byte(0x80U | (point & 0x3FU));
    } else {
        byte(0xF0U | (point >> 18U));
        byte(0x80U | ((point >> 12U) & 0x3FU));
        byte(0x80U | ((point >> 6U) & 0x3FU));
        byte(0x80U | (point & 0x3FU));
    }
}

/// The UTF-16 unit of a \u escape at the beginning of the text; nullopt where none stands.
std::optional<std::uint32_t> unitAt(std::string_view text) {
    std::uint32_t unit = 0;
    if (!text.starts_with("\\u") || text.size() < 6) {
        return std::nullopt;
    }
    const auto [stop, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
    return error == std::errc() && stop == text.data() + 6 ? std::optional(unit) : std::nullopt;
}

/// Appends what the escape at the beginning of the text stands for, and gives its length.
std::size_t appendEscaped(std::string& out, std::string_view text) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    constexpr std::uint32_t kReplacement = 0xFFFD;
    const auto unit = unitAt(text);
    if (!unit) {
        const auto letter = text.size() < 2 ? std::string_view::npos : kLetters.find(text[1]);
        out.push_back(letter == std::string_view::npos ? '?' : kMeanings[letter]);
        return std::min<std::size_t>(text.size(), 2);
    }
    const bool isHigh = *unit >= 0xD800 && *unit <= 0xDBFF;
    const auto low = isHigh ? unitAt(text.substr(6)) : std::nullopt;
    if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
        appendUtf8(out, 0x10000 + ((*unit - 0xD800) << 10U) + (*low - 0xDC00));
        return 12;
    }
    appendUtf8(out, *unit >= 0xD800 && *unit <= 0xDFFF ? kReplacement : *unit);
    return 6;
}

} // namespace

std::string firstHash() {
    return std::string(64, '0');
}

bool isHash(std::string_view text) {
    return text.size() == 64 &&
           std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

void appendLine(std::string& line, const Record& record, std::uint64_t sequence, std::int64_t utcSeconds,
                std::string_view previousHash) {
    // By hand: every release of a token waits for this line, and a JSON tree for it took a seventh of the broker's
    // time.
    line.append("{\"seq\":").append(std::to_string(sequence));
    line.append(",\"time\":").append(std::to_string(utcSeconds));
    for (const auto& [name, member] : kFirstTexts) {
        appendMember(line, name, record.*member, kMaxFieldBytes);
    }
    line.append(",\"uid\":").append(std::to_string(record.uid));
    line.append(",\"pid\":").append(std::to_string(record.pid));
    appendMember(line, "exe", record.exe, kMaxFieldBytes);
    for (const auto& [name, member] : kOptionalTexts) {
        if (!(record.*member).empty()) {
            appendMember(line, name, record.*member, kMaxOptionalBytes);
        }
    }
    appendMember(line, "prev", previousHash, kMaxFieldBytes);
    line.push_back('}');
}

std::optional<Row> readLine(std::string_view line) {
    Scanner scanner(line);
    Row row;
    unsigned seen = 0;
    if (line.size() > kMaxLineBytes || !scanner.take('{')) {
        return std::nullopt;
    }
    do {
        const auto name = scanner.string();
        if (!name || !scanner.take(':')) {
            return std::nullopt;
        }
        if (!(scanner.atString() ? readText(scanner, *name, row, seen) : readNumber(scanner, *name, row, seen))) {
            return std::nullopt;
        }
    } while (scanner.take(','));
    constexpr unsigned kNeeded = (1U << kSequence) | (1U << kPrevious);
    if (!scanner.take('}') || !scanner.rest().empty() || (seen & kNeeded) != kNeeded || row.sequence == 0 ||
        row.time < -kMaxTime || row.time > kMaxTime) {
        return std::nullopt;
    }
    return row;
}

std::string unescaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const std::size_t plain = std::min(text.find('\\'), text.size());
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (!text.empty()) {
            text.remove_prefix(appendEscaped(out, text));
        }
    }
    return out;
}

std::string removedText(const Mark& mark) {
    return std::to_string(mark.count) + " " + mark.hash;
}

std::optional<Mark> parseRemoved(std::string_view text) {
    Scanner scanner(text);
    const auto count = scanner.integer<std::uint64_t>();
    if (!count || *count == 0 || !scanner.take(' ') || !isHash(scanner.rest())) {
        return std::nullopt;
    }
    return Mark{*count, std::string(scanner.rest())};
}

} // namespace keybearer::audit
