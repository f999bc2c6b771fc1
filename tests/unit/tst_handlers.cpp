#include "daemon/rpc/handlers.h"
#include "ipc/protocol/methods.h"

#include <QTest>

class tst_Handlers : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyMethodHasAHandler();
    void nothingElseDoes();
};

void tst_Handlers::everyMethodHasAHandler() {
    for (const auto& method : keybearer::protocol::methods()) {
        QVERIFY2(keybearer::rpc::findHandlers(method.name).handler != nullptr, method.name.data());
    }
}

void tst_Handlers::nothingElseDoes() {
    QVERIFY(keybearer::rpc::findHandlers("").handler == nullptr);
    QVERIFY(keybearer::rpc::findHandlers("system.hell").handler == nullptr);
    QVERIFY(keybearer::rpc::findHandlers("token.get2").handler == nullptr);
}

QTEST_GUILESS_MAIN(tst_Handlers)
#include "tst_handlers.moc"
