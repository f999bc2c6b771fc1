#pragma once
/// \file
/// A little memory for secrets that is never swapped, never dumped, and stands between two pages that nobody can touch.

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

namespace keybearer::base {

/// What a process locks where it may: enough for all secrets that a broker holds at a time.
inline constexpr std::size_t kLockedBytes = 256 * 1024;

/// Any thread. Blocks of 64 bytes to 16 KiB, doubled from step to step. What finds no room here is the caller's to put
/// elsewhere: a process may lock little memory (RLIMIT_MEMLOCK, 8 MiB on most systems and 64 KiB on some), or none.
class LockedArena {
public:
    static constexpr std::size_t kSmallest = 64;
    static constexpr std::size_t kLargest = 16 * 1024;

    struct Use {
        std::size_t capacity = 0; ///< bytes that are locked; 0: the system lets this process lock none
        std::size_t used = 0;     ///< of them, in whole blocks
        std::size_t refused = 0;  ///< requests so far that found no room, those beyond kLargest not counted
    };

    /// Locks the first of these sizes that the system allows; each is a multiple of kLargest.
    explicit LockedArena(std::span<const std::size_t> sizes);
    LockedArena(const LockedArena&) = delete;
    LockedArena& operator=(const LockedArena&) = delete;
    ~LockedArena();

    /// Of the whole process, made when first asked for and never taken down. kLockedBytes, 64 KiB or 16 KiB.
    [[nodiscard]] static LockedArena& ofProcess();

    /// At least `size` bytes of whatever content, or null.
    [[nodiscard]] char* allocate(std::size_t size) noexcept;
    [[nodiscard]] bool owns(const char* block) const noexcept {
        return block >= m_begin && block < m_begin + m_capacity;
    }
    /// `block` and `size` as they were allocated; wiped by the caller.
    void release(char* block, std::size_t size) noexcept;
    [[nodiscard]] Use use() const;

private:
    static constexpr std::size_t kOrders = 9; ///< 64 << 8 is kLargest

    struct Free {
        Free* next;
        Free* previous;
    };

    [[nodiscard]] bool map(std::size_t size) noexcept;
    void put(char* block, std::size_t order) noexcept;
    [[nodiscard]] char* take(std::size_t order) noexcept;
    void unlink(char* block, std::size_t order) noexcept;
    [[nodiscard]] std::uint8_t& markOf(const char* block) noexcept;

    mutable std::mutex m_mutex;
    char* m_begin = nullptr;
    std::size_t m_capacity = 0;
    std::size_t m_used = 0;
    std::size_t m_refused = 0;
    std::array<Free*, kOrders> m_free{};
    std::vector<std::uint8_t> m_marks; ///< for each 64 bytes: 1 + the order of the free block that begins there, or 0
};

} // namespace keybearer::base
