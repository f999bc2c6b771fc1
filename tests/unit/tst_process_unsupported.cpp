// A system that does not say who asks: everybody is refused there.
#include "daemon/platform/process.h"

#include <QTest>

#include <unistd.h>

using namespace keybearer::platform;

class tst_ProcessUnsupported : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void identifiesNobody();
};

void tst_ProcessUnsupported::identifiesNobody() {
    const auto self = Process::pin(::getpid());
    QVERIFY(!self && self.error().fault == ProcessFault::Unsupported);
    for (const Pinning pinning : {Pinning::ByKernel, Pinning::ByNumber}) {
        const auto peer = peerProcess(0, std::chrono::milliseconds(1), pinning);
        QVERIFY(!peer && peer.error().fault == ProcessFault::Unsupported);
    }
    QVERIFY(!isAlive(peerHandle(0)));
    QVERIFY(!locateFile("/etc/passwd"));
    QVERIFY(!isRootsAlone("/"));
}

QTEST_GUILESS_MAIN(tst_ProcessUnsupported)
#include "tst_process_unsupported.moc"
