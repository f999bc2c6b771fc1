#pragma once
/// \file
/// One window for each data folder and person: who starts the program again opens the one that runs.

#include "ipc/base/paths.h"
#include "ipc/base/unique_fd.h"

#include <QLocalServer>
#include <QObject>

namespace keybearer::tray {

/// Main thread. A lock that the kernel lets go of when the process ends, however it ends; and a socket in the broker's
/// own private folder, on which a connection means "open your window" and nothing that is sent is read.
class SingleInstance : public QObject {
    Q_OBJECT
public:
    explicit SingleInstance(const base::Paths& paths, QObject* parent = nullptr);

    /// False: another one runs, and has been told. Where the lock cannot be had for another reason, true.
    [[nodiscard]] bool isFirst() const noexcept { return m_isFirst; }

Q_SIGNALS:
    void activated();

private:
    base::UniqueFd m_lock;
    bool m_isFirst = true;
    QLocalServer m_server;
};

} // namespace keybearer::tray
