// Read back by another program: ZBar.
#include "app/tray/qr_code.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace keybearer;

namespace {

QByteArray readBack(const QImage& code) {
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("code.png"));
    if (!code.scaled(code.size() * 4).save(path)) {
        return {};
    }
    QProcess reader;
    reader.start(QStringLiteral("zbarimg"), {QStringLiteral("--raw"), QStringLiteral("-q"), path});
    reader.waitForFinished();
    return reader.readAllStandardOutput().trimmed();
}

} // namespace

class TestQrCode : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anotherProgramReadsIt_data() {
        QTest::addColumn<QString>("text");
        QTest::newRow("an address") << QStringLiteral("https://login.example.com/device?user_code=WDJB-MJHT");
        QTest::newRow("a long one") << QStringLiteral("https://login.example.com/device?q=") +
                                           QString(900, QLatin1Char('x'));
    }
    void anotherProgramReadsIt() {
        QFETCH(const QString, text);
        QCOMPARE(readBack(tray::qrCode(text)), text.toUtf8());
    }

    void itIsSurroundedByWhite() { // ISO/IEC 18004, 5.3.8: four modules
        const QImage code = tray::qrCode(QStringLiteral("x"));
        for (int i = 0; i < code.width(); ++i) {
            for (int edge = 0; edge < 4; ++edge) {
                QCOMPARE(code.pixel(i, edge), qRgb(255, 255, 255));
                QCOMPARE(code.pixel(edge, i), qRgb(255, 255, 255));
                QCOMPARE(code.pixel(code.width() - 1 - edge, i), qRgb(255, 255, 255));
            }
        }
        QCOMPARE(code.pixel(4, 4), qRgb(0, 0, 0)); // a corner of the finder pattern
    }

    void whatDoesNotFitIsNoPicture() {
        QVERIFY(tray::qrCode({}).isNull());
        QVERIFY(tray::qrCode(QString(3000, QLatin1Char('x'))).isNull()); // 2,331 bytes at level M
    }
};

QTEST_MAIN(TestQrCode)
#include "tst_qr_code.moc"
