#include "ipc/base/secret.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace keybearer::base {

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
    m_data = static_cast<char*>(std::malloc(bytes.size()));
    if (m_data == nullptr) {
        throw std::bad_alloc();
    }
    m_size = bytes.size();
    std::memcpy(m_data, bytes.data(), m_size);
}

Secret Secret::absorb(std::string&& bytes) {
    Secret secret{std::string_view(bytes)};
    wipe(bytes);
    return secret;
}

Secret Secret::ofSize(std::size_t size) {
    return absorb(std::string(size, '\0'));
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
    wipe(m_data, m_size);
    std::free(m_data);
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
