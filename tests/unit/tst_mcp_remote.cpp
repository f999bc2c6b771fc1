#include "app/mcp/remote.h"

#include <QTest>

using keybearer::mcp::Remote;

class tst_McpRemote : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void addresses_data();
    void addresses();
};

void tst_McpRemote::addresses_data() {
    QTest::addColumn<bool>("good");
    const auto rows = [](bool good, std::initializer_list<const char*> urls) {
        for (const char* url : urls) {
            QTest::newRow(url) << good;
        }
    };
    rows(true, {"https://mcp.example/mcp", "https://MCP.example:8443/", "http://127.0.0.1:1/mcp", "http://[::1]:1/mcp",
                "https://xn--bcher-kva.de/mcp", "https://a.xn--fiqs8s.xn--p1ai/"});
    rows(false, {"http://mcp.example/mcp", "https://mcp.example/#part", "https://me@mcp.example/", "mcp.example",
                 "https://", "https://xn--/", "https://b\u00FCcher.de/", "https://mcp.example\\@127.0.0.1/"});
}

void tst_McpRemote::addresses() {
    QFETCH(bool, good);
    QCOMPARE(Remote::at(QTest::currentDataTag(), {}).has_value(), good);
}

QTEST_GUILESS_MAIN(tst_McpRemote)
#include "tst_mcp_remote.moc"
