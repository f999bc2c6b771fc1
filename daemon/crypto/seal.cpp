#include "daemon/crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace keybearer::crypto {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

/// Feeds one piece; an empty piece is skipped because OpenSSL reads a null pointer as "no more data".
bool update(EVP_CIPHER_CTX* context, unsigned char* out, std::string_view in) {
    int written = 0;
    return in.empty() || (in.size() <= INT_MAX &&
                          EVP_CipherUpdate(context, out, &written, bytes(in), static_cast<int>(in.size())) == 1);
}

bool begin(EVP_CIPHER_CTX* context, const base::Secret& key, const unsigned char* nonce, bool encrypt) {
    return key.size() == kKeyBytes &&
           EVP_CipherInit_ex2(context, EVP_aes_256_gcm(), bytes(key.reveal()), nonce, encrypt ? 1 : 0, nullptr) == 1;
}

} // namespace

std::string seal(const base::Secret& key, std::string_view aad, std::string_view plaintext) {
    std::string out(kNonceBytes + plaintext.size() + kTagBytes, '\0');
    unsigned char* nonce = bytes(out);
    unsigned char* body = nonce + kNonceBytes;
    unsigned char* tag = body + plaintext.size();
    randomBytes({nonce, kNonceBytes});
    const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    int rest = 0;
    if (!context || !begin(context.get(), key, nonce, true) || !update(context.get(), nullptr, aad) ||
        !update(context.get(), body, plaintext) || EVP_CipherFinal_ex(context.get(), tag, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) != 1) {
        // A key of the wrong size or no memory. There is nothing safe to return: the caller would store it.
        std::fputs("keybearer: AES-256-GCM cannot seal; stopping\n", stderr);
        std::abort();
    }
    return out;
}

std::optional<base::Secret> open(const base::Secret& key, std::string_view aad, std::string_view sealed) {
    if (sealed.size() < kNonceBytes + kTagBytes) {
        return std::nullopt;
    }
    const std::string_view body = sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
    std::string tag(sealed.substr(sealed.size() - kTagBytes));
    base::Secret plain = base::Secret::ofSize(body.size());
    unsigned char nothing = 0;
    int rest = 0;
    const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    const bool ok = context && begin(context.get(), key, bytes(sealed), false) && update(context.get(), nullptr, aad) &&
                    update(context.get(), plain.mutableBytes().data(), body) &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
                    EVP_CipherFinal_ex(context.get(), &nothing, &rest) == 1;
    ERR_clear_error();
    if (!ok) {
        return std::nullopt;
    }
    return plain;
}

} // namespace keybearer::crypto
