#include "daemon/spawner/spawner.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

using namespace keybearer::spawner;
using keybearer::base::UniqueFd;

/// With the real helper and real programs.
class tst_Spawner : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init();
    void cleanup();
    void aProgramsOutputComesStraightToUs();
    void howAProgramEnds_data();
    void howAProgramEnds();
    void onlyWhatWasAllowed();
    void allowingIsOver();
    void whatAProgramIsGiven();
    void aFileThatIsNoProgramIsNotAScript();
    void endReachesTheWholeGroup();
    void filesThatAreAllowed();
    void executables();
    void moreQuestionsThanFindRoom();
    void aCommandThatAProfileHas();
    void aLookFromOutside();
    void eventsBetweenQuestionAndAnswerAreKept();
    void withoutStandardDescriptors();
    void theHelperHoldsNothingAndIsClosed();
    void theHelperEndsWithUsAndTakesItsCommandsAlong();
    void aHelperThatIsKilledIsNoticed();
    void aHelperThatHangsIsGivenUp();

private:
    struct Ran {
        std::string output;
        Event last;
    };
    void begin(const Allowed& allowed);
    Event next();
    Ran run(const std::vector<std::string>& words);
    std::int32_t helper() const;
    std::string executableOf(std::int32_t pid);

    std::optional<Spawner> m_spawner;
    std::vector<Event> m_events;
};

namespace {

std::vector<std::string> shell(const std::string& line) {
    return {"/bin/sh", "-c", line};
}

std::string readAll(int fd) {
    std::string all;
    char part[4096];
    for (ssize_t count = ::read(fd, part, sizeof part); count > 0; count = ::read(fd, part, sizeof part)) {
        all.append(part, static_cast<std::size_t>(count));
    }
    return all;
}

QByteArray contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// What the helper looks at for these tests.
void lookAround(const std::string& what) {
    if (what == "hang") {
        ::pause();
    }
    const std::string seen = what == "much" ? std::string(kMaxSeen + 1, 'x') : what + " " + std::to_string(::getpid());
    (void)!::write(STDOUT_FILENO, seen.data(), seen.size());
}

/// The profile "file" has the command that a file holds.
QString profileFile;

std::vector<std::string> commandOfProfile(const std::string& name) {
    return name == "file" ? std::vector<std::string>{"echo", contentOf(profileFile).toStdString()}
                          : std::vector<std::string>();
}

const Outside kOutside{lookAround, commandOfProfile};

/// As grep shows it.
std::string confinementOfThis() {
    QByteArray lines;
    for (const QByteArray& line : contentOf(QStringLiteral("/proc/self/status")).split('\n')) {
        if (line.startsWith("NoNewPrivs:") || line.startsWith("Seccomp:")) {
            lines += line + '\n';
        }
    }
    return lines.toStdString();
}

/// Ended, or waiting to be waited for.
bool hasEnded(std::int64_t pid) {
    const QByteArray stat = contentOf(QStringLiteral("/proc/%1/stat").arg(pid));
    return stat.isEmpty() || QByteArray("ZX").contains(stat.at(stat.lastIndexOf(')') + 2));
}

std::pair<UniqueFd, UniqueFd> pipe() {
    int ends[2] = {-1, -1};
    (void)!::pipe2(ends, O_CLOEXEC);
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

} // namespace

void tst_Spawner::init() {
    m_events.clear();
}

void tst_Spawner::cleanup() {
    m_spawner.reset();
    // The helper is our child; it ends as soon as it notices.
    while (::waitpid(-1, nullptr, 0) > 0) {
    }
}

void tst_Spawner::begin(const Allowed& allowed) {
    auto started = Spawner::start(kOutside);
    QVERIFY(started);
    m_spawner.emplace(std::move(*started));
    QVERIFY(m_spawner->allow(allowed));
}

std::int32_t tst_Spawner::helper() const {
    const QByteArray children = contentOf(QStringLiteral("/proc/self/task/%1/children").arg(::getpid()));
    return children.split(' ').first().toInt();
}

Event tst_Spawner::next() {
    while (m_events.empty()) {
        pollfd told{m_spawner->descriptor(), POLLIN, 0};
        if (::poll(&told, 1, 30'000) != 1 || m_spawner->isGone()) {
            return {Event::Kind::NotStarted, 0, -1};
        }
        m_events = m_spawner->takeEvents();
    }
    const Event first = m_events.front();
    m_events.erase(m_events.begin());
    return first;
}

tst_Spawner::Ran tst_Spawner::run(const std::vector<std::string>& words) {
    auto [reader, writer] = pipe();
    const std::uint32_t id = m_spawner->run(words, std::move(writer));
    std::string output = readAll(reader.get());
    Event event = next();
    while (event.kind == Event::Kind::Started) {
        event = next();
    }
    return {std::move(output), id == event.run ? event : Event{}};
}

void tst_Spawner::aProgramsOutputComesStraightToUs() {
    begin({{{"echo", "one", "two words", ""}}, {}, {}});
    const Ran ran = run({"echo", "one", "two words", ""});
    QCOMPARE(ran.output, "one two words \n");
    QCOMPARE(ran.last.kind, Event::Kind::Exited);
    QCOMPARE(ran.last.number, 0);
}

void tst_Spawner::howAProgramEnds_data() {
    QTest::addColumn<QByteArrayList>("words");
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("number");
    const auto row = [](const char* name, const QByteArrayList& words, Event::Kind kind, int number) {
        QTest::newRow(name) << words << static_cast<int>(kind) << number;
    };
    row("exit code", {"/bin/sh", "-c", "exit 255"}, Event::Kind::Exited, 255);
    row("signal", {"/bin/sh", "-c", "kill -9 $$"}, Event::Kind::Killed, SIGKILL);
    row("no such program", {"/nonexistent/program"}, Event::Kind::NotStarted, ENOENT);
    row("no such program on the path", {"no-such-program-here"}, Event::Kind::NotStarted, ENOENT);
    row("no program", {"/etc/passwd"}, Event::Kind::NotStarted, EACCES);
    row("a folder", {"/"}, Event::Kind::NotStarted, EACCES);
}

void tst_Spawner::howAProgramEnds() {
    QFETCH(QByteArrayList, words);
    QFETCH(int, kind);
    QFETCH(int, number);
    std::vector<std::string> plain;
    for (const QByteArray& word : words) {
        plain.push_back(word.toStdString());
    }
    begin({{plain}, {}, {}});
    const Ran ran = run(plain);
    QCOMPARE(static_cast<int>(ran.last.kind), kind);
    QCOMPARE(ran.last.number, number);
}

void tst_Spawner::onlyWhatWasAllowed() {
    begin({{{"echo", "a"}}, {"/etc/passwd"}, {}});
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{"echo"}, {"echo", "b"}, {"echo", "a", "a"}, {"/bin/echo", "a"}}) {
        const Ran ran = run(words);
        QCOMPARE(ran.last.kind, Event::Kind::NotStarted);
        QCOMPARE(ran.last.number, kNotAllowed);
    }
    for (const char* path : {"/etc/group", "/etc/../etc/passwd", "/etc/passwd/", "/etc"}) {
        QCOMPARE(m_spawner->open(path, true).error(), EPERM);
    }
    QCOMPARE(run({"echo", "a"}).output, "a\n");
}

void tst_Spawner::allowingIsOver() {
    begin({});
    // Whoever has taken the broker over cannot widen what it was given.
    const auto more = m_spawner->allow({{{"id"}}, {}, {}});
    for (pollfd told{m_spawner->descriptor(), POLLIN, 0}; ::poll(&told, 1, 30'000) == 1 && !m_spawner->isGone();) {
        QVERIFY(m_spawner->takeEvents().empty());
    }
    QVERIFY(m_spawner->isGone());
    QCOMPARE(m_spawner->run({"id"}, {}), 0U);
}

void tst_Spawner::whatAProgramIsGiven() {
    qputenv("KB_TEST_SHOWN", "shown");
    qputenv("KB_TEST_HIDDEN", "canary");
    const std::vector<std::string> words = shell("grep -E '^(SigBlk|SigIgn):' /proc/self/status; grep -E "
                                                 "'^(NoNewPrivs|Seccomp):' /proc/self/status; umask; ulimit -c; pwd; "
                                                 "readlink /proc/self/fd/0 /proc/self/fd/2; ls /proc/self/fd; env");
    begin({{words}, {}, {"KB_TEST_HIDDEN", "KB_TEST_UNSET"}});
    const UniqueFd ours(::open("/dev/null", O_RDONLY)); // inheritable
    // What confines us after the helper was forked is not its programs'.
    const pid_t child = ::fork();
    QVERIFY(child >= 0);
    if (child == 0) {
        const std::string before = confinementOfThis();
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        auto [reader, writer] = pipe();
        (void)m_spawner->run(words, std::move(writer));
        const std::string output = readAll(reader.get());
        const bool right = output.find(before) != std::string::npos && before != confinementOfThis() &&
                           output.find("SigBlk:\t0000000000000000") != std::string::npos &&
                           output.find("SigIgn:\t0000000000000000") != std::string::npos &&
                           output.find("\n0077\n0\n/\n/dev/null\n/dev/null\n0\n1\n2\n3\n") != std::string::npos &&
                           output.find("KB_TEST_SHOWN=shown") != std::string::npos &&
                           output.find("KB_TEST_HIDDEN") == std::string::npos;
        if (!right) {
            qWarning("%s", output.c_str());
        }
        ::_exit(right ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    QCOMPARE(status, 0);
}

void tst_Spawner::aFileThatIsNoProgramIsNotAScript() {
    const QTemporaryDir folder;
    const QString path = folder.path() + QStringLiteral("/plain");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("echo run by a shell\n");
    file.close();
    QVERIFY(file.setPermissions(QFile::ReadOwner | QFile::ExeOwner));
    begin({{{path.toStdString()}}, {}, {}});
    const Ran ran = run({path.toStdString()});
    QCOMPARE(ran.output, "");
    QCOMPARE(ran.last.kind, Event::Kind::NotStarted);
    QCOMPARE(ran.last.number, ENOEXEC);
}

void tst_Spawner::endReachesTheWholeGroup() {
    const std::vector<std::string> words = shell("sleep 1000 & echo $!; wait");
    begin({{words}, {}, {}});
    auto [reader, writer] = pipe();
    const std::uint32_t id = m_spawner->run(words, std::move(writer));
    const Event started = next();
    QCOMPARE(started.kind, Event::Kind::Started);
    char line[32] = {};
    QVERIFY(::read(reader.get(), line, sizeof line - 1) > 0);
    QCOMPARE(::getsid(started.number), started.number);
    const std::int64_t sleeper = std::atoi(line);
    QVERIFY(!hasEnded(sleeper));
    m_spawner->end(id);
    m_spawner->end(id); // no harm
    const Event ended = next();
    QCOMPARE(ended.kind, Event::Kind::Killed);
    QCOMPARE(ended.number, SIGKILL);
    QTRY_VERIFY(hasEnded(sleeper));
    m_spawner->end(id); // its number may be another's by now
    QCOMPARE(executableOf(::getpid()), QFile::symLinkTarget(QStringLiteral("/proc/self/exe")).toStdString());
}

void tst_Spawner::filesThatAreAllowed() {
    const QTemporaryDir folder;
    const std::string path = folder.path().toStdString();
    const std::string file = path + "/file";
    const std::string link = path + "/link";
    QCOMPARE(::symlink(file.c_str(), link.c_str()), 0);
    begin({{}, {file, link}, {}});
    QCOMPARE(m_spawner->open(file, false).error(), ENOENT);
    // One that appears later, or takes the place of another, is the same to the helper.
    for (const char* content : {"one", "two"}) {
        const std::string fresh = path + "/fresh";
        const UniqueFd made(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        QCOMPARE(::write(made.get(), content, 3), 3);
        QCOMPARE(::rename(fresh.c_str(), file.c_str()), 0);
        const auto opened = m_spawner->open(file, false);
        QVERIFY(opened);
        QCOMPARE(readAll(opened->get()), content);
        QVERIFY((::fcntl(opened->get(), F_GETFD) & FD_CLOEXEC) != 0);
        QCOMPARE(::write(opened->get(), "x", 1), -1);
    }
    QCOMPARE(m_spawner->open(link, false).error(), ELOOP);
    QVERIFY(m_spawner->open(link, true));
}

std::string tst_Spawner::executableOf(std::int32_t pid) {
    return m_spawner->executable(m_spawner->askExecutable(pid));
}

void tst_Spawner::executables() {
    begin({});
    QCOMPARE(executableOf(::getpid()), QFile::symLinkTarget(QStringLiteral("/proc/self/exe")).toStdString());
    QCOMPARE(executableOf(0), "");
    QCOMPARE(executableOf(-1), "");
    QCOMPARE(executableOf(INT32_MAX), "");
    // Answers that are fetched late, in another order, or never.
    const std::uint32_t first = m_spawner->askExecutable(::getpid());
    const std::uint32_t second = m_spawner->askExecutable(helper());
    const std::uint32_t third = m_spawner->askExecutable(::getpid());
    m_spawner->forgetExecutable(second);
    QVERIFY(!m_spawner->executable(third).empty());
    QVERIFY(!m_spawner->executable(first).empty());
    QCOMPARE(m_spawner->executable(first), "");
    QCOMPARE(m_spawner->executable(second), "");
}

void tst_Spawner::moreQuestionsThanFindRoom() {
    begin({});
    std::vector<std::uint32_t> questions(5'000);
    for (std::uint32_t& question : questions) {
        question = m_spawner->askExecutable(::getpid());
    }
    for (const std::uint32_t question : questions) {
        QVERIFY(!m_spawner->executable(question).empty());
    }
}

void tst_Spawner::aCommandThatAProfileHas() {
    QTemporaryDir folder;
    profileFile = folder.filePath(QStringLiteral("profile"));
    const auto write = [&](const char* word) {
        QFile file(profileFile);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(word);
    };
    begin({{{"true"}}, {}, {}, {"file", "without one"}});
    QVERIFY(run({"echo", "old"}).last.kind == Event::Kind::NotStarted);
    write("old");
    QCOMPARE(run({"echo", "old"}).output, "old\n");
    write("new");
    QCOMPARE(run({"echo", "new"}).output, "new\n");
    const Ran stale = run({"echo", "old"});
    QVERIFY(stale.last.kind == Event::Kind::NotStarted);
    QCOMPARE(stale.last.number, kNotAllowed);
    QVERIFY(run({"true"}).last.kind == Event::Kind::Exited);
}

void tst_Spawner::aLookFromOutside() {
    begin({});
    const std::string seen = m_spawner->look("here");
    QVERIFY2(seen.starts_with("here "), seen.c_str());
    QVERIFY(seen != "here " + std::to_string(::getpid()) && seen != "here " + std::to_string(helper()));
    QCOMPARE(m_spawner->look("much"), "");
    QCOMPARE(m_spawner->look("hang"), "");
    QVERIFY(!m_spawner->isGone());
    QVERIFY(m_spawner->look("again").starts_with("again "));
}

void tst_Spawner::eventsBetweenQuestionAndAnswerAreKept() {
    begin({{{"true"}}, {}, {}});
    auto [reader, writer] = pipe();
    int told = 0;
    m_spawner->whenEventsCame([&] { ++told; });
    const std::uint32_t id = m_spawner->run({"true"}, std::move(writer));
    QCOMPARE(readAll(reader.get()), "");
    std::vector<Event> events;
    while (events.size() < 2) {
        QVERIFY(!executableOf(::getpid()).empty());
        const std::vector<Event> more = m_spawner->takeEvents();
        events.insert(events.end(), more.begin(), more.end());
    }
    QVERIFY(events[0].kind == Event::Kind::Started && events[0].run == id);
    QVERIFY(events[1].kind == Event::Kind::Exited && events[1].run == id);
    QCOMPARE(told, 2);
}

void tst_Spawner::withoutStandardDescriptors() {
    const pid_t child = ::fork();
    if (child == 0) {
        ::close_range(0, 2, 0);
        auto spawner = Spawner::start(kOutside);
        const bool works = spawner && spawner->allow({{{"echo", "one"}}, {}, {}});
        auto [reader, writer] = pipe();
        const bool runs = works && spawner->run({"echo", "one"}, std::move(writer)) != 0;
        ::_exit(runs && readAll(reader.get()) == "one\n" ? 0 : 1);
    }
    int status = -1;
    ::waitpid(child, &status, 0);
    QCOMPARE(status, 0);
}

void tst_Spawner::theHelperHoldsNothingAndIsClosed() {
    const UniqueFd stray(::open("/dev/zero", O_RDONLY));
    begin({});
    QVERIFY(!executableOf(::getpid()).empty()); // it has settled
    const QString folder = QStringLiteral("/proc/%1/").arg(helper());
    QCOMPARE(contentOf(folder + QStringLiteral("comm")), QByteArray("keybearer-spawn\n"));
    if (::geteuid() == 0) { // nobody else can look
        QByteArrayList open;
        for (int fd = 0; fd < 100; ++fd) {
            const QString target = QFile::symLinkTarget(folder + QStringLiteral("fd/%1").arg(fd));
            if (!target.isEmpty()) {
                open << target.section(QLatin1Char('/'), -1).section(QLatin1Char(':'), 0, 0).toLatin1();
            }
        }
        std::ranges::sort(open); // its own two: for us and for the ends of its children
        QCOMPARE(open, (QByteArrayList{"anon_inode", "null", "null", "null", "socket"}));
        QVERIFY(contentOf(folder + QStringLiteral("limits")).contains("Max core file size        0"));
    }
    // Not dumpable: its files belong to root.
    struct stat info {};
    QCOMPARE(::stat((folder + QStringLiteral("maps")).toLocal8Bit().constData(), &info), 0);
    QCOMPARE(info.st_uid, 0U);
    const QByteArray stat = contentOf(folder + QStringLiteral("stat"));
    const QList<QByteArray> fields = stat.mid(stat.lastIndexOf(')') + 2).split(' ');
    QCOMPARE(fields.at(3).toInt(), helper()); // its own session
}

void tst_Spawner::theHelperEndsWithUsAndTakesItsCommandsAlong() {
    const std::vector<std::string> words = shell("trap '' TERM HUP INT; sleep 1000 & wait");
    begin({{words}, {}, {}});
    auto [reader, writer] = pipe();
    (void)m_spawner->run(words, std::move(writer));
    const Event started = next();
    QCOMPARE(started.kind, Event::Kind::Started);
    const std::int32_t pid = helper();
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        ::kill(pid, signal); // they are the broker's to follow
    }
    QVERIFY(!executableOf(::getpid()).empty());
    m_spawner.reset();
    QCOMPARE(readAll(reader.get()), ""); // nobody holds the other end: the whole group has ended
    QTRY_VERIFY(hasEnded(pid));
    QTRY_VERIFY(hasEnded(started.number));
}

void tst_Spawner::aHelperThatIsKilledIsNoticed() {
    const std::vector<std::string> words{"sleep", "1000"};
    begin({{words}, {"/etc/passwd"}, {}});
    auto [reader, writer] = pipe();
    QVERIFY(m_spawner->run(words, std::move(writer)) != 0);
    const Event started = next();
    QCOMPARE(started.kind, Event::Kind::Started);
    ::kill(helper(), SIGKILL);
    pollfd told{m_spawner->descriptor(), POLLIN, 0};
    QCOMPARE(::poll(&told, 1, 30'000), 1);
    QVERIFY(m_spawner->takeEvents().empty());
    QVERIFY(m_spawner->isGone());
    QCOMPARE(readAll(reader.get()), ""); // the command went with it
    QCOMPARE(m_spawner->run(words, {}), 0U);
    QCOMPARE(m_spawner->open("/etc/passwd", true).error(), ESHUTDOWN);
    QCOMPARE(executableOf(::getpid()), "");
}

void tst_Spawner::aHelperThatHangsIsGivenUp() {
    begin({});
    const std::int32_t pid = helper();
    ::kill(pid, SIGSTOP);
    QCOMPARE(executableOf(::getpid()), "");
    QVERIFY(m_spawner->isGone());
    ::kill(pid, SIGCONT);
    QTRY_VERIFY(hasEnded(pid));
}

QTEST_GUILESS_MAIN(tst_Spawner)
#include "tst_spawner.moc"
