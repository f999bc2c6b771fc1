#include "daemon/oauth/jws.h"

#include "daemon/oauth/server_json.h"
#include "ipc/base/base64url.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <optional>

namespace keybearer::oauth {
namespace {

using nlohmann::json;

auto malformed(const char* why) {
    return base::fail(Error{ErrorKind::BadResponse, std::string("the ID token ") + why});
}

auto rejectedJws(const std::string& why) {
    return base::fail(Error{ErrorKind::Rejected, "the ID token " + why});
}

struct Header {
    std::string alg;
    std::optional<std::string> kid;
};

Result<Header> readHeader(std::string_view encoded) {
    const auto text = base::base64UrlDecode(encoded);
    if (!text) {
        return malformed("is not a signed token");
    }
    const auto document = parseServerObject(*text, "the ID token's header");
    if (!document) {
        return base::fail(document.error());
    }
    const json& alg = memberOrNull(*document, "alg");
    const json& kid = memberOrNull(*document, "kid");
    if (!alg.is_string() || (!kid.is_null() && !kid.is_string())) {
        return malformed("has a header without a usable alg or kid");
    }
    if (document->contains("crit")) {
        return rejectedJws("asks for an extension that is not known here");
    }
    Header header;
    header.alg = alg.get<std::string>();
    if (kid.is_string()) {
        header.kid = kid.get<std::string>();
    }
    return header;
}

/// The key type, and for EC the one curve, that an algorithm works with (RFC 7518 section 3.1, RFC 8037 section 3.1).
bool fits(crypto::SignatureAlg alg, const std::string& name, const Jwk& key) {
    if (!key.alg.empty() && key.alg != name) {
        return false;
    }
    switch (alg) {
    case crypto::SignatureAlg::Rs256:
    case crypto::SignatureAlg::Rs384:
    case crypto::SignatureAlg::Rs512:
    case crypto::SignatureAlg::Ps256:
    case crypto::SignatureAlg::Ps384:
    case crypto::SignatureAlg::Ps512: return key.kty == "RSA";
    case crypto::SignatureAlg::Es256: return key.kty == "EC" && key.crv == "P-256";
    case crypto::SignatureAlg::Es384: return key.kty == "EC" && key.crv == "P-384";
    case crypto::SignatureAlg::Es512: return key.kty == "EC" && key.crv == "P-521";
    case crypto::SignatureAlg::EdDsa: return key.kty == "OKP" && key.crv == "Ed25519";
    }
    return false;
}

} // namespace

Result<VerifiedJws> verifyJws(std::string_view compact, const std::vector<Jwk>& keys,
                              const std::vector<std::string>& algs, KeyProblem* problem) {
    if (problem != nullptr) {
        *problem = KeyProblem::None;
    }
    if (compact.size() > kMaxJws) {
        return malformed("is too large");
    }
    const auto dots = std::count(compact.begin(), compact.end(), '.');
    if (dots == 4) {
        return malformed("is encrypted, which is not supported; register the client without ID token encryption");
    }
    if (dots != 2) {
        return malformed("is not a signed token");
    }
    const std::size_t lastDot = compact.rfind('.');
    const std::size_t firstDot = compact.find('.');
    const auto header = readHeader(compact.substr(0, firstDot));
    if (!header) {
        return base::fail(header.error());
    }
    const auto alg = crypto::signatureAlg(header->alg);
    if (!alg || std::find(algs.begin(), algs.end(), header->alg) == algs.end()) {
        return rejectedJws("is signed with an algorithm that is not accepted: " + base::printable(header->alg, 16));
    }
    auto payload = base::base64UrlDecode(compact.substr(firstDot + 1, lastDot - firstDot - 1));
    const auto signature = base::base64UrlDecode(compact.substr(lastDot + 1));
    if (!payload || !signature) {
        return malformed("is not a signed token");
    }
    bool known = false;
    for (const Jwk& key : keys) {
        if (header->kid && *header->kid != key.kid) {
            continue;
        }
        known = known || header->kid.has_value();
        if (fits(*alg, header->alg, key) &&
            crypto::verifySignature(*alg, {key.kty, key.crv, key.n, key.e, key.x, key.y}, compact.substr(0, lastDot),
                                    *signature)) {
            return VerifiedJws{*alg, std::move(*payload)};
        }
    }
    // Without a kid a new key looks like a wrong signature, so there too a new set may help.
    if (!known && problem != nullptr) {
        *problem = KeyProblem::UnknownKey;
    }
    return rejectedJws(known ? "has a wrong signature" : "is signed with a key that the server does not publish");
}

} // namespace keybearer::oauth
