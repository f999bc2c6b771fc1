#pragma once
/// \file
/// An audit record in a folder of its own, and what its check says.

#include "daemon/audit/audit_log.h"
#include "daemon/audit/verify.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

namespace keybearer::audit {

class SetClock final : public base::Clock {
public:
    [[nodiscard]] std::int64_t utcSeconds() const override { return now; }
    [[nodiscard]] std::chrono::milliseconds steady() const override { return std::chrono::milliseconds(now * 1000); }
    std::int64_t now = 1'700'000'000;
};

/// Views into `credential`.
inline Record recordOf(std::string_view credential) {
    Record record;
    record.event = "token.release";
    record.verdict = "allow";
    record.reason = "because";
    record.method = "token.get";
    record.credential = credential;
    record.uid = 1000;
    record.pid = 4242;
    record.exe = "/usr/bin/git";
    return record;
}

inline QJsonObject objectOf(const QByteArray& line) {
    return QJsonDocument::fromJson(line).object();
}

inline SealKey testKey(char c = 'k') {
    return {"0123456789abcdef", std::make_shared<const base::Secret>(std::string(kSealKeyBytes, c))};
}

struct AuditFixture {
    QTemporaryDir folder;
    SetClock clock;
    Limits limits;
    std::string path = folder.filePath(QStringLiteral("audit.log")).toStdString();
    std::string headPath = folder.filePath(QStringLiteral("audit.head")).toStdString();

    [[nodiscard]] base::Result<AuditLog, std::string> open(Committer::Sync sync = {}) const {
        return AuditLog::open(path, clock, limits, std::move(sync));
    }
    void append(int count) const {
        auto log = open();
        appendTo(*log, count);
    }
    static void appendTo(AuditLog& log, int count) {
        for (int i = 0; i < count; ++i) {
            const std::string name = "account" + std::to_string(i);
            const auto appended = log.append(recordOf(name));
            QVERIFY2(appended.has_value(), appended ? "" : appended.error().c_str());
        }
    }
    static void settle(const AuditLog& log) {
        log.hurry();
        QVERIFY(QTest::qWaitFor([&] { return log.isSettled(); }));
    }

    static QByteArray contentOf(const std::string& file) {
        QFile content(QString::fromStdString(file));
        return content.open(QIODevice::ReadOnly) ? content.readAll() : QByteArray();
    }
    [[nodiscard]] QByteArray content() const { return contentOf(path); }
    static QList<QByteArray> linesOf(const std::string& file) {
        QList<QByteArray> all = contentOf(file).split('\n');
        all.removeLast();
        return all;
    }
    [[nodiscard]] QList<QByteArray> lines() const { return linesOf(path); }
    static void writeTo(const std::string& file, const QByteArray& bytes) {
        QFile content(QString::fromStdString(file));
        QVERIFY(content.open(QIODevice::WriteOnly | QIODevice::Truncate));
        content.write(bytes);
        content.close();
        ::chmod(file.c_str(), 0600);
    }
    void write(const QByteArray& bytes) const { writeTo(path, bytes); }
    void write(const QList<QByteArray>& all) const { write(all.join('\n') + '\n'); }
    /// The older files, and audit.log.
    [[nodiscard]] QStringList fileNames() const {
        return QDir(folder.path()).entryList({QStringLiteral("*.log")}, QDir::Files, QDir::Name);
    }

    [[nodiscard]] Report verify(Expected expected) const {
        std::vector<Segment> files = olderSegments(path);
        files.push_back({});
        files.back().path = path;
        files.back().bytes = static_cast<std::uint64_t>(content().size());
        Verification verification(std::move(files), std::move(expected));
        while (verification.step()) {
        }
        return verification.report();
    }
    [[nodiscard]] Report verify() const {
        Expected expected;
        expected.whyNoKey = "no key in this test";
        return verify(std::move(expected));
    }
    /// With the key and the head as it lies there.
    [[nodiscard]] Report verifySealed(const SealKey& key = testKey()) const {
        Expected expected;
        expected.key = key;
        if (QFile::exists(QString::fromStdString(headPath))) {
            expected.head = contentOf(headPath).toStdString();
        }
        return verify(std::move(expected));
    }
    /// Rows, when nothing is wrong.
    [[nodiscard]] std::uint64_t verified() const {
        const Report report = verify();
        return report.problems.empty() ? report.rows : 0;
    }
    /// ":3: sentence", of the first problem.
    [[nodiscard]] static std::string firstOf(const Report& report) {
        if (report.problems.empty()) {
            return {};
        }
        const Problem& problem = report.problems.front();
        return ":" + std::to_string(problem.line) + ": " + problem.text;
    }
    [[nodiscard]] std::string verifyError() const { return firstOf(verify()); }
};

} // namespace keybearer::audit
