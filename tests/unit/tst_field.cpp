#include "daemon/providers/field.h"

#include <QTest>

using namespace keybearer::providers;

Q_DECLARE_METATYPE(FieldType)

namespace {

constexpr const char* kPem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----\n";

} // namespace

class TestField : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void values_data() {
        QTest::addColumn<FieldType>("type");
        QTest::addColumn<QByteArray>("value");
        QTest::addColumn<bool>("good");
        const auto row = [](const char* name, FieldType type, const QByteArray& value, bool good) {
            QTest::newRow(name) << type << value << good;
        };
        row("token", FieldType::Token, "sk-proj_A.b~c+d/e=", true);
        row("token, one character", FieldType::Token, "a", true);
        row("token, longest", FieldType::Token, QByteArray(16384, 'a'), true);
        row("token, too long", FieldType::Token, QByteArray(16385, 'a'), false);
        row("token, 1 MB", FieldType::Token, QByteArray(1 << 20, 'a'), false);
        row("token, empty", FieldType::Token, "", false);
        row("token, space", FieldType::Token, "a b", false);
        row("token, line feed at the end", FieldType::Token, "a\n", false);
        row("token, two lines", FieldType::Token, "a\nb", false);
        row("token, CR LF", FieldType::Token, "a\r\nX-Evil: 1", false);
        row("token, NUL", FieldType::Token, QByteArray("a\0b", 3), false);
        row("token, escape", FieldType::Token, "\x1b[31m", false);
        row("token, not ASCII", FieldType::Token, "\xC3\xA9", false);
        row("token, not UTF-8", FieldType::Token, "\xFF\xFE", false);
        row("pem", FieldType::Pem, kPem, true);
        row("pem, CR LF", FieldType::Pem, QByteArray(kPem).replace("\n", "\r\n"), true);
        row("pem, two blocks", FieldType::Pem, QByteArray(kPem) + "\n" + kPem, true);
        row("pem, no end", FieldType::Pem, "-----BEGIN A-----\nAAAA\n", false);
        row("pem, other end", FieldType::Pem, "-----BEGIN A-----\nAAAA\n-----END B-----\n", false);
        row("pem, nothing inside", FieldType::Pem, "-----BEGIN A-----\n-----END A-----\n", false);
        row("pem, no label", FieldType::Pem, "-----BEGIN -----\nAAAA\n-----END -----\n", false);
        row("pem, not base64", FieldType::Pem, "-----BEGIN A-----\nAA*A\n-----END A-----\n", false);
        row("pem, text before", FieldType::Pem, QByteArray("hello\n") + kPem, false);
        row("pem, text after", FieldType::Pem, QByteArray(kPem) + "hello\n", false);
        row("pem, literal \\n", FieldType::Pem, "-----BEGIN A-----\\nAAAA\\n-----END A-----", false);
        row("json", FieldType::Json, R"({"type":"service_account"})", true);
        row("json, several lines", FieldType::Json, "{\n \"a\": 1\n}\n", true);
        row("json, list", FieldType::Json, "[]", false);
        row("json, broken", FieldType::Json, "{\"a\":", false);
        row("json, two", FieldType::Json, "{}{}", false);
        row("json, a member twice", FieldType::Json, R"({"a":1,"a":2})", false);
        row("json, too deep", FieldType::Json, R"({"a":)" + QByteArray(16, '[') + QByteArray(16, ']') + "}", false);
        row("url", FieldType::Url, "https://api.example.com/v1", true);
        row("url, of this machine", FieldType::Url, "http://127.0.0.1:11434", true);
        row("url, user name", FieldType::Url, "https://a:b@example.com", false);
        row("url, fragment", FieldType::Url, "https://example.com/#a", false);
        row("url, other scheme", FieldType::Url, "file:///etc/passwd", false);
        row("url, no scheme", FieldType::Url, "elsewhere.test", false);
        row("url, space", FieldType::Url, "https://a b", false);
        row("path", FieldType::Path, "/srv/a/key file", true);
        row("path, relative", FieldType::Path, "key", false);
        row("path, line feed", FieldType::Path, "/a\nb", false);
        row("text", FieldType::Text, "eu-west-1", true);
        row("text, spaces and accents", FieldType::Text, "caf\xC3\xA9 1", true);
        row("text, two lines", FieldType::Text, "a\nb", false);
        row("text, too long", FieldType::Text, QByteArray(4097, 'a'), false);
    }
    void values() {
        QFETCH(const FieldType, type);
        QFETCH(const QByteArray, value);
        QFETCH(const bool, good);
        Field field;
        field.type = type;
        const auto problem = problemWith(field, value.toStdString());
        QCOMPARE(!problem.has_value(), good);
        QVERIFY(!problem || value.size() < 3 || problem->find(value.toStdString()) == std::string::npos);
    }

    void everyTypeHasAName() {
        for (const auto& [name, type] : kFieldTypes) {
            QCOMPARE(toString(type), name);
            QVERIFY(maxValueBytes(type) > 0);
        }
    }
};

QTEST_APPLESS_MAIN(TestField)
#include "tst_field.moc"
