#include "daemon/access/key_scope.h"

#include "ipc/base/ascii.h"

#include <algorithm>

namespace keybearer::access {
namespace {

constexpr std::string_view kAccountHead = "account:";
constexpr std::string_view kKeyHead = "key:";
constexpr std::string_view kDefaultTenant = "key:default/";

/// A scope or an audience of OAuth (RFC 6749 section 3.3), or a field's name.
bool isLimit(std::string_view text) {
    return !text.empty() && text.size() <= kMaxScopeLimit && std::ranges::all_of(text, base::isVisible) &&
           text.find_first_of("\"\\") == std::string_view::npos;
}

/// The pattern in full; empty when it is none.
std::string patternOf(std::string_view text) {
    const bool isShort = text != "*" && text.find(':') == std::string_view::npos;
    std::string pattern = std::string(isShort ? kDefaultTenant : std::string_view()).append(text);
    return isCredentialPattern(pattern) ? pattern : std::string();
}

bool addTo(std::vector<std::string>& limits, std::string_view limit) {
    const bool isNew = limits.size() < kMaxScopeLimits && std::ranges::find(limits, limit) == limits.end();
    if (isNew) {
        limits.emplace_back(limit);
    }
    return isNew;
}

/// Adds "scope=email" and the like; false when it does not belong there.
bool addLimit(KeyScope& scope, std::string_view word) {
    const std::size_t equals = std::min(word.find('='), word.size());
    const std::string_view kind = word.substr(0, equals);
    const std::string_view limit = word.substr(std::min(equals + 1, word.size()));
    if (!isLimit(limit)) {
        return false;
    }
    const bool isAccounts = scope.credential.starts_with(kAccountHead);
    if (kind == "scope" && isAccounts) {
        return addTo(scope.scopes, limit);
    }
    if (kind == "audience" && isAccounts && scope.audience.empty()) {
        scope.audience = limit;
        return true;
    }
    return kind == "field" && scope.credential.starts_with(kKeyHead) && addTo(scope.fields, limit);
}

} // namespace

base::Result<KeyScope, std::string> parseScope(std::string_view text) {
    KeyScope scope;
    std::size_t space = std::min(text.find(' '), text.size());
    scope.credential = patternOf(text.substr(0, space));
    if (scope.credential.empty()) {
        return base::fail(std::string("a scope is account:NAME, PROVIDER/NAME or key:TENANT/PROVIDER/NAME, one of them "
                                      "with * for the name, or *"));
    }
    while (space < text.size()) {
        text.remove_prefix(space + 1);
        space = std::min(text.find(' '), text.size());
        if (!addLimit(scope, text.substr(0, space))) {
            return base::fail(
                std::string("behind an account may stand scope=SCOPE and one audience=AUDIENCE, behind a "
                            "provider's key field=FIELD: each after one space, none twice, at most 64 of at most 255 "
                            "characters"));
        }
    }
    return scope;
}

std::string formatScope(const KeyScope& scope) {
    std::string text = scope.credential;
    for (const std::string& one : scope.scopes) {
        text.append(" scope=").append(one);
    }
    if (!scope.audience.empty()) {
        text.append(" audience=").append(scope.audience);
    }
    for (const std::string& field : scope.fields) {
        text.append(" field=").append(field);
    }
    return text;
}

Fit fitOf(const KeyScope& scope, const Wanted& wanted) {
    if (!coversCredential(scope.credential, wanted.credential)) {
        return Fit::OtherCredential;
    }
    const bool isCovered = isWithin(wanted.scopes, scope.scopes) && isWithin(wanted.fields, scope.fields) &&
                           (scope.audience.empty() || scope.audience == wanted.audience);
    return isCovered ? Fit::Covers : Fit::Wider;
}

} // namespace keybearer::access
