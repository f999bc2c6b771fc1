// Programs, arguments and files of other processes, with real ones.
#include "tests/unit/fuse_folder.h"
#include "tests/unit/process_test.h"

#include <QFile>
#include <QTest>

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

using namespace keybearer::platform;
using namespace keybearer::test;

namespace {

void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

/// In a child, with folders of its own that nobody sees: true when `check` returned true.
bool inOwnMounts(const std::function<bool()>& check) {
    const Child child = Child::forked([&] {
        return ::unshare(CLONE_NEWNS) == 0 && ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
               ::mount("x", "/mnt", "tmpfs", 0, "mode=755") == 0 && check();
    });
    return child.isReady();
}

} // namespace

class tst_ProcessFiles : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void findsTheExecutable();
    void followsARenamedExecutable();
    void noticesADeletedExecutable();
    void noticesAReplacedExecutable();
    void findsAFileThatIsNamedLikeADeletedOne();
    void findsFilesAsTheProcessDoes();
    void findsNoOtherThings_data();
    void findsNoOtherThings();
    void readsArgumentsWithinBounds();
    void noticesAnotherRoot();
    void readsFlatpakInfoOfTheProcess_data();
    void readsFlatpakInfoOfTheProcess();
    void tellsWhatOnlyRootCanChange();
    void believesNoFuseMount();
};

void tst_ProcessFiles::findsTheExecutable() {
    const Child child = Child::running({"sleep", "60"});
    const auto process = Process::pin(child.pid());
    QVERIFY(process);
    const auto file = process->executable();
    QVERIFY2(file, file ? "" : file.error().sentence.c_str());
    struct stat info {};
    QCOMPARE(::stat(file->path.c_str(), &info), 0);
    QCOMPARE(file->id.device, info.st_dev);
    QCOMPARE(file->id.inode, info.st_ino);
    QCOMPARE(file->id.size, std::uint64_t(info.st_size));
    QCOMPARE(file->id.ctimeNs, info.st_ctim.tv_sec * 1'000'000'000 + info.st_ctim.tv_nsec);
    QVERIFY(file->isInPlace && file->isRootOwned && !file->isOnFuse);
    QVERIFY(currentId(*file) == file->id);
    QCOMPARE(QString::fromStdString(file->path), QFile::symLinkTarget(QStringLiteral("/proc/%1/exe").arg(child.pid())));
    const auto sandbox = process->sandbox(*file);
    QVERIFY(sandbox && sandbox->kind == SandboxKind::None);
}

void tst_ProcessFiles::followsARenamedExecutable() {
    const QTemporaryDir folder;
    const std::string before = copyOf("sleep", folder.filePath(QStringLiteral("before")));
    const Child child = Child::running({before, "60"});
    const auto process = Process::pin(child.pid());
    const std::string after = folder.filePath(QStringLiteral("after")).toStdString();
    QCOMPARE(::rename(before.c_str(), after.c_str()), 0);
    const auto file = process->executable();
    QVERIFY(file && file->isInPlace && !file->isRootOwned);
    QCOMPARE(file->path, after);
}

void tst_ProcessFiles::noticesADeletedExecutable() {
    const QTemporaryDir folder;
    const std::string path = copyOf("sleep", folder.filePath(QStringLiteral("x")));
    const Child child = Child::running({path, "60"});
    const auto process = Process::pin(child.pid());
    QVERIFY(process->executable()->isInPlace);
    QCOMPARE(::unlink(path.c_str()), 0);
    const auto file = process->executable();
    QVERIFY(file && !file->isInPlace && !file->isRootOwned);
    QCOMPARE(file->path, path);
    QVERIFY(openForReading(*file)); // what runs can still be read
}

void tst_ProcessFiles::noticesAReplacedExecutable() {
    const QTemporaryDir folder;
    const std::string path = copyOf("sleep", folder.filePath(QStringLiteral("x")));
    const Child child = Child::running({path, "60"});
    const auto process = Process::pin(child.pid());
    const FileId before = process->executable()->id;
    const std::string other = copyOf("cat", folder.filePath(QStringLiteral("y")));
    QCOMPARE(::rename(other.c_str(), path.c_str()), 0);
    const auto file = process->executable();
    QVERIFY(file && !file->isInPlace);
    QCOMPARE(file->path, path);
    QCOMPARE(file->id.inode, before.inode);
    QVERIFY(file->id != before); // its last name went: the change time tells
}

void tst_ProcessFiles::findsAFileThatIsNamedLikeADeletedOne() {
    const QTemporaryDir folder;
    const std::string path = copyOf("sleep", folder.filePath(QStringLiteral("x (deleted)")));
    const Child child = Child::running({path, "60"});
    const auto file = Process::pin(child.pid())->executable();
    QVERIFY(file && file->isInPlace);
    QCOMPARE(file->path, path);
}

void tst_ProcessFiles::findsFilesAsTheProcessDoes() {
    const QTemporaryDir folder;
    const std::string top = QFileInfo(folder.path()).canonicalFilePath().toStdString();
    QCOMPARE(::mkdir((top + "/sub").c_str(), 0700), 0);
    write(top + "/script", "x");
    QCOMPARE(::symlink("script", (top + "/link").c_str()), 0);
    const Child child = Child::running({"sleep", "60"}, [&] { return ::chdir((top + "/sub").c_str()) == 0; });
    const auto process = Process::pin(child.pid());
    QVERIFY(process);
    for (const std::string& path : {std::string("../script"), std::string("../link"), top + "/script"}) {
        const auto file = process->fileAt(path);
        QVERIFY2(file, path.c_str());
        QCOMPARE(file->path, top + "/script");
        QVERIFY(file->isInPlace && !file->isRootOwned);
        QCOMPARE(file->id.size, 1U);
    }
    const auto roots = process->fileAt("/etc/passwd");
    QVERIFY(roots && roots->isRootOwned);
}

void tst_ProcessFiles::findsNoOtherThings_data() {
    QTest::addColumn<QByteArray>("path");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("missing") << QByteArray("missing");
    QTest::newRow("folder") << QByteArray("/");
    QTest::newRow("pipe") << QByteArray("pipe");
    QTest::newRow("device") << QByteArray("/dev/null");
    QTest::newRow("its own descriptor, which would be ours") << QByteArray("/dev/fd/0");
    QTest::newRow("its own executable, which would be ours") << QByteArray("/proc/self/exe");
    QTest::newRow("its own folder, which would be ours") << QByteArray("/proc/self/root/etc/passwd");
    QTest::newRow("what the kernel makes up") << QByteArray("/proc/self/status");
}

void tst_ProcessFiles::findsNoOtherThings() {
    QFETCH(QByteArray, path);
    const QTemporaryDir folder;
    const std::string top = folder.path().toStdString();
    QCOMPARE(::mkfifo((top + "/pipe").c_str(), 0600), 0);
    const Child child = Child::running({"sleep", "60"}, [&] { return ::chdir(top.c_str()) == 0; });
    const auto process = Process::pin(child.pid());
    QVERIFY(process);
    QCOMPARE(faultOf(process->fileAt(path.toStdString())), ProcessFault::Malformed);
}

void tst_ProcessFiles::readsArgumentsWithinBounds() {
    const auto argumentsOf = [](const std::vector<std::string>& words) {
        const Child child = Child::running(words);
        return *Process::pin(child.pid())->arguments();
    };
    const std::vector<std::string> few{"sh", "-c", "sleep 60; :", "", "a b"};
    QVERIFY(argumentsOf(few).words == few && !argumentsOf(few).isCut);
    std::vector<std::string> many{"sh", "-c", "sleep 60; :"};
    many.resize(256, "x");
    QVERIFY(argumentsOf(many).words == many && !argumentsOf(many).isCut);
    many.emplace_back("one more");
    QVERIFY(argumentsOf(many).words.size() == 256 && argumentsOf(many).isCut);
    QVERIFY(argumentsOf({"sh", "-c", "sleep 60; :", std::string(70'000, 'x')}).isCut);
}

void tst_ProcessFiles::noticesAnotherRoot() {
    if (!isRoot()) {
        QSKIP("needs root, to change the root folder");
    }
    const QTemporaryDir folder;
    const Child child = Child::forked([&] { return ::chroot(folder.path().toLocal8Bit().constData()) == 0; });
    QVERIFY(child.isReady());
    const auto process = Process::pin(child.pid());
    QCOMPARE(process->sharesFiles().value(), false);
    QCOMPARE(process->sandbox(*process->executable())->kind, SandboxKind::Container);
}

void tst_ProcessFiles::readsFlatpakInfoOfTheProcess_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<int>("kind"); // -1: refused
    QTest::newRow("an application") << QByteArray("[Application]\nname=org.example.App\n") << int(SandboxKind::Flatpak);
    QTest::newRow("nonsense") << QByteArray("x") << -1;
    QTest::newRow("too large") << QByteArray("[Application]\nname=org.example.App\n#" + QByteArray(70'000, 'x')) << -1;
    QTest::newRow("a symbolic link") << QByteArray("-> info") << -1;
    QTest::newRow("a pipe") << QByteArray("|") << -1;
    QTest::newRow("none") << QByteArray() << int(SandboxKind::Container);
}

void tst_ProcessFiles::readsFlatpakInfoOfTheProcess() {
    QFETCH(QByteArray, content);
    QFETCH(int, kind);
    if (!isRoot()) {
        QSKIP("needs root, to change the root folder");
    }
    const QTemporaryDir folder;
    const std::string info = folder.filePath(QStringLiteral(".flatpak-info")).toStdString();
    if (content == "|") {
        QCOMPARE(::mkfifo(info.c_str(), 0600), 0);
    } else if (content.startsWith("->")) {
        write(folder.filePath(QStringLiteral("info")).toStdString(), "[Application]\nname=org.example.App\n");
        QCOMPARE(::symlink("info", info.c_str()), 0);
    } else if (!content.isEmpty()) {
        write(info, content.toStdString());
    }
    const Child child = Child::forked([&] { return ::chroot(folder.path().toLocal8Bit().constData()) == 0; });
    QVERIFY(child.isReady());
    const auto process = Process::pin(child.pid());
    const auto sandbox = process->sandbox(*process->executable());
    if (kind < 0) {
        QCOMPARE(faultOf(sandbox), ProcessFault::Malformed);
    } else {
        QVERIFY(sandbox);
        QCOMPARE(int(sandbox->kind), kind);
        QCOMPARE(sandbox->id, std::string(kind == int(SandboxKind::Flatpak) ? "org.example.App" : ""));
    }
}

void tst_ProcessFiles::tellsWhatOnlyRootCanChange() {
    QVERIFY(isRootsAlone("/etc/passwd"));
    QVERIFY(isRootsAlone("/"));
    QVERIFY(!isRootsAlone("etc/passwd"));
    QVERIFY(!isRootsAlone("/etc/missing"));
    QVERIFY(!isRootsAlone(""));
    const QTemporaryDir folder;
    QVERIFY(!isRootsAlone(folder.path().toStdString())); // everybody's /tmp above it
    if (!isRoot()) {
        QSKIP("needs root for the other rows");
    }
    QVERIFY(inOwnMounts([] {
        const std::string path = "/mnt/folder/file";
        ::mkdir("/mnt/folder", 0755);
        write(path, "x");
        ::chmod(path.c_str(), 0755);
        const auto holds = [&](bool expected, const std::string& of) { return isRootsAlone(of) == expected; };
        return holds(true, path) && holds(true, "//mnt//folder/file") && ::symlink("folder", "/mnt/link") == 0 &&
               holds(false, "/mnt/link/file") && ::chmod(path.c_str(), 0775) == 0 && holds(false, path) &&
               ::chmod(path.c_str(), 0757) == 0 && holds(false, path) && ::chmod(path.c_str(), 0755) == 0 &&
               holds(true, path) && ::chmod("/mnt/folder", 01775) == 0 && holds(false, path) &&
               ::chmod("/mnt/folder", 0755) == 0 && ::chown("/mnt/folder", kNobody, 0) == 0 && holds(false, path) &&
               ::chown("/mnt/folder", 0, 0) == 0 && ::chown(path.c_str(), kNobody, 0) == 0 && holds(false, path) &&
               ::chown(path.c_str(), 0, 0) == 0 && holds(true, path);
    }));
}

void tst_ProcessFiles::believesNoFuseMount() {
    if (!isRoot()) {
        QSKIP("needs root, to mount without a helper");
    }
    QVERIFY(inOwnMounts([] {
        ::mkdir("/mnt/fuse", 0755);
        const FuseFolder mounted("/mnt/fuse", "program", "content");
        struct stat info {};
        return mounted.isThere() && ::stat("/mnt/fuse/program", &info) == 0 && info.st_uid == 0 &&
               (info.st_mode & 022U) == 0 && isRootsAlone("/mnt") && !isRootsAlone("/mnt/fuse/program");
    }));
}

QTEST_GUILESS_MAIN(tst_ProcessFiles)
#include "tst_process_files.moc"
