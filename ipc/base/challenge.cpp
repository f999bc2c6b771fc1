#include "ipc/base/challenge.h"

#include "ipc/base/ascii.h"
#include "ipc/base/text.h"

#include <algorithm>

namespace keybearer::base {
namespace {

/// tchar of RFC 9110 section 5.6.2.
bool isTokenChar(char c) {
    return isAlnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

class Reader {
public:
    explicit Reader(std::string_view text) : m_text(text) {}

    std::optional<std::vector<Challenge>> all() {
        std::vector<Challenge> challenges;
        for (skipSeparators(); !atEnd(); skipSeparators()) {
            if (challenges.size() == kMaxChallenges || !readChallenge(challenges.emplace_back())) {
                return std::nullopt;
            }
        }
        return challenges;
    }

private:
    [[nodiscard]] bool atEnd() const { return m_at == m_text.size(); }
    [[nodiscard]] bool isAt(char c) const { return !atEnd() && m_text[m_at] == c; }

    void skipBlanks() {
        while (isAt(' ') || isAt('\t')) {
            ++m_at;
        }
    }
    void skipSeparators() {
        for (skipBlanks(); isAt(','); skipBlanks()) {
            ++m_at;
        }
    }

    std::string_view take(bool (*wanted)(char)) {
        const std::size_t begin = m_at;
        while (!atEnd() && wanted(m_text[m_at])) {
            ++m_at;
        }
        return m_text.substr(begin, m_at - begin);
    }

    /// A scheme, then either parameters or a token68 (which nobody here has a use for).
    bool readChallenge(Challenge& challenge) {
        challenge.scheme = asciiLower(take(isTokenChar));
        if (challenge.scheme.empty() || (!atEnd() && !isAt(' ') && !isAt(','))) {
            return false;
        }
        skipBlanks();
        if (isToken68Ahead()) {
            take([](char c) { return c != ','; });
            return true;
        }
        // A word behind a comma is the next parameter with a '=' behind it, else the next challenge.
        while (isParameterAhead()) {
            if (challenge.parameters.size() == kMaxChallengeParameters || !readParameter(challenge)) {
                return false;
            }
            skipBlanks();
            if (!atEnd() && !isAt(',')) {
                return false;
            }
            const std::size_t comma = m_at;
            skipSeparators();
            if (!isParameterAhead()) {
                m_at = comma;
                return true;
            }
        }
        return atEnd() || isAt(',');
    }

    [[nodiscard]] bool isParameterAhead() const {
        const std::size_t equals = m_text.find_first_not_of(" \t", endOfToken());
        return endOfToken() > m_at && equals != std::string_view::npos && m_text[equals] == '=';
    }
    [[nodiscard]] bool isToken68Ahead() const {
        std::size_t end = m_at;
        while (end < m_text.size() &&
               (isAlnum(m_text[end]) || std::string_view("-._~+/").find(m_text[end]) != std::string_view::npos)) {
            ++end;
        }
        const std::size_t word = end;
        while (end < m_text.size() && m_text[end] == '=') {
            ++end;
        }
        // "abc" and "abc==" are one; "abc=def" is a parameter.
        const std::size_t next = m_text.find_first_not_of(" \t", end);
        return word > m_at && (next == std::string_view::npos || m_text[next] == ',');
    }
    [[nodiscard]] std::size_t endOfToken() const {
        std::size_t end = m_at;
        while (end < m_text.size() && isTokenChar(m_text[end])) {
            ++end;
        }
        return end;
    }

    bool readParameter(Challenge& challenge) {
        std::string name = asciiLower(take(isTokenChar));
        skipBlanks();
        ++m_at; // '=', by isParameterAhead()
        skipBlanks();
        auto value = isAt('"') ? readQuoted() : readBare();
        if (!value || challenge.parameter(name) != nullptr) {
            return false;
        }
        challenge.parameters.emplace_back(std::move(name), std::move(*value));
        return true;
    }

    std::optional<std::string> readBare() {
        const auto value = take([](char c) { return isVisible(c) && c != ',' && c != '"'; });
        return value.empty() ? std::nullopt : std::optional<std::string>(value);
    }

    std::optional<std::string> readQuoted() {
        std::string value;
        for (++m_at; !atEnd(); ++m_at) {
            if (isAt('"')) {
                ++m_at;
                return value;
            }
            if (isAt('\\')) {
                ++m_at;
            }
            if (atEnd() || (!isVisible(m_text[m_at]) && m_text[m_at] != ' ')) {
                return std::nullopt;
            }
            value += m_text[m_at];
        }
        return std::nullopt;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
};

} // namespace

const std::string* Challenge::parameter(std::string_view name) const {
    const auto found =
        std::find_if(parameters.begin(), parameters.end(), [name](const auto& one) { return one.first == name; });
    return found == parameters.end() ? nullptr : &found->second;
}

std::optional<std::vector<Challenge>> parseChallenges(std::string_view header) {
    return header.size() > kMaxChallengeHeader ? std::nullopt : Reader(header).all();
}

std::optional<Challenge> findChallenge(std::string_view header, std::string_view scheme) {
    auto all = parseChallenges(header);
    if (!all) {
        return std::nullopt;
    }
    const auto found =
        std::find_if(all->begin(), all->end(), [scheme](const Challenge& one) { return one.scheme == scheme; });
    return found == all->end() ? std::nullopt : std::optional<Challenge>(std::move(*found));
}

std::optional<Challenge> findTokenChallenge(std::string_view header, std::string_view parameter) {
    const auto all = parseChallenges(header).value_or(std::vector<Challenge>());
    for (const std::string_view scheme : {"dpop", "bearer"}) {
        const auto found = std::find_if(all.begin(), all.end(), [&](const Challenge& one) {
            return one.scheme == scheme && one.parameter(parameter) != nullptr;
        });
        if (found != all.end()) {
            return *found;
        }
    }
    return std::nullopt;
}

bool wantsBoundTokens(std::string_view header) {
    return findChallenge(header, "dpop") && !findChallenge(header, "bearer");
}

} // namespace keybearer::base
