// What the kernel and flatpak write about a process, as pure text.
#include "daemon/platform/proc_stat.h"
#include "daemon/platform/sandbox.h"

#include <QTest>

using namespace keybearer::platform;

class tst_ProcessText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsALineOfStat();
    void survivesAnyName_data();
    void survivesAnyName();
    void refusesStat_data();
    void refusesStat();
    void readsFlatpakInfo_data();
    void readsFlatpakInfo();
    void refusesFlatpakInfo_data();
    void refusesFlatpakInfo();
    void knowsWhatAProcessIsIn_data();
    void knowsWhatAProcessIsIn();
    void refusesASandboxThatCannotBe();
};

namespace {

// As Linux 6.1 wrote it for a shell on /dev/pts/300.
const std::string kBehindName =
    " S 4100 4242 4200 34860 4242 4194304 1 0 0 0 0 0 0 0 20 0 1 0 123456789012 2596864 480 "
    "18446744073709551615 94 95 140730000000001 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 96 97 98 99 "
    "100 101 102 0\n";

QString id(const Sandbox& sandbox) {
    return QString::fromStdString(sandbox.id);
}

const std::string kContainer(64, 'e');

} // namespace

void tst_ProcessText::readsALineOfStat() {
    const auto stat = parseProcStat("4242 (bash)" + kBehindName);
    QVERIFY(stat);
    QCOMPARE(stat->pid, 4242);
    QCOMPARE(stat->comm, std::string("bash"));
    QCOMPARE(stat->parent, 4100);
    QCOMPARE(stat->group, 4242);
    QCOMPARE(stat->session, 4200);
    QCOMPARE(stat->terminalMajor, 136U); // Documentation/admin-guide/devices.txt: 136 and above are pts
    QCOMPARE(stat->terminalMinor, 44U);
    QVERIFY(stat->hasTerminal());
    QCOMPARE(stat->startTicks, 123456789012U);
    QCOMPARE(stat->stackStart, 140730000000001U);
    QVERIFY(!parseProcStat("1 (x) S 0 1 1 0 1 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 0 0 0 0 0")->hasTerminal());
}

void tst_ProcessText::survivesAnyName_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("a space") << QByteArray("a b");
    QTest::newRow("the end of a name") << QByteArray(") R 1 1 1");
    QTest::newRow("parentheses") << QByteArray("((x))");
    QTest::newRow("a line's end") << QByteArray("a\nb");
    QTest::newRow("the start of a name") << QByteArray(" (");
}

void tst_ProcessText::survivesAnyName() {
    QFETCH(QByteArray, name);
    const auto stat = parseProcStat("7 (" + name.toStdString() + ")" + kBehindName);
    QVERIFY(stat);
    QCOMPARE(stat->comm, name.toStdString());
    QCOMPARE(stat->parent, 4100);
}

void tst_ProcessText::refusesStat_data() {
    QTest::addColumn<QByteArray>("line");
    const QByteArray rest = QByteArray::fromStdString(kBehindName);
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("no name") << QByteArray("4242 S 1 2 3");
    QTest::newRow("name that does not end") << QByteArray("4242 (bash");
    QTest::newRow("names in the wrong order") << QByteArray(") (");
    QTest::newRow("cut off") << "4242 (bash)" + rest.left(60);
    QTest::newRow("no number before the name") << "x (bash)" + rest;
    QTest::newRow("process 0") << "0 (bash)" + rest;
    QTest::newRow("parent is no number") << "4242 (bash)" + QByteArray(rest).replace("S 4100", "S 41x0");
    QTest::newRow("parent below 0") << "4242 (bash)" + QByteArray(rest).replace("S 4100", "S -1");
    QTest::newRow("group is no number") << "4242 (bash)" + QByteArray(rest).replace("4100 4242", "4100 x");
    QTest::newRow("session is no number") << "4242 (bash)" + QByteArray(rest).replace("4200", "x");
    QTest::newRow("terminal is no number") << "4242 (bash)" + QByteArray(rest).replace("34860", "x");
    QTest::newRow("start below 0") << "4242 (bash)" + QByteArray(rest).replace("123456789012", "-1");
    QTest::newRow("start beyond 64 bits")
        << "4242 (bash)" + QByteArray(rest).replace("123456789012", "99999999999999999999");
    QTest::newRow("stack is no number") << "4242 (bash)" + QByteArray(rest).replace("140730000000001", "0x1");
    QTest::newRow("too long") << "4242 (" + QByteArray(5000, 'x') + ")" + rest;
}

void tst_ProcessText::refusesStat() {
    QFETCH(QByteArray, line);
    QVERIFY(!parseProcStat(line.toStdString()));
}

void tst_ProcessText::readsFlatpakInfo_data() {
    QTest::addColumn<QByteArray>("info");
    // As flatpak 1.14 writes it.
    QTest::newRow("flatpak's own") << QByteArray(
        "[Application]\nname=org.example.App\nruntime=runtime/org.freedesktop.Platform/x86_64/22.08\n\n[Instance]\n"
        "instance-id=2594436126\nname=another\n\n[Context]\nshared=network;ipc;\n");
    QTest::newRow("another group first") << QByteArray("[Instance]\nname=a.b.c\n[Application]\nname=org.example.App\n");
    QTest::newRow("no last line's end") << QByteArray("[Application]\nname=org.example.App");
    QTest::newRow("blanks and comments") << QByteArray(
        "# made\n\n [Application] \r\n# name=a.b.c\n\tname = org.example.App \r\n");
}

void tst_ProcessText::readsFlatpakInfo() {
    QFETCH(QByteArray, info);
    const auto application = flatpakApplication(info.toStdString());
    QVERIFY2(application, application ? "" : application.error().c_str());
    QCOMPARE(*application, std::string("org.example.App"));
}

void tst_ProcessText::refusesFlatpakInfo_data() {
    QTest::addColumn<QByteArray>("info");
    QTest::addColumn<QByteArray>("why");
    const QByteArray none("names no application");
    const QByteArray odd("in a way that flatpak does not");
    QTest::newRow("empty") << QByteArray() << none;
    QTest::newRow("a runtime") << QByteArray("[Runtime]\nname=org.example.App\n") << none;
    QTest::newRow("before any group") << QByteArray("name=org.example.App\n[Application]\n") << none;
    QTest::newRow("group in another case") << QByteArray("[application]\nname=org.example.App\n") << none;
    QTest::newRow("two names") << QByteArray("[Application]\nname=org.example.App\nname=org.example.App\n")
                               << QByteArray("names two applications");
    QTest::newRow("two groups") << QByteArray("[Application]\nname=org.example.App\n[Application]\n")
                                << QByteArray("describes two applications");
    QTest::newRow("open group") << QByteArray("[Application\nname=org.example.App\n") << QByteArray("without ]");
    QTest::newRow("no key") << QByteArray("[Application]\nname\n") << QByteArray("neither [GROUP] nor KEY=VALUE");
    QTest::newRow("no text") << QByteArray("[Application]\nname=org.example.App\n").append('\0')
                             << QByteArray("is no text");
    QTest::newRow("too long") << "[Application]\nname=org.example.App\n#" + QByteArray(64 * 1024, 'x')
                              << QByteArray("larger than 64 KiB");
    for (const char* name : {"", "app", "org.app", "org..app", ".org.app", "org.example.", "org.example.9app",
                             "org.example.A p", "org/example.App.x", "org.example.\xC3\xA4pp"}) {
        QTest::addRow("name \"%s\"", name) << "[Application]\nname=" + QByteArray(name) + "\n" << odd;
    }
    QTest::newRow("name of 300 bytes") << "[Application]\nname=a.b." + QByteArray(300, 'x') << odd;
}

void tst_ProcessText::refusesFlatpakInfo() {
    QFETCH(QByteArray, info);
    QFETCH(QByteArray, why);
    const auto application = flatpakApplication(info.toStdString());
    QVERIFY(!application);
    QVERIFY2(application.error().find(why.toStdString()) != std::string::npos, application.error().c_str());
}

void tst_ProcessText::knowsWhatAProcessIsIn_data() {
    QTest::addColumn<SandboxSigns>("signs");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("name");
    const auto row = [](const char* title, SandboxSigns signs, SandboxKind kind, const char* name) {
        QTest::newRow(title) << std::move(signs) << int(kind) << QString::fromLatin1(name);
    };
    const std::optional<std::string> info = "[Application]\nname=org.example.App\n";
    SandboxSigns plain;
    plain.executable = "/usr/bin/git";
    const auto with = [&](auto&& change) {
        SandboxSigns signs = plain;
        change(signs);
        return signs;
    };
    row("nothing", plain, SandboxKind::None, "");
    row("flatpak", with([&](auto& s) { s.sharesFiles = false, s.flatpakInfo = info; }), SandboxKind::Flatpak,
        "org.example.App");
    row("such a file among our own", with([&](auto& s) { s.flatpakInfo = info; }), SandboxKind::None, "");
    row("snap by its label",
        with([](auto& s) { s.sharesFiles = false, s.securityLabel = "snap.fire-fox_2.hook.x (enforce)\n"; }),
        SandboxKind::Snap, "fire-fox_2");
    row("another label", with([](auto& s) { s.securityLabel = "unconfined\n"; }), SandboxKind::None, "");
    row("label without an application", with([](auto& s) { s.securityLabel = "snap.x"; }), SandboxKind::None, "");
    row("label with an odd name", with([](auto& s) { s.securityLabel = "snap.X y.z"; }), SandboxKind::None, "");
    row("classic snap by its path", with([](auto& s) { s.executable = "/snap/code/12/usr/bin/code"; }),
        SandboxKind::Snap, "code");
    row("snap where /snap is missing", with([](auto& s) { s.executable = "/var/lib/snapd/snap/code/12/usr/bin/code"; }),
        SandboxKind::Snap, "code");
    row("the folder of snaps' commands", with([](auto& s) { s.executable = "/snap/bin/code"; }), SandboxKind::None, "");
    row("snap by its cgroup",
        with([](auto& s) { s.sharesFiles = false, s.cgroup = "0::/user.slice/app.slice/snap.code.code-1b2c.scope\n"; }),
        SandboxKind::Snap, "code");
    row("such a cgroup among our own files",
        with([](auto& s) { s.cgroup = "0::/user.slice/snap.code.code-1b2c.scope\n"; }), SandboxKind::None, "");
    row("docker",
        with([](auto& s) { s.sharesFiles = false, s.cgroup = "0::/system.slice/docker-" + kContainer + ".scope\n"; }),
        SandboxKind::Container, "eeeeeeeeeeee");
    row("docker of old",
        with([](auto& s) { s.sharesFiles = false, s.cgroup = "12:pids:/docker/" + kContainer + "\n0::/\n"; }),
        SandboxKind::Container, "eeeeeeeeeeee");
    row("nspawn", with([](auto& s) { s.sharesFiles = false, s.cgroup = "0::/machine.slice/machine-deb.scope/x\n"; }),
        SandboxKind::Container, "deb");
    row("lxc", with([](auto& s) { s.sharesFiles = false, s.cgroup = "0::/lxc.payload.web/init\n"; }),
        SandboxKind::Container, "web");
    row("files of its own", with([](auto& s) { s.sharesFiles = false, s.cgroup = "0::/\n"; }), SandboxKind::Container,
        "");
    row("processes of its own", with([](auto& s) { s.sharesProcesses = false; }), SandboxKind::Container, "");
    row("AppImage", with([](auto& s) {
            s.executable = "/tmp/.mount_FooAbC/usr/bin/foo", s.executableOnFuse = true,
            s.appImage = "/opt/Foo.AppImage";
        }),
        SandboxKind::AppImage, "/opt/Foo.AppImage");
    row("AppImage that says no path", with([](auto& s) {
            s.executable = "/tmp/.mount_FooAbC/AppRun", s.executableOnFuse = true, s.appImage = "Foo.AppImage";
        }),
        SandboxKind::AppImage, "");
    row("a folder of such a name", with([](auto& s) { s.executable = "/tmp/.mount_FooAbC/AppRun"; }), SandboxKind::None,
        "");
    row("a file of such a name", with([](auto& s) { s.executable = "/tmp/.mount_Foo", s.executableOnFuse = true; }),
        SandboxKind::None, "");
    row("FUSE by itself", with([](auto& s) { s.executableOnFuse = true; }), SandboxKind::None, "");
}

void tst_ProcessText::knowsWhatAProcessIsIn() {
    QFETCH(SandboxSigns, signs);
    QFETCH(int, kind);
    QFETCH(QString, name);
    const auto sandbox = sandboxOf(signs);
    QVERIFY(sandbox);
    QCOMPARE(int(sandbox->kind), kind);
    QCOMPARE(id(*sandbox), name);
}

void tst_ProcessText::refusesASandboxThatCannotBe() {
    SandboxSigns signs;
    signs.sharesFiles = false;
    signs.flatpakInfo = "[Application]\nname=x\n";
    QVERIFY(!sandboxOf(signs));
}

QTEST_GUILESS_MAIN(tst_ProcessText)
#include "tst_process_text.moc"
