/// \file
/// The examples are those of https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html and of
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html.

#include "daemon/locations/aws_files.h"

#include <QTest>

using namespace keybearer;
using namespace keybearer::locations;

namespace {

constexpr const char* kCredentials = R"([default]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY

; another
[user1]
AWS_ACCESS_KEY_ID=AKIAI44QH8DHBEXAMPLE # the second one
aws_secret_access_key=je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY
aws_session_token = IQoJb3JpZ2luX2IQoJb3JpZ2luX2==
)";
constexpr const char* kConfig = R"([default]
region = us-west-2
output = json
s3 =
    max_concurrent_requests = 20
    aws_access_key_id = NOT-THIS

[profile user1]
region = us-east-1
aws_secret_access_key = never-this

[profile process]
credential_process = /opt/bin/awscreds-custom --username "helen smith"

[profile sso]
sso_session = my-sso
[profile "quoted"]
region = nowhere
[profileuser1]
region = nowhere
[sso-session my-sso]
sso_start_url = https://example.com/start
)";

QByteArray revealed(const std::optional<base::Secret>& secret) {
    return secret ? QByteArray::fromStdString(std::string(secret->reveal())) : QByteArray();
}

} // namespace

class TestAwsFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void profilesOfBothFilesAreOne() {
        const auto user = findAwsProfile(kCredentials, kConfig, "user1");
        QVERIFY(user.has_value() && user->has_value());
        QCOMPARE(revealed((*user)->accessKeyId), "AKIAI44QH8DHBEXAMPLE");
        QCOMPARE(revealed((*user)->secretAccessKey), "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY");
        QCOMPARE(revealed((*user)->sessionToken), "IQoJb3JpZ2luX2IQoJb3JpZ2luX2==");
        QCOMPARE((*user)->region, std::string("us-east-1"));
        const auto first = findAwsProfile(kCredentials, kConfig, "default");
        QCOMPARE(revealed((*first)->accessKeyId), "AKIAIOSFODNN7EXAMPLE");
        QCOMPARE(revealed((*first)->sessionToken), QByteArray());
        QCOMPARE((*first)->region, std::string("us-west-2"));
    }

    void aProfileOfOneFileIsEnough() {
        QVERIFY(findAwsProfile(kCredentials, "", "user1")->has_value());
        const auto process = findAwsProfile("", kConfig, "process");
        QVERIFY(process.has_value() && process->has_value());
        QCOMPARE((*process)->process,
                 (std::vector<std::string>{"/opt/bin/awscreds-custom", "--username", "helen smith"}));
        QVERIFY(!(*process)->needsAwsProgram);
    }

    void keysInTheFileComeBeforeTheProgram() {
        const auto both = findAwsProfile("[p]\naws_access_key_id=a\naws_secret_access_key=b\n",
                                         "[profile p]\ncredential_process=x\n", "p");
        QVERIFY((*both)->process.empty());
    }

    void whatTheAwsProgramDoesIsKnown_data() {
        QTest::addColumn<QByteArray>("line");
        for (const char* line : {"role_arn = arn:aws:iam::123456789012:role/x", "sso_session = s",
                                 "sso_start_url = https://x", "web_identity_token_file = /x", "login_session = x"}) {
            QTest::newRow(line) << QByteArray(line);
        }
    }
    void whatTheAwsProgramDoesIsKnown() {
        QFETCH(const QByteArray, line);
        const auto profile = findAwsProfile("", "[profile p]\n" + line.toStdString() + "\n", "p");
        QVERIFY((*profile)->needsAwsProgram);
    }

    void unknownProfilesAreNotThere() {
        for (const char* name : {"nobody", "my-sso", "sso-session my-sso", "quoted", "profile user1", ""}) {
            const auto profile = findAwsProfile(kCredentials, kConfig, name);
            QVERIFY2(profile.has_value() && !profile->has_value(), name);
        }
    }

    void badLinesAreNamedByNumberAlone_data() {
        QTest::addColumn<QByteArray>("credentials");
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QByteArray>("error");
        QTest::newRow("no equals sign") << QByteArray("[a]\ncanary\n") << QByteArray()
                                        << QByteArray("the AWS credentials file, line 2: is neither");
        QTest::newRow("no bracket") << QByteArray() << QByteArray("\n\n[canary\n")
                                    << QByteArray("the AWS config file, line 3: a ] is missing");
        QTest::newRow("before any section")
            << QByteArray("canary") << QByteArray() << QByteArray("the AWS credentials file, line 1: is neither");
    }
    void badLinesAreNamedByNumberAlone() {
        QFETCH(const QByteArray, credentials);
        QFETCH(const QByteArray, config);
        QFETCH(const QByteArray, error);
        const auto profile = findAwsProfile(credentials.toStdString(), config.toStdString(), "a");
        QVERIFY(!profile.has_value());
        QVERIFY2(profile.error().starts_with(error.toStdString()), profile.error().c_str());
        QVERIFY(profile.error().find("canary") == std::string::npos);
    }

    void whatAProcessPrintsIsRead() {
        const auto profile = parseAwsProcessOutput(
            R"({"Version": 1, "AccessKeyId": "an AWS access key", "SecretAccessKey": "your AWS secret access key",
                "SessionToken": "the AWS session token", "Expiration": "2019-11-24T12:00:00Z"})");
        QVERIFY2(profile.has_value(), profile ? "" : profile.error().c_str());
        QCOMPARE(revealed(profile->accessKeyId), "an AWS access key");
        QCOMPARE(revealed(profile->secretAccessKey), "your AWS secret access key");
        QCOMPARE(revealed(profile->sessionToken), "the AWS session token");
        QVERIFY(!parseAwsProcessOutput(R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"b"})")->sessionToken);
    }

    void badOutputIsRefusedWithoutBeingQuoted_data() {
        QTest::addColumn<QByteArray>("output");
        QTest::newRow("nothing") << QByteArray();
        QTest::newRow("a text") << QByteArray("canary");
        QTest::newRow("a list") << QByteArray("[\"canary\"]");
        QTest::newRow("another version") << QByteArray(
            R"({"Version":2,"AccessKeyId":"canary","SecretAccessKey":"canary"})");
        QTest::newRow("no version") << QByteArray(R"({"AccessKeyId":"canary","SecretAccessKey":"canary"})");
        QTest::newRow("no secret") << QByteArray(R"({"Version":1,"AccessKeyId":"canary"})");
        QTest::newRow("an empty id") << QByteArray(R"({"Version":1,"AccessKeyId":"","SecretAccessKey":"canary"})");
        QTest::newRow("a number") << QByteArray(R"({"Version":1,"AccessKeyId":7,"SecretAccessKey":"canary"})");
        QTest::newRow("twice") << QByteArray(
            R"({"Version":1,"AccessKeyId":"a","AccessKeyId":"canary","SecretAccessKey":"b"})");
    }
    void badOutputIsRefusedWithoutBeingQuoted() {
        QFETCH(const QByteArray, output);
        const auto profile = parseAwsProcessOutput(output.toStdString());
        QVERIFY(!profile.has_value());
        QVERIFY(profile.error().find("canary") == std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestAwsFiles)
#include "tst_aws_files.moc"
