#include "daemon/access/grant.h"

#include "ipc/base/ascii.h"

#include <algorithm>
#include <array>

namespace keybearer::access {
namespace {

constexpr std::size_t kMaxPattern = 300;

struct KindName {
    ClientKind kind;
    std::string_view name;
};
constexpr std::array kKinds{
    KindName{ClientKind::Unknown, "unknown"},     KindName{ClientKind::Program, "program"},
    KindName{ClientKind::Script, "script"},       KindName{ClientKind::Interpreter, "interpreter"},
    KindName{ClientKind::Terminal, "terminal"},   KindName{ClientKind::Sandboxed, "sandboxed"},
    KindName{ClientKind::Container, "container"}, KindName{ClientKind::Window, "window"},
};

struct SpanName {
    Span span;
    std::string_view name;
};
constexpr std::array kSpans{SpanName{Span::Once, "once"}, SpanName{Span::Session, "session"},
                            SpanName{Span::Until, "until"}, SpanName{Span::Always, "always"}};

bool isPart(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return base::isVisible(c) && c != '/' && c != '*'; });
}

} // namespace

bool isWithin(const std::vector<std::string>& wanted, const std::vector<std::string>& allowed) {
    if (allowed.empty()) {
        return true;
    }
    return !wanted.empty() && std::ranges::all_of(wanted, [&](const std::string& one) {
        return std::ranges::find(allowed, one) != allowed.end();
    });
}

std::string_view toString(ClientKind kind) {
    return std::ranges::find(kKinds, kind, &KindName::kind)->name;
}

ClientKind clientKindOf(std::string_view name) {
    const auto* const found = std::ranges::find(kKinds, name, &KindName::name);
    return found == kKinds.end() ? ClientKind::Unknown : found->kind;
}

std::string_view toString(Span span) {
    return std::ranges::find(kSpans, span, &SpanName::span)->name;
}

std::optional<Span> spanOf(std::string_view name) {
    const auto* const found = std::ranges::find(kSpans, name, &SpanName::name);
    return found == kSpans.end() ? std::nullopt : std::optional(found->span);
}

bool coversCredential(std::string_view pattern, std::string_view credential) {
    if (pattern.ends_with('*')) {
        return credential.starts_with(pattern.substr(0, pattern.size() - 1));
    }
    return pattern == credential;
}

bool isCredentialPattern(std::string_view pattern) {
    if (pattern == "*") {
        return true;
    }
    if (pattern.size() > kMaxPattern) {
        return false;
    }
    const auto isPartOrAll = [](std::string_view part) { return part == "*" || isPart(part); };
    if (pattern.starts_with("account:")) {
        return isPartOrAll(pattern.substr(8));
    }
    if (!pattern.starts_with("key:")) {
        return false;
    }
    pattern.remove_prefix(4);
    const std::size_t first = pattern.find('/');
    if (first == std::string_view::npos || !isPart(pattern.substr(0, first))) {
        return false;
    }
    const std::string_view rest = pattern.substr(first + 1);
    const std::size_t second = rest.find('/');
    return second == std::string_view::npos ? rest == "*"
                                            : isPart(rest.substr(0, second)) && isPartOrAll(rest.substr(second + 1));
}

Fit fitOf(const Grant& grant, const Client& client, const Wanted& wanted, std::int64_t now) {
    if (grant.kind != client.kind || grant.path != client.path || client.kind == ClientKind::Unknown) {
        return Fit::OtherClient;
    }
    if (grant.span == Span::Session || grant.span == Span::Once ? grant.session != client.session
                                                                : !client.isRecognizable()) {
        return Fit::OtherClient;
    }
    // Root may replace what is root's, and its grant goes on; whatever else has changed is another program.
    const bool isSame =
        grant.digest.empty() ? client.isRootOwned || client.digest.empty() : grant.digest == client.digest;
    if (!isSame) {
        return Fit::Changed;
    }
    if (!coversCredential(grant.credential, wanted.credential)) {
        return Fit::OtherCredential;
    }
    if (!isWithin(wanted.scopes, grant.scopes) || !isWithin(wanted.fields, grant.fields) ||
        (!grant.audience.empty() && grant.audience != wanted.audience)) {
        return Fit::Wider;
    }
    if (grant.until != 0 && now >= grant.until) {
        return Fit::Ended;
    }
    return grant.usesLeft == 0 ? Fit::UsedUp : Fit::Covers;
}

std::optional<Wanted> narrowed(const Wanted& wanted, std::span<const Grant* const> grants, const Client& client,
                               std::int64_t now) {
    for (const Grant* grant : grants) {
        Wanted less = wanted;
        less.scopes = wanted.scopes.empty() ? grant->scopes : wanted.scopes;
        less.audience = wanted.audience.empty() ? grant->audience : wanted.audience;
        const bool isLess = less.scopes != wanted.scopes || less.audience != wanted.audience;
        if (isLess && fitOf(*grant, client, less, now) == Fit::Covers) {
            return less;
        }
    }
    return std::nullopt;
}

} // namespace keybearer::access
