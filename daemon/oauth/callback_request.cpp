#include "daemon/oauth/callback_request.h"

#include "ipc/base/text.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace keybearer::oauth {
namespace {

constexpr std::string_view kTokenPunctuation = "!#$%&'*+-.^_`|~";

bool isAlphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// RFC 9110 section 5.6.2
bool isToken(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return isAlphanumeric(c) || kTokenPunctuation.find(c) != std::string_view::npos;
    });
}

bool isVisible(char c) {
    return c > 0x20 && c < 0x7F;
}

/// RFC 6749 appendix A: VSCHAR
bool isVschar(char c) {
    return c >= 0x20 && c < 0x7F;
}

/// Field values may hold tabs and bytes above 0x7F, and no other control character (RFC 9110 section 5.5).
bool isFieldByte(char c) {
    return c == '\t' || static_cast<unsigned char>(c) >= 0x80 || isVschar(c);
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

CallbackRequest& bad(CallbackRequest& request, int status) {
    request.state = RequestState::Bad;
    request.status = status;
    return request;
}

/// 0, or the status that refuses the line.
int parseRequestLine(std::string_view line, CallbackRequest& request) {
    const auto first = line.find(' ');
    const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) {
        return 400;
    }
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, second - first - 1);
    const std::string_view version = line.substr(second + 1);
    if (!isToken(method) || target.empty() || !std::ranges::all_of(target, isVisible)) {
        return 400;
    }
    request.method = method;
    if (version != "HTTP/1.1") {
        const bool isVersion = version.size() == 8 && version.substr(0, 5) == "HTTP/" && version[6] == '.' &&
                               version[5] >= '0' && version[5] <= '9' && version[7] >= '0' && version[7] <= '9';
        return isVersion ? 505 : 400;
    }
    if (method != "GET") {
        return 405;
    }
    // The origin form only (RFC 9112 section 3.2): a request in absolute form carries a host of its own.
    if (target.front() != '/' || target.find('#') != std::string_view::npos) {
        return 400;
    }
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    request.query = question == std::string_view::npos ? std::string_view{} : target.substr(question + 1);
    return 0;
}

int parseField(std::string_view line, CallbackRequest& request) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon))) {
        return 400;
    }
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!std::ranges::all_of(value, isFieldByte)) {
        return 400;
    }
    if (request.fields.size() == kMaxHeaderFields) {
        return 431;
    }
    std::string name = base::asciiLower(line.substr(0, colon));
    // No body is ever read here, so a request that announces one is refused.
    if (name == "transfer-encoding" || (name == "content-length" && value != "0")) {
        return 400;
    }
    request.fields.push_back({std::move(name), std::string(value)});
    return 0;
}

/// Every value of the field, for the checks that allow one at most.
std::vector<std::string_view> valuesOf(const CallbackRequest& request, std::string_view name) {
    std::vector<std::string_view> values;
    for (const CallbackRequest::Field& field : request.fields) {
        if (field.name == name) {
            values.push_back(field.value);
        }
    }
    return values;
}

bool isOnly(const std::vector<std::string_view>& values, std::string_view wanted) {
    return values.size() == 1 && values.front() == wanted;
}

int hexValue(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// application/x-www-form-urlencoded (RFC 6749 appendix B), strict: nullopt for a broken escape.
std::optional<std::string> formDecoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out.push_back(text[i] == '+' ? ' ' : text[i]);
            continue;
        }
        const int high = i + 2 < text.size() ? hexValue(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hexValue(text[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return std::nullopt;
        }
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
    }
    return out;
}

/// The parameters of an authorization response; wiped when they go, because one of them is the code.
class Parameters {
public:
    Parameters() = default;
    Parameters(const Parameters&) = delete;
    Parameters& operator=(const Parameters&) = delete;
    ~Parameters() {
        for (auto& [name, value] : m_items) {
            base::wipe(value);
        }
    }

    /// Null, or what is wrong with the query.
    const char* parse(std::string_view query) {
        m_items.reserve(kMaxParameters);
        while (!query.empty()) {
            const auto end = std::min(query.find('&'), query.size());
            const std::string_view item = query.substr(0, end);
            query.remove_prefix(std::min(end + 1, query.size()));
            if (item.empty()) {
                continue;
            }
            if (m_items.size() == kMaxParameters) {
                return "too many parameters";
            }
            const auto equals = item.find('=');
            auto name = formDecoded(item.substr(0, equals));
            auto value = formDecoded(equals == std::string_view::npos ? std::string_view{} : item.substr(equals + 1));
            if (!name || !value) {
                return "a parameter is not encoded properly";
            }
            if (find(*name) != nullptr) {
                return "a parameter is repeated";
            }
            m_items.emplace_back(std::move(*name), std::move(*value));
        }
        return nullptr;
    }

    [[nodiscard]] const std::string* find(std::string_view name) const {
        const auto found = std::ranges::find(m_items, name, &std::pair<std::string, std::string>::first);
        return found == m_items.end() ? nullptr : &found->second;
    }

private:
    std::vector<std::pair<std::string, std::string>> m_items;
};

CallbackVerdict stray(int status, std::string_view reason) {
    CallbackVerdict verdict;
    verdict.status = status;
    verdict.reason = reason;
    return verdict;
}

/// The issuer is checked for errors too: an error of another server must not end up on this one's account.
bool isFromIssuer(const std::string* iss, const CallbackExpectation& expected) {
    return iss == nullptr ? !expected.issRequired : *iss == expected.issuer;
}

/// The parameters are well formed and `state` is right.
CallbackVerdict judgeProven(const Parameters& parameters, const CallbackExpectation& expected) {
    CallbackVerdict verdict;
    if (!isFromIssuer(parameters.find("iss"), expected)) {
        verdict.kind = CallbackVerdict::Kind::Reject;
        verdict.status = 400;
        verdict.reason = "the response comes from another issuer";
        return verdict;
    }
    verdict.status = 303;
    if (const std::string* error = parameters.find("error")) {
        verdict.kind = CallbackVerdict::Kind::Error;
        verdict.reason = "the server refuses";
        verdict.error = base::printable(*error);
        const std::string* description = parameters.find("error_description");
        // printable() marks a cut with three characters of its own.
        verdict.errorDescription = description != nullptr ? base::printable(*description, 197) : std::string();
        return verdict;
    }
    verdict.kind = CallbackVerdict::Kind::Code;
    verdict.reason = "the response is right";
    verdict.code = base::AuthorizationCode{base::Secret(*parameters.find("code"))};
    return verdict;
}

} // namespace

CallbackRequest parseCallbackRequest(std::string_view bytes) {
    CallbackRequest request;
    // The longest line that can still become a good one is the limit plus CR.
    const auto lineEnd = bytes.find('\n');
    if (std::min(lineEnd, bytes.size()) > kMaxRequestLine + 1) {
        return bad(request, 414);
    }
    if (lineEnd == std::string_view::npos) {
        return request;
    }
    if (lineEnd == 0 || bytes[lineEnd - 1] != '\r') {
        return bad(request, 400);
    }
    if (const int status = parseRequestLine(bytes.substr(0, lineEnd - 1), request); status != 0) {
        return bad(request, status);
    }

    const std::string_view head = bytes.substr(lineEnd + 1);
    for (std::size_t start = 0;;) {
        const auto end = head.find('\n', start);
        if (end == std::string_view::npos ? head.size() > kMaxHeaderBytes : end >= kMaxHeaderBytes) {
            return bad(request, 431);
        }
        if (end == std::string_view::npos) {
            return request;
        }
        if (end == start || head[end - 1] != '\r') {
            return bad(request, 400);
        }
        const std::string_view line = head.substr(start, end - 1 - start);
        if (line.empty()) {
            request.state = RequestState::Complete;
            return request;
        }
        if (const int status = parseField(line, request); status != 0) {
            return bad(request, status);
        }
        start = end + 1;
    }
}

std::optional<Refusal> refuseNavigation(const CallbackRequest& request, std::string_view authority) {
    const auto hosts = valuesOf(request, "host");
    if (hosts.size() != 1) {
        return Refusal{400, "Host is missing or repeated"};
    }
    if (hosts.front() != authority) {
        return Refusal{421, "Host names another server"};
    }
    if (!valuesOf(request, "origin").empty()) {
        return Refusal{403, "a page asks, not the person's browser"};
    }
    const bool tellsItsKind = std::ranges::any_of(
        request.fields, [](const CallbackRequest::Field& field) { return field.name.starts_with("sec-fetch-"); });
    if (tellsItsKind && !(isOnly(valuesOf(request, "sec-fetch-mode"), "navigate") &&
                          isOnly(valuesOf(request, "sec-fetch-dest"), "document"))) {
        return Refusal{403, "the browser loads this for a page, not as one"};
    }
    return std::nullopt;
}

CallbackVerdict judgeCallback(const CallbackRequest& request, const CallbackExpectation& expected) {
    if (request.state != RequestState::Complete) {
        return stray(400, "the request is not complete");
    }
    if (const auto refusal = refuseNavigation(request, expected.authority)) {
        return stray(refusal->status, refusal->reason);
    }
    if (!base::equalInConstantTime(request.path, expected.path)) {
        return stray(404, "another path");
    }
    Parameters parameters;
    if (const char* problem = parameters.parse(request.query)) {
        return stray(400, problem);
    }
    const std::string* state = parameters.find("state");
    const bool isProven = expected.provenByPath ? state == nullptr && expected.state.empty()
                                                : state != nullptr && !expected.state.empty() &&
                                                      base::equalInConstantTime(*state, expected.state);
    if (!isProven) {
        return stray(400, "state is missing or wrong");
    }
    for (const char* name : {"code", "error", "iss"}) {
        if (const std::string* value = parameters.find(name);
            value != nullptr && (value->empty() || !std::ranges::all_of(*value, isVschar))) {
            return stray(400, "a parameter is empty or holds forbidden characters");
        }
    }
    if ((parameters.find("code") == nullptr) == (parameters.find("error") == nullptr)) {
        return stray(400, "the response needs either a code or an error");
    }
    return judgeProven(parameters, expected);
}

} // namespace keybearer::oauth
