#include "ipc/protocol/methods.h"
#include "ipc/protocol/reference.h"

#include <QFile>
#include <QTest>

#include <set>

using namespace keybearer::protocol;

/// The method table against ipc/PROTOCOL.md and ipc/openrpc.json; tests/protocol-documents writes them anew.
class tst_ProtocolDocuments : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void openRpcIsTheTable();
    void protocolMdIsTheTable_data();
    void protocolMdIsTheTable();
    void tableIsSound();
};

namespace {

std::string readSource(const char* name) {
    QFile file(QStringLiteral(SOURCE_DIR "/ipc/") + QString::fromLatin1(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

} // namespace

void tst_ProtocolDocuments::openRpcIsTheTable() {
    QCOMPARE(QString::fromStdString(readSource("openrpc.json")), QString::fromStdString(openRpcDocument()));
}

void tst_ProtocolDocuments::protocolMdIsTheTable_data() {
    QTest::addColumn<QString>("part");
    QTest::addColumn<QString>("expected");
    QTest::newRow("methods") << "methods" << QString::fromStdString(methodReference());
    QTest::newRow("errors") << "errors" << QString::fromStdString(errorReference());
}

void tst_ProtocolDocuments::protocolMdIsTheTable() {
    QFETCH(QString, part);
    QFETCH(QString, expected);
    const QString document = QString::fromStdString(readSource("PROTOCOL.md"));
    const QString begin = QStringLiteral("<!-- %1: begin -->\n").arg(part);
    const qsizetype from = document.indexOf(begin);
    const qsizetype to = document.indexOf(QStringLiteral("<!-- %1: end -->").arg(part));
    QVERIFY(from >= 0 && to > from);
    QCOMPARE(document.mid(from + begin.size(), to - from - begin.size()), expected);
}

void tst_ProtocolDocuments::tableIsSound() {
    std::set<std::string_view> names;
    for (const Method& method : methods()) {
        QVERIFY2(names.insert(method.name).second, method.name.data());
        QVERIFY(!method.summary.empty() && !method.result.empty());
        // Whatever releases or changes something leaves a record; whatever is metadata tells nothing worth one.
        QCOMPARE(method.auditEvent.empty(), method.guard == Guard::Greet || method.guard == Guard::Metadata ||
                                                method.name == "account.login_status" ||
                                                method.name == "forward.wait" || method.name == "credential.watch" ||
                                                method.name == "audit.query");
        QVERIFY(!method.releases || method.guard == Guard::Use);
    }
}

QTEST_GUILESS_MAIN(tst_ProtocolDocuments)
#include "tst_protocol_documents.moc"
