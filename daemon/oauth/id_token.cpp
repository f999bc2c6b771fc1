#include "daemon/oauth/id_token.h"

#include "daemon/crypto/crypto.h"
#include "daemon/oauth/jws.h"
#include "daemon/oauth/server_json.h"
#include "ipc/base/base64url.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <cmath>

namespace keybearer::oauth {
namespace {

using nlohmann::json;

/// OpenID Connect Core 1.0 section 2.
constexpr std::size_t kMaxSubject = 255;
constexpr std::size_t kMaxDisplayClaim = 256;
/// A token that we asked for a moment ago cannot be older.
constexpr std::int64_t kMaxAge = 3600;
/// Seconds since 1970 that a double holds exactly.
constexpr double kLatestTime = 9e15;

auto rejected(const std::string& why) {
    return base::fail(Error{ErrorKind::Rejected, "the ID token " + why});
}

/// NumericDate (RFC 7519 section 2); a fraction is allowed and dropped.
std::optional<std::int64_t> numericDate(const json& claims, const char* name) {
    const json& claim = memberOrNull(claims, name);
    if (!claim.is_number()) {
        return std::nullopt;
    }
    const double value = std::floor(claim.get<double>());
    return value >= 0 && value <= kLatestTime ? std::optional(static_cast<std::int64_t>(value)) : std::nullopt;
}

/// A name for people: empty when it is absent, too long, or could play tricks on a terminal or a dialog.
std::string displayClaim(const json& claims, const char* name) {
    const json& claim = memberOrNull(claims, name);
    if (!claim.is_string()) {
        return {};
    }
    const auto& text = claim.get_ref<const std::string&>();
    const bool control =
        std::any_of(text.begin(), text.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; });
    // U+0080..U+009F (C1 controls), U+200B..U+200F, U+2028..U+202E and U+2060..U+206F (invisible and reordering).
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        const auto a = static_cast<unsigned char>(text[i]);
        const auto b = static_cast<unsigned char>(text[i + 1]);
        const auto c = static_cast<unsigned char>(i + 2 < text.size() ? text[i + 2] : '\0');
        if ((a == 0xC2 && b < 0xA0) ||
            (a == 0xE2 && b == 0x80 && ((c >= 0x8B && c <= 0x8F) || (c >= 0xA8 && c <= 0xAE))) ||
            (a == 0xE2 && b == 0x81 && c >= 0xA0 && c <= 0xAF)) {
            return {};
        }
    }
    return control || text.size() > kMaxDisplayClaim ? std::string() : text;
}

/// Steps 2 to 5 of Core section 3.1.3.7, and the subject.
Result<std::string> checkParties(const json& claims, const IdTokenExpectation& expected) {
    if (memberOrNull(claims, "iss") != expected.issuer) {
        return rejected("is from another issuer");
    }
    const json& audience = memberOrNull(claims, "aud");
    const auto isUs = [&](const json& one) { return one == expected.clientId; };
    // We trust no audience beside ourselves, so each of a list must be us.
    const bool forUs =
        audience.is_array() ? !audience.empty() && std::all_of(audience.begin(), audience.end(), isUs) : isUs(audience);
    if (!forUs || expected.clientId.empty()) {
        return rejected("is meant for another client");
    }
    if (const json& party = memberOrNull(claims, "azp"); !party.is_null() && !isUs(party)) {
        return rejected("was issued to another client");
    }
    const json& claim = memberOrNull(claims, "sub");
    if (!claim.is_string()) {
        return rejected("has no subject");
    }
    const auto& subject = claim.get_ref<const std::string&>();
    if (subject.empty() || subject.size() > kMaxSubject ||
        !std::all_of(subject.begin(), subject.end(), [](char c) { return c >= 0x20 && c < 0x7F; })) {
        return rejected("has a subject that is not 1 to 255 ASCII characters");
    }
    if (!expected.subject.empty() && subject != expected.subject) {
        return rejected("is about another person than the account's");
    }
    return subject;
}

/// Steps 9 and 10 of Core section 3.1.3.7, and `nbf` (RFC 7519 section 4.1.5).
Result<void> checkTimes(const json& claims, std::optional<std::int64_t> now) {
    const auto expires = numericDate(claims, "exp");
    const auto issued = numericDate(claims, "iat");
    if (!expires || !issued) {
        return rejected("does not say when it was issued and when it expires");
    }
    const bool hasNotBefore = !memberOrNull(claims, "nbf").is_null();
    const auto notBefore = numericDate(claims, "nbf");
    const std::string clock = "; check this machine's clock";
    if (hasNotBefore && !notBefore) {
        return rejected("is not valid yet" + clock);
    }
    if (!now) {
        return {};
    }
    if (*expires <= *now - kClockSkew) {
        return rejected("has expired" + clock);
    }
    if (*issued > *now + kClockSkew) {
        return rejected("is from the future" + clock);
    }
    if (*issued < *now - kMaxAge - kClockSkew) {
        return rejected("was issued too long ago" + clock);
    }
    if (notBefore && *notBefore > *now + kClockSkew) {
        return rejected("is not valid yet" + clock);
    }
    return {};
}

/// Step 11 of the same.
bool isNonce(const json& claims, const std::string& expected) {
    const json& nonce = memberOrNull(claims, "nonce");
    return expected.empty() ||
           (nonce.is_string() && base::equalInConstantTime(nonce.get_ref<const std::string&>(), expected));
}

/// The hash that belongs to the signature algorithm (Core section 3.1.3.6). For EdDSA it is that of Ed25519 itself.
crypto::Hash hashOf(crypto::SignatureAlg alg) {
    switch (alg) {
    case crypto::SignatureAlg::Rs256:
    case crypto::SignatureAlg::Ps256:
    case crypto::SignatureAlg::Es256: return crypto::Hash::Sha256;
    case crypto::SignatureAlg::Rs384:
    case crypto::SignatureAlg::Ps384:
    case crypto::SignatureAlg::Es384: return crypto::Hash::Sha384;
    case crypto::SignatureAlg::Rs512:
    case crypto::SignatureAlg::Ps512:
    case crypto::SignatureAlg::Es512:
    case crypto::SignatureAlg::EdDsa: return crypto::Hash::Sha512;
    }
    return crypto::Hash::Sha512;
}

/// Core section 3.1.3.8.
bool accessTokenFits(const json& claims, crypto::SignatureAlg alg, const base::AccessToken* token) {
    const json& claim = memberOrNull(claims, "at_hash");
    if (claim.is_null() || token == nullptr) {
        return true;
    }
    const std::string digest = crypto::digest(hashOf(alg), token->reveal());
    return claim == base::base64UrlEncode(std::string_view(digest).substr(0, digest.size() / 2));
}

} // namespace

Result<IdTokenClaims> verifyIdToken(const base::IdToken& token, const std::vector<Jwk>& keys,
                                    const IdTokenExpectation& expected, KeyProblem* problem) {
    // Core section 3.1.3.7 step 7: RS256 unless the server states something else.
    const std::vector<std::string> standard{"RS256"};
    const auto verified = verifyJws(token.reveal(), keys, expected.algs.empty() ? standard : expected.algs, problem);
    if (!verified) {
        return base::fail(verified.error());
    }
    const auto claims = parseServerObject(verified->payload, "the ID token's content");
    if (!claims) {
        return base::fail(claims.error());
    }
    auto subject = checkParties(*claims, expected);
    if (!subject) {
        return base::fail(subject.error());
    }
    if (const auto inTime = checkTimes(*claims, expected.now); !inTime) {
        return base::fail(inTime.error());
    }
    if (!isNonce(*claims, expected.nonce)) {
        return rejected("does not belong to this login (nonce)");
    }
    if (!accessTokenFits(*claims, verified->alg, expected.accessToken)) {
        return rejected("does not belong to the access token (at_hash)");
    }
    return IdTokenClaims{std::move(*subject), displayClaim(*claims, "email"),
                         displayClaim(*claims, "preferred_username"), displayClaim(*claims, "name")};
}

} // namespace keybearer::oauth
