#include "ipc/base/locked_arena.h"

#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <new>

namespace keybearer::base {
namespace {

std::size_t orderOf(std::size_t size) {
    const std::size_t blocks = (size + LockedArena::kSmallest - 1) / LockedArena::kSmallest;
    return static_cast<std::size_t>(std::bit_width(blocks == 0 ? 0 : blocks - 1));
}

std::size_t sizeOf(std::size_t order) {
    return LockedArena::kSmallest << order;
}

std::size_t pageSize() {
    return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Pages are locked when they are first used: what is never used costs nothing.
bool lockOnUse(void* begin, std::size_t size) {
    return ::mlock2(begin, size, MLOCK_ONFAULT) == 0;
}

} // namespace

LockedArena::LockedArena(std::span<const std::size_t> sizes) {
    for (const std::size_t size : sizes) {
        if (map(size)) {
            m_marks.assign(size / kSmallest, 0);
            for (std::size_t at = 0; at < size; at += kLargest) {
                put(m_begin + at, kOrders - 1);
            }
            return;
        }
    }
}

LockedArena::~LockedArena() {
    if (m_begin != nullptr) {
        ::munmap(m_begin - pageSize(), m_capacity + 2 * pageSize());
    }
}

LockedArena& LockedArena::ofProcess() {
    static constexpr std::array<std::size_t, 3> kSizes{kLockedBytes, 64 * 1024, 16 * 1024};
    // Left to the end of the process: there are secrets in static objects.
    static auto* const arena = new LockedArena(kSizes);
    return *arena;
}

bool LockedArena::map(std::size_t size) noexcept {
    const std::size_t guard = pageSize();
    void* all = ::mmap(nullptr, size + 2 * guard, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) {
        return false;
    }
    char* begin = static_cast<char*>(all) + guard;
    if (::mprotect(begin, size, PROT_READ | PROT_WRITE) != 0 || !lockOnUse(begin, size)) {
        ::munmap(all, size + 2 * guard);
        return false;
    }
    ::madvise(begin, size, MADV_DONTDUMP); // dumps are off in the broker; this is for whoever else links the client
    m_begin = begin;
    m_capacity = size;
    return true;
}

char* LockedArena::allocate(std::size_t size) noexcept {
    if (size == 0 || size > kLargest) {
        return nullptr;
    }
    const std::lock_guard lock(m_mutex);
    const std::size_t order = orderOf(size);
    char* block = take(order);
    m_used += block != nullptr ? sizeOf(order) : 0;
    m_refused += block != nullptr ? 0 : 1;
    return block;
}

void LockedArena::release(char* block, std::size_t size) noexcept {
    const std::lock_guard lock(m_mutex);
    std::size_t order = orderOf(size);
    m_used -= sizeOf(order);
    // Two halves of a block that are both free are that block again.
    while (order + 1 < kOrders) {
        const std::size_t at = static_cast<std::size_t>(block - m_begin);
        char* buddy = m_begin + (at ^ sizeOf(order));
        if (markOf(buddy) != order + 1) {
            break;
        }
        unlink(buddy, order);
        block = buddy < block ? buddy : block;
        ++order;
    }
    put(block, order);
}

LockedArena::Use LockedArena::use() const {
    const std::lock_guard lock(m_mutex);
    return {m_capacity, m_used, m_refused};
}

std::uint8_t& LockedArena::markOf(const char* block) noexcept {
    return m_marks[static_cast<std::size_t>(block - m_begin) / kSmallest];
}

void LockedArena::put(char* block, std::size_t order) noexcept {
    Free*& first = m_free[order];
    auto* free = new (block) Free{first, nullptr};
    if (first != nullptr) {
        first->previous = free;
    }
    first = free;
    markOf(block) = static_cast<std::uint8_t>(order + 1);
}

void LockedArena::unlink(char* block, std::size_t order) noexcept {
    const auto* free = reinterpret_cast<const Free*>(block);
    (free->previous != nullptr ? free->previous->next : m_free[order]) = free->next;
    if (free->next != nullptr) {
        free->next->previous = free->previous;
    }
    markOf(block) = 0;
}

char* LockedArena::take(std::size_t order) noexcept {
    std::size_t from = order;
    while (from < kOrders && m_free[from] == nullptr) {
        ++from;
    }
    if (from == kOrders) {
        return nullptr;
    }
    auto* block = reinterpret_cast<char*>(m_free[from]);
    unlink(block, from);
    for (; from > order; --from) {
        put(block + sizeOf(from - 1), from - 1); // the upper half stays free
    }
    return block;
}

} // namespace keybearer::base
