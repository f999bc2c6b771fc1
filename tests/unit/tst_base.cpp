#include "ipc/base/base64url.h"
#include "ipc/base/private_file.h"
#include "ipc/base/secret.h"
#include "ipc/base/secure_dir.h"
#include "ipc/base/text.h"

#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <concepts>
#include <cstdio>

using namespace keybearer::base;

namespace {

template<class T>
concept Printable = requires(QDebug stream, const T& value) {
    stream << value;
};
static_assert(!Printable<Secret> && !Printable<AccessToken>, "a secret must not be loggable");
static_assert(!std::copy_constructible<Secret>, "copies of a secret are made with clone()");
static_assert(!std::convertible_to<AccessToken, RefreshToken>, "tokens of different kinds must not be mixed up");

std::string permissions(const std::string& path) {
    struct stat info {};
    ::lstat(path.c_str(), &info);
    char text[8];
    std::snprintf(text, sizeof text, "%03o", info.st_mode & 07777U);
    return text;
}

} // namespace

class tst_Base : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void secretIsMovedNotCopied();
    void absorbWipesTheSource();
    void constantTimeComparisonComparesEverything_data();
    void constantTimeComparisonComparesEverything();
    void base64UrlOfTheRfc_data();
    void base64UrlOfTheRfc();
    void base64UrlRefuses_data();
    void base64UrlRefuses();
    void utf8_data();
    void utf8();
    void printableLetsNothingThrough();
    void privateDirRefuses_data();
    void privateDirRefuses();
    void privateDirIsMadeWithParents();
};

void tst_Base::secretIsMovedNotCopied() {
    Secret a("hunter2");
    Secret b = std::move(a);
    QVERIFY(a.empty()); // NOLINT(bugprone-use-after-move): being empty is the promise
    QCOMPARE(b.reveal(), std::string_view("hunter2"));
    const Secret c = b.clone();
    QVERIFY(c == b);
    b = Secret("other");
    QVERIFY(!(c == b));
}

void tst_Base::absorbWipesTheSource() {
    std::string source(64, 'k');
    const char* where = source.data();
    const Secret secret = Secret::absorb(std::move(source));
    QCOMPARE(secret.size(), std::size_t{64});
    QCOMPARE(where[0], '\0'); // the buffer belongs to `source` still
    QCOMPARE(where[63], '\0');
}

void tst_Base::constantTimeComparisonComparesEverything_data() {
    QTest::addColumn<QByteArray>("a");
    QTest::addColumn<QByteArray>("b");
    QTest::addColumn<bool>("same");
    QTest::newRow("same") << QByteArray("abc") << QByteArray("abc") << true;
    QTest::newRow("first byte") << QByteArray("xbc") << QByteArray("abc") << false;
    QTest::newRow("last byte") << QByteArray("abx") << QByteArray("abc") << false;
    QTest::newRow("prefix") << QByteArray("ab") << QByteArray("abc") << false;
    QTest::newRow("empty") << QByteArray() << QByteArray() << true;
}

void tst_Base::constantTimeComparisonComparesEverything() {
    QFETCH(QByteArray, a);
    QFETCH(QByteArray, b);
    QTEST(equalInConstantTime(a.toStdString(), b.toStdString()), "same");
}

void tst_Base::base64UrlOfTheRfc_data() {
    // RFC 4648 section 10, without the padding (RFC 7515 section 2); the last is RFC 7515 appendix C.
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray("") << QByteArray("");
    QTest::newRow("f") << QByteArray("f") << QByteArray("Zg");
    QTest::newRow("fo") << QByteArray("fo") << QByteArray("Zm8");
    QTest::newRow("foo") << QByteArray("foo") << QByteArray("Zm9v");
    QTest::newRow("foobar") << QByteArray("foobar") << QByteArray("Zm9vYmFy");
    QTest::newRow("url characters") << QByteArray::fromHex("03ecffe0c1") << QByteArray("A-z_4ME");
}

void tst_Base::base64UrlOfTheRfc() {
    QFETCH(QByteArray, bytes);
    QFETCH(QByteArray, text);
    QCOMPARE(base64UrlEncode(bytes.toStdString()), text.toStdString());
    QCOMPARE(base64UrlDecode(text.toStdString()).value(), bytes.toStdString());
}

void tst_Base::base64UrlRefuses_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("padding") << QByteArray("Zg==");
    QTest::newRow("plus") << QByteArray("A+z_4ME");
    QTest::newRow("slash") << QByteArray("A-z/4ME");
    QTest::newRow("space") << QByteArray("Zm9 v");
    QTest::newRow("line feed") << QByteArray("Zm9v\n");
    QTest::newRow("impossible length") << QByteArray("Zm9vY");
    QTest::newRow("unused bits set") << QByteArray("Zh");
}

void tst_Base::base64UrlRefuses() {
    QFETCH(QByteArray, text);
    QVERIFY(!base64UrlDecode(text.toStdString()));
}

void tst_Base::utf8_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("valid");
    QTest::newRow("ascii") << QByteArray("abc") << true;
    QTest::newRow("two bytes") << QByteArray("\xC3\xA9") << true;
    QTest::newRow("three bytes") << QByteArray("\xE2\x82\xAC") << true;
    QTest::newRow("four bytes") << QByteArray("\xF0\x9F\x94\x91") << true;
    QTest::newRow("last code point") << QByteArray("\xF4\x8F\xBF\xBF") << true;
    QTest::newRow("lone continuation") << QByteArray("\x80") << false;
    QTest::newRow("overlong slash") << QByteArray("\xC0\xAF") << false;
    QTest::newRow("overlong three") << QByteArray("\xE0\x80\xAF") << false;
    QTest::newRow("overlong four") << QByteArray("\xF0\x80\x80\xAF") << false;
    QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << false;
    QTest::newRow("above the last") << QByteArray("\xF4\x90\x80\x80") << false;
    QTest::newRow("cut off") << QByteArray("\xE2\x82") << false;
    QTest::newRow("0xFF") << QByteArray("\xFF") << false;
}

void tst_Base::utf8() {
    QFETCH(QByteArray, text);
    QTEST(isUtf8(text.toStdString()), "valid");
}

void tst_Base::printableLetsNothingThrough() {
    QCOMPARE(printable("a\x1b[31mb\r\nc\x7f\xC3\xA9"), std::string("a?[31mb??c???"));
    QCOMPARE(printable(std::string(300, 'x'), 10), std::string("xxxxxxxxxx..."));
}

void tst_Base::privateDirRefuses_data() {
    QTest::addColumn<QString>("what");
    for (const char* what : {"missing", "group may enter", "others may enter", "symbolic link", "file", "foreign"}) {
        QTest::newRow(what) << QString::fromLatin1(what);
    }
}

void tst_Base::privateDirRefuses() {
    QFETCH(QString, what);
    const QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("d")).toStdString();
    if (what != QStringLiteral("missing") && what != QStringLiteral("file")) {
        QCOMPARE(::mkdir(path.c_str(), 0700), 0);
        QVERIFY(checkPrivateDir(path)); // refused below for one reason only
    }
    std::string asked = path;
    if (what.startsWith(QStringLiteral("group"))) {
        QCOMPARE(::chmod(path.c_str(), 0710), 0);
    } else if (what.startsWith(QStringLiteral("others"))) {
        QCOMPARE(::chmod(path.c_str(), 0701), 0);
    } else if (what == QStringLiteral("symbolic link")) {
        asked = path + "-link";
        QCOMPARE(::symlink(path.c_str(), asked.c_str()), 0);
    } else if (what == QStringLiteral("file")) {
        QVERIFY(writePrivateFile(path, ""));
    } else if (what == QStringLiteral("foreign")) {
        asked = ::geteuid() == 0 ? path : "/root";
        if (::geteuid() == 0) {
            QCOMPARE(::chown(path.c_str(), 65534, 65534), 0);
        }
    }
    const auto result = checkPrivateDir(asked);
    QVERIFY(!result);
    QVERIFY(result.error().find(asked) != std::string::npos);
}

void tst_Base::privateDirIsMadeWithParents() {
    const QTemporaryDir folder;
    const std::string path = folder.filePath(QStringLiteral("a/b/c")).toStdString();
    QVERIFY(makePrivateDir(path));
    QVERIFY(makePrivateDir(path));
    QCOMPARE(permissions(path), std::string("700"));
    QCOMPARE(permissions(folder.filePath(QStringLiteral("a")).toStdString()), std::string("700"));
}

QTEST_GUILESS_MAIN(tst_Base)
#include "tst_base.moc"
