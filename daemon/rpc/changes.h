#pragma once
/// \file
/// Tells those who watch something that something may have changed.

#include "daemon/accounts/gate.h"

#include <QTimer>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace keybearer::rpc {

/// Main thread.
class Changes {
public:
    using Watcher = std::uint64_t; ///< a connection

    Changes() {
        m_soon.setSingleShot(true);
        QObject::connect(&m_soon, &QTimer::timeout, &m_soon, [this] { tell(); });
    }

    /// Every call that changes something ends with it.
    void tell() {
        ++m_count;
        for (const Door& door : std::exchange(m_doors, {})) {
            open(door.gate);
        }
    }
    /// tell() in the next turn of the event loop: for whoever is in the middle of something that must not be resumed
    /// from within.
    void tellSoon() { m_soon.start(0); }
    /// The watcher has hung up: nobody waits for it any longer.
    void gone(Watcher watcher) {
        std::vector<Door> doors;
        std::ranges::copy_if(m_doors, std::back_inserter(doors),
                             [&](const Door& door) { return door.watcher == watcher; });
        std::erase_if(m_doors, [&](const Door& door) { return door.watcher == watcher; });
        for (const Door& door : doors) {
            open(door.gate);
        }
    }
    /// How often tell() was called: what changed while one did not wait is seen by it.
    [[nodiscard]] std::uint64_t count() const noexcept { return m_count; }

    /// Opens at the next tell(), when the watcher is gone, and at the latest after `wait`.
    [[nodiscard]] std::shared_ptr<accounts::Gate> next(Watcher watcher, std::chrono::milliseconds wait) {
        std::erase_if(m_doors, [](const Door& door) { return door.gate->isOpen(); });
        auto gate = std::make_shared<accounts::Gate>();
        m_doors.push_back({watcher, gate});
        QTimer::singleShot(wait, [gate] { open(gate); });
        return gate;
    }

private:
    struct Door {
        Watcher watcher;
        std::shared_ptr<accounts::Gate> gate;
    };

    /// A copy: what is resumed may drop every other.
    static void open(std::shared_ptr<accounts::Gate> gate) { // NOLINT(performance-unnecessary-value-param)
        if (!gate->isOpen()) {
            gate->open();
        }
    }

    std::vector<Door> m_doors;
    std::uint64_t m_count = 0;
    QTimer m_soon;
};

} // namespace keybearer::rpc
