#include "ipc/base/secret.h"

#include "ipc/base/locked_arena.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace keybearer::base {
namespace {

// A sanitizer sees a use after the end of a block, or beyond it, in its own memory only.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kUsesArena = false;
#elif defined(__has_feature)
constexpr bool kUsesArena = !__has_feature(address_sanitizer);
#else
constexpr bool kUsesArena = true;
#endif

char* allocateSecret(std::size_t size) {
    if (char* locked = kUsesArena ? LockedArena::ofProcess().allocate(size) : nullptr) {
        return locked;
    }
    auto* ordinary = static_cast<char*>(std::malloc(size));
    if (ordinary == nullptr) {
        throw std::bad_alloc();
    }
    return ordinary;
}

void releaseSecret(char* data, std::size_t size) noexcept {
    if (LockedArena& arena = LockedArena::ofProcess(); kUsesArena && arena.owns(data)) {
        arena.release(data, size);
    } else {
        std::free(data);
    }
}

} // namespace

void wipe(void* data, std::size_t size) noexcept {
    if (data != nullptr && size != 0) {
        std::memset(data, 0, size);
        // The barrier tells the compiler that the zeroes are read.
        __asm__ __volatile__("" : : "r"(data) : "memory");
    }
}

void wipe(std::string& text) noexcept {
    wipe(text.data(), text.size());
    text.clear();
}

Secret::Secret(std::string_view bytes) {
    if (bytes.empty()) {
        return;
    }
    m_data = allocateSecret(bytes.size());
    m_size = bytes.size();
    std::memcpy(m_data, bytes.data(), m_size);
}

Secret Secret::absorb(std::string&& bytes) {
    Secret secret{std::string_view(bytes)};
    wipe(bytes);
    return secret;
}

Secret Secret::ofSize(std::size_t size) {
    Secret secret;
    if (size != 0) {
        secret.m_data = allocateSecret(size);
        secret.m_size = size;
        std::memset(secret.m_data, 0, size);
    }
    return secret;
}

Secret::Secret(Secret&& other) noexcept
    : m_data(std::exchange(other.m_data, nullptr)), m_size(std::exchange(other.m_size, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        release();
        m_data = std::exchange(other.m_data, nullptr);
        m_size = std::exchange(other.m_size, 0);
    }
    return *this;
}

Secret::~Secret() {
    release();
}

std::span<unsigned char> Secret::mutableBytes() noexcept {
    return {reinterpret_cast<unsigned char*>(m_data), m_size};
}

void Secret::release() noexcept {
    if (m_data == nullptr) {
        return;
    }
    wipe(m_data, m_size);
    releaseSecret(m_data, m_size);
    m_data = nullptr;
    m_size = 0;
}

bool equalInConstantTime(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) {
        return false;
    }
    unsigned char difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = static_cast<unsigned char>(difference |
                                                (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
    }
    return difference == 0;
}

bool operator==(const Secret& a, const Secret& b) noexcept {
    return equalInConstantTime(a.reveal(), b.reveal());
}

} // namespace keybearer::base
