#pragma once
/// \file
/// What the tests of identities share.

#include "daemon/crypto/crypto.h"
#include "daemon/identity/examine.h"
#include "daemon/identity/file_hashes.h"
#include "tests/unit/process_children.h"

#include <QFile>

#include <atomic>
#include <functional>

namespace keybearer::identity {

/// So far ahead that every file is old.
class LateClock final : public base::Clock {
public:
    [[nodiscard]] std::int64_t utcSeconds() const override {
        if (onCall) {
            onCall();
        }
        return base::SystemClock().utcSeconds() + 60;
    }
    [[nodiscard]] std::chrono::milliseconds steady() const override { return {}; }

    std::function<void()> onCall; ///< before a file is read
};

inline std::string sha256Of(const std::string& path) {
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? crypto::sha256Hex(file.readAll().toStdString()) : std::string();
}

inline base::Result<std::string, Refusal> readNow(const platform::LocatedFile& file) {
    return FileHashes({}, base::SystemClock()).hash(file);
}

/// A folder with a program of ours in it.
struct Installed {
    QTemporaryDir folder;
    std::string frontEnd = test::copyOf(test::helperProgram(), folder.filePath(QStringLiteral("keybearer")));
    Surroundings surroundings{{{frontEnd, sha256Of(frontEnd)}}, {}};

    [[nodiscard]] std::string path(const char* name) const {
        return folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    [[nodiscard]] base::Result<Subject, Refusal> examine(pid_t pid, const Hashing& hash = readNow) const {
        const auto process = platform::Process::pin(pid);
        if (!process) {
            return base::fail(Refusal::of(process.error()));
        }
        return identity::examine(*process, surroundings, hash);
    }
    /// A script, so that it can be executed.
    [[nodiscard]] std::string script(const char* name, const std::string& content) const {
        QFile file(folder.filePath(QString::fromLatin1(name)));
        static_cast<void>(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(QByteArray::fromStdString(content));
        file.close();
        file.setPermissions(file.permissions() | QFile::ExeOwner);
        return path(name);
    }
};

} // namespace keybearer::identity
