#include "tests/unit/raw_http_server.h"

#include <QFile>
#include <QProcess>
#include <QSslKey>
#include <QSslServer>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace keybearer;
using namespace keybearer::oauth;
using namespace keybearer::test;

namespace {

bool runOpenssl(const QString& folder, const QStringList& arguments) {
    QProcess process;
    process.setWorkingDirectory(folder);
    process.start(QStringLiteral("openssl"), arguments);
    return process.waitForFinished(30'000) && process.exitCode() == 0;
}

bool writeFile(const QString& path, const QByteArray& content) {
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(content) == content.size();
}

} // namespace

class tst_HttpTls : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    [[nodiscard]] QString path(const char* name) const { return m_folder.filePath(QLatin1String(name)); }
    [[nodiscard]] Transport trusting(const char* caFile) const {
        return {path(caFile).toStdString(), kRequestDeadline};
    }

    std::unique_ptr<RawServer> tlsServer(const char* name) {
        QFile certificate(path(name) + QLatin1String(".pem"));
        QFile key(path(name) + QLatin1String(".key"));
        if (!certificate.open(QIODevice::ReadOnly) || !key.open(QIODevice::ReadOnly)) {
            qFatal("no certificate");
        }
        QSslConfiguration configuration = QSslConfiguration::defaultConfiguration();
        configuration.setLocalCertificate(QSslCertificate(&certificate));
        configuration.setPrivateKey(QSslKey(&key, QSsl::Ec));
        configuration.setPeerVerifyMode(QSslSocket::VerifyNone);
        auto server = std::make_unique<QSslServer>();
        server->setSslConfiguration(configuration);
        // Left open, so that a later request could use the connection again.
        return std::make_unique<RawServer>([](QTcpSocket& socket) { socket.write(json("{}")); }, std::move(server));
    }

    bool issue(const QString& name, const QByteArray& alternativeNames, bool expired = false) {
        const QString end = expired ? QStringLiteral("210101000000Z") : QStringLiteral("20991231235959Z");
        return writeFile(path("ca.cnf"), "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\nnew_certs_dir=.\n"
                                         "default_md=sha256\npolicy=p\nx509_extensions=e\nunique_subject=no\n"
                                         "[p]\ncommonName=supplied\n[e]\nsubjectAltName=" +
                                             alternativeNames + "\n") &&
               runOpenssl(m_folder.path(),
                          {QStringLiteral("req"), QStringLiteral("-newkey"), QStringLiteral("ec"),
                           QStringLiteral("-pkeyopt"), QStringLiteral("ec_paramgen_curve:P-256"),
                           QStringLiteral("-nodes"), QStringLiteral("-subj"), QStringLiteral("/CN=test"),
                           QStringLiteral("-keyout"), name + QStringLiteral(".key"), QStringLiteral("-out"),
                           name + QStringLiteral(".csr")}) &&
               runOpenssl(m_folder.path(),
                          {QStringLiteral("ca"), QStringLiteral("-batch"), QStringLiteral("-config"),
                           QStringLiteral("ca.cnf"), QStringLiteral("-cert"), QStringLiteral("ca.pem"),
                           QStringLiteral("-keyfile"), QStringLiteral("ca.key"), QStringLiteral("-startdate"),
                           QStringLiteral("200101000000Z"), QStringLiteral("-enddate"), end, QStringLiteral("-notext"),
                           QStringLiteral("-in"), name + QStringLiteral(".csr"), QStringLiteral("-out"),
                           name + QStringLiteral(".pem")});
    }

    bool selfSigned(const QString& name, const QStringList& extensions) {
        QStringList arguments{
            QStringLiteral("req"),         QStringLiteral("-x509"),       QStringLiteral("-newkey"),
            QStringLiteral("ec"),          QStringLiteral("-pkeyopt"),    QStringLiteral("ec_paramgen_curve:P-256"),
            QStringLiteral("-nodes"),      QStringLiteral("-days"),       QStringLiteral("2"),
            QStringLiteral("-subj"),       QStringLiteral("/CN=") + name, QStringLiteral("-keyout"),
            name + QStringLiteral(".key"), QStringLiteral("-out"),        name + QStringLiteral(".pem")};
        for (const QString& extension : extensions) {
            arguments << QStringLiteral("-addext") << extension;
        }
        return runOpenssl(m_folder.path(), arguments);
    }

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        QVERIFY(writeFile(path("index.txt"), {}));
        QVERIFY(writeFile(path("serial"), "01\n"));
        QVERIFY(selfSigned(QStringLiteral("ca"), {QStringLiteral("basicConstraints=critical,CA:TRUE"),
                                                  QStringLiteral("keyUsage=critical,keyCertSign,cRLSign")}));
        QVERIFY(selfSigned(QStringLiteral("otherca"), {QStringLiteral("basicConstraints=critical,CA:TRUE")}));
        QVERIFY(selfSigned(QStringLiteral("selfsigned"), {QStringLiteral("subjectAltName=IP:127.0.0.1")}));
        QVERIFY(issue(QStringLiteral("good"), "IP:127.0.0.1"));
        QVERIFY(issue(QStringLiteral("wronghost"), "DNS:other.example"));
        QVERIFY(issue(QStringLiteral("expired"), "IP:127.0.0.1", true));
    }

    void certificateIsChecked_data() {
        QTest::addColumn<QByteArray>("server");
        QTest::addColumn<QByteArray>("ca");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("own root, good") << QByteArray("good") << QByteArray("ca.pem") << QByteArray();
        QTest::newRow("self-signed, named as root")
            << QByteArray("selfsigned") << QByteArray("selfsigned.pem") << QByteArray();
        QTest::newRow("unknown issuer") << QByteArray("good") << QByteArray()
                                        << QByteArray("(\"ca\"); if your network");
        QTest::newRow("another root") << QByteArray("good") << QByteArray("otherca.pem") << QByteArray("inspects TLS");
        QTest::newRow("self-signed") << QByteArray("selfsigned") << QByteArray() << QByteArray("self-signed");
        QTest::newRow("another host") << QByteArray("wronghost") << QByteArray("ca.pem")
                                      << QByteArray("another host name");
        QTest::newRow("expired") << QByteArray("expired") << QByteArray("ca.pem") << QByteArray("expired");
    }

    void certificateIsChecked() {
        QFETCH(QByteArray, server);
        QFETCH(QByteArray, ca);
        QFETCH(QByteArray, words);
        const auto tls = tlsServer(server.constData());
        HttpClient client;
        const auto response =
            await(client.post(tls->url("https"), aForm(), ca.isEmpty() ? Transport{} : trusting(ca.constData())));
        QCOMPARE(response.has_value(), words.isEmpty());
        if (!words.isEmpty()) {
            QCOMPARE(response.error().kind, ErrorKind::Unreachable);
            QVERIFY2(response.error().detail.find(words.toStdString()) != std::string::npos,
                     response.error().detail.c_str());
            QCOMPARE(tls->requests.size(), 0); // no byte of the request left
        }
    }

    /// The connection that the first request opened must not serve one that trusts less.
    void trustIsNotShared() {
        const auto tls = tlsServer("good");
        HttpClient client;
        QVERIFY(await(client.get(tls->url("https"), trusting("ca.pem"))).has_value());
        const auto response = await(client.get(tls->url("https"), {}));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Unreachable);
        QCOMPARE(tls->requests.size(), 1);
    }

    void oldTlsIsRefused() {
        QProcess server;
        server.setWorkingDirectory(m_folder.path());
        server.setProcessChannelMode(QProcess::MergedChannels);
        server.start(QStringLiteral("openssl"),
                     {QStringLiteral("s_server"), QStringLiteral("-accept"), QStringLiteral("127.0.0.1:0"),
                      QStringLiteral("-tls1_1"), QStringLiteral("-cipher"), QStringLiteral("ALL:@SECLEVEL=0"),
                      QStringLiteral("-cert"), QStringLiteral("good.pem"), QStringLiteral("-key"),
                      QStringLiteral("good.key"), QStringLiteral("-www")});
        QByteArray output;
        // "ACCEPT 127.0.0.1:41234"
        while (!output.contains("ACCEPT 127.0.0.1:") || !output.endsWith('\n')) {
            QVERIFY(server.waitForReadyRead(30'000));
            output += server.readAll();
        }
        const QByteArray port = output.mid(output.indexOf("ACCEPT 127.0.0.1:") + 17).trimmed();
        HttpClient client;
        const auto response = await(client.get("https://127.0.0.1:" + port.toStdString() + "/", trusting("ca.pem")));
        server.kill();
        server.waitForFinished();
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Unreachable);
        QVERIFY2(response.error().detail.find("TLS") != std::string::npos, response.error().detail.c_str());
    }

    void plainServerOnAnHttpsAddressIsUnreachable() {
        RawServer server(saying(json("{}")));
        HttpClient client;
        const auto response = await(client.get(server.url("https"), {{}, std::chrono::milliseconds(2000)}));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Unreachable);
    }

    void uselessCaFileIsMisconfigured_data() {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("missing") << QByteArray("no-such-file.pem");
        QTest::newRow("empty") << QByteArray("index.txt.old");
        QTest::newRow("folder") << QByteArray(".");
        QTest::newRow("not PEM") << QByteArray("serial");
    }

    void uselessCaFileIsMisconfigured() {
        QFETCH(QByteArray, name);
        QVERIFY(name != "index.txt.old" || writeFile(path("index.txt.old"), {}));
        HttpClient client;
        const auto response = await(client.get("https://127.0.0.1:1/", trusting(name.constData())));
        QVERIFY(!response.has_value());
        QCOMPARE(response.error().kind, ErrorKind::Misconfigured);
        QVERIFY(response.error().detail.find("CA file") != std::string::npos);
    }

    void mendedCaFileIsReadAnew() {
        const auto tls = tlsServer("good");
        HttpClient client;
        QVERIFY(writeFile(path("mended.pem"), {}));
        QCOMPARE(await(client.get(tls->url("https"), trusting("mended.pem"))).error().kind, ErrorKind::Misconfigured);
        QVERIFY(QFile::remove(path("mended.pem")) && QFile::copy(path("ca.pem"), path("mended.pem")));
        QVERIFY(await(client.get(tls->url("https"), trusting("mended.pem"))).has_value());
    }
};

QTEST_GUILESS_MAIN(tst_HttpTls)
#include "tst_http_tls.moc"
