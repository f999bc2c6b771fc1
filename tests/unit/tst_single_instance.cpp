#include "app/tray/single_instance.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace keybearer;
using tray::SingleInstance;

class TestSingleInstance : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theSecondOpensTheFirst() {
        const QTemporaryDir folder;
        base::Paths paths;
        paths.runtimeDir = folder.path().toStdString() + "/run";
        auto first = std::make_unique<SingleInstance>(paths);
        QVERIFY(first->isFirst());
        QSignalSpy activated(first.get(), &SingleInstance::activated);
        const SingleInstance second(paths);
        QVERIFY(!second.isFirst());
        QTRY_COMPARE(activated.count(), 1);
        first.reset();
        QVERIFY(SingleInstance(paths).isFirst());
    }

    void whatAKilledOneLeftBehindIsNoOther() {
        const QTemporaryDir folder;
        base::Paths paths;
        paths.runtimeDir = folder.path().toStdString() + "/run";
        { const SingleInstance killed(paths); }
        QFile lock(folder.filePath(QStringLiteral("run/tray.lock")));
        QVERIFY(lock.exists());
        QFile socket(folder.filePath(QStringLiteral("run/tray.sock")));
        QVERIFY(socket.open(QIODevice::WriteOnly));
        const SingleInstance next(paths);
        QVERIFY(next.isFirst());
        QVERIFY(!SingleInstance(paths).isFirst());
    }

    void otherFoldersHaveTheirOwn() {
        const QTemporaryDir one;
        const QTemporaryDir other;
        base::Paths paths;
        paths.runtimeDir = one.path().toStdString() + "/run";
        const SingleInstance first(paths);
        paths.runtimeDir = other.path().toStdString() + "/run";
        QVERIFY(SingleInstance(paths).isFirst());
    }
};

QTEST_GUILESS_MAIN(TestSingleInstance)
#include "tst_single_instance.moc"
