#pragma once
/// \file
/// SIGTERM, SIGINT and SIGHUP as an event of the main loop.

#include "ipc/base/unique_fd.h"

#include <QObject>
#include <QSocketNotifier>

#include <memory>

namespace keybearer::broker {

/// One per process, main thread, made before any other thread. The handler itself only writes a byte.
class TerminationSignals : public QObject {
    Q_OBJECT
public:
    TerminationSignals();
    ~TerminationSignals() override;
    TerminationSignals(const TerminationSignals&) = delete;
    TerminationSignals& operator=(const TerminationSignals&) = delete;

Q_SIGNALS:
    void requested();

private:
    base::UniqueFd m_readEnd;
    base::UniqueFd m_writeEnd;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace keybearer::broker
