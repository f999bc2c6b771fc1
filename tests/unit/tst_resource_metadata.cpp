#include "daemon/oauth/resource_metadata.h"

#include <QTest>

using namespace keybearer;
using namespace keybearer::oauth;

using Texts = std::vector<std::string>;

namespace {

const char* const kResource = "https://mcp.example/server/mcp";

std::string document(const std::string& resource, const std::string& rest) {
    return "{\"resource\":\"" + resource + "\"," + rest + "}";
}

const char* const kServers = "\"authorization_servers\":[\"https://as.example\"]";

} // namespace

class TestResourceMetadata : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itsPlaces() {
        // RFC 9728 section 3.1: "https://example.com/.well-known/oauth-protected-resource/resource1"
        QVERIFY((resourceMetadataUrls("https://example.com/resource1") ==
                 Texts{"https://example.com/.well-known/oauth-protected-resource/resource1",
                       "https://example.com/.well-known/oauth-protected-resource"}));
        QVERIFY((resourceMetadataUrls("https://example.com") ==
                 Texts{"https://example.com/.well-known/oauth-protected-resource"}));
        QVERIFY((resourceMetadataUrls("https://example.com/") ==
                 Texts{"https://example.com/.well-known/oauth-protected-resource"}));
        QVERIFY((resourceMetadataUrls("https://example.com:8443/a/?t=1").front() ==
                 "https://example.com:8443/.well-known/oauth-protected-resource/a/?t=1"));
        QVERIFY(resourceMetadataUrls("nothing").empty());
    }

    void whatCanBeAResource_data() {
        QTest::addColumn<QByteArray>("url");
        QTest::addColumn<bool>("can");
        const auto row = [](const char* url, bool can) { QTest::newRow(url) << QByteArray(url) << can; };
        row("https://mcp.example/mcp", true);
        row("https://mcp.example/mcp?tenant=1", true);
        row("https://mcp.example", true);
        row("http://127.0.0.1:3000/mcp", true);
        row("http://mcp.example/mcp", false);
        row("https://mcp.example/mcp#a", false);
        row("https://me@mcp.example/mcp", false);
        row("ftp://mcp.example/mcp", false);
        row("mcp.example", false);
        row("", false);
    }
    void whatCanBeAResource() {
        QFETCH(const QByteArray, url);
        QFETCH(const bool, can);
        QCOMPARE(checkResource(url.toStdString()).has_value(), can);
    }

    void whoMayDescribeIt_data() {
        QTest::addColumn<QByteArray>("metadata");
        QTest::addColumn<bool>("may");
        const auto row = [](const char* url, bool may) { QTest::newRow(url) << QByteArray(url) << may; };
        row("https://mcp.example/.well-known/oauth-protected-resource", true);
        row("https://MCP.example:443/x", true);
        row("https://mcp.example:8443/x", false);
        row("http://mcp.example/x", false);
        row("https://evil.example/x", false);
        row("https://mcp.example.evil.example/x", false);
        row("https://mcp.example@evil.example/x", false);
        row("https://mcp.example/x#y", false);
        row("//mcp.example/x", false);
        row("/x", false);
        row("", false);
    }
    void whoMayDescribeIt() {
        QFETCH(const QByteArray, metadata);
        QFETCH(const bool, may);
        QCOMPARE(mayDescribe(metadata.toStdString(), kResource), may);
    }

    void aWholeOne() {
        const auto read = parseResourceMetadata(
            document(kResource, "\"authorization_servers\":[\"https://b.example\",\"https://a.example/x\"],"
                                "\"scopes_supported\":[\"read\",\"write\"],\"bearer_methods_supported\":[\"header\"]"),
            kResource);
        QVERIFY(read.has_value());
        QCOMPARE(read->resource, std::string(kResource));
        QVERIFY((read->authorizationServers == Texts{"https://b.example", "https://a.example/x"}));
        QVERIFY((read->scopesSupported == Texts{"read", "write"}));
        QVERIFY(!read->dpopRequired);
    }

    void whetherTokensMustBeBound_data() {
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("readable");
        QTest::addColumn<bool>("required");
        const auto row = [](const char* value, bool readable, bool required) {
            QTest::newRow(value) << QByteArray(value) << readable << required;
        };
        row("true", true, true);
        row("false", true, false);
        row("null", true, false); // what servers write for what they do not have
        row("\"true\"", false, false);
        row("1", false, false);
        row("[true]", false, false);
        row("{}", false, false);
    }
    void whetherTokensMustBeBound() {
        QFETCH(const QByteArray, value);
        QFETCH(const bool, readable);
        QFETCH(const bool, required);
        const auto read = parseResourceMetadata(
            document(kResource, kServers + (",\"dpop_bound_access_tokens_required\":" + value.toStdString())),
            kResource);
        QCOMPARE(read.has_value(), readable);
        QVERIFY(readable ? read->dpopRequired == required : read.error().kind == ErrorKind::BadResponse);
    }

    void whichResourceItMayBeAbout_data() {
        QTest::addColumn<QByteArray>("stated");
        QTest::addColumn<bool>("fits");
        const auto row = [](const char* stated, bool fits) { QTest::newRow(stated) << QByteArray(stated) << fits; };
        row("https://mcp.example/server/mcp", true);
        row("https://mcp.example/server/mcp/", true);
        row("https://mcp.example", true);
        row("https://mcp.example/", true);
        row("https://mcp.example/server", false); // neither itself nor the whole
        row("https://mcp.example/server/mcp//", false);
        row("https://mcp.example/server/mcp2", false);
        row("https://mcp.example/server/MCP", false);
        row("https://mcp.example:443/server/mcp", false); // compared as it is written
        row("https://mcp.example.evil.example", false);
        row("https://mcp.exampl", false);
        row("http://mcp.example/server/mcp", false);
        row("", false);
    }
    void whichResourceItMayBeAbout() {
        QFETCH(const QByteArray, stated);
        QFETCH(const bool, fits);
        const auto read = parseResourceMetadata(document(stated.toStdString(), kServers), kResource);
        QCOMPARE(read.has_value(), fits);
        QVERIFY(fits || read.error().kind == ErrorKind::Rejected);
    }

    void whatIsRefused_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("rejected");
        const auto row = [](const char* name, const std::string& text, bool rejected) {
            QTest::newRow(name) << QByteArray::fromStdString(text) << rejected;
        };
        row("nothing", "", false);
        row("a list", "[]", false);
        row("no resource", std::string("{") + kServers + "}", false);
        row("a resource that is a number", std::string("{\"resource\":7,") + kServers + "}", false);
        row("no servers", "{\"resource\":\"https://mcp.example\"}", true);
        row("an empty list", document(kResource, "\"authorization_servers\":[]"), true);
        row("a text for a list", document(kResource, "\"authorization_servers\":\"https://as.example\""), false);
        row("a number in the list", document(kResource, "\"authorization_servers\":[7]"), false);
        row("scopes with spaces", document(kResource, std::string(kServers) + ",\"scopes_supported\":[\"a b\"]"),
            false);
        row("scopes as a text", document(kResource, std::string(kServers) + ",\"scopes_supported\":\"a\""), false);
        for (const char* issuer : {"http://as.example", "https://127.0.0.1", "https://localhost", "https://10.0.0.1",
                                   "https://169.254.169.254", "https://[::1]", "https://as.example?x", "file:///etc"}) {
            row(issuer, document(kResource, std::string("\"authorization_servers\":[\"") + issuer + "\"]"), true);
        }
        std::string many = "\"authorization_servers\":[";
        for (int i = 0; i < 17; ++i) {
            many += std::string(i == 0 ? "" : ",") + "\"https://as.example\"";
        }
        row("too many servers", document(kResource, many + "]"), false);
        std::string scopes = std::string(kServers) + ",\"scopes_supported\":[";
        for (int i = 0; i < 129; ++i) {
            scopes += std::string(i == 0 ? "" : ",") + "\"a\"";
        }
        row("too many scopes", document(kResource, scopes + "]"), false);
    }
    void whatIsRefused() {
        QFETCH(const QByteArray, text);
        QFETCH(const bool, rejected);
        const auto read = parseResourceMetadata(text.toStdString(), kResource);
        QVERIFY(!read.has_value());
        QCOMPARE(read.error().kind, rejected ? ErrorKind::Rejected : ErrorKind::BadResponse);
    }
};

QTEST_GUILESS_MAIN(TestResourceMetadata)
#include "tst_resource_metadata.moc"
