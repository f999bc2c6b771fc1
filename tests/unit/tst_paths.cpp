#include "ipc/base/paths.h"

#include <QMap>
#include <QTest>

using namespace keybearer::base;

using Variables = QMap<QString, QString>;
Q_DECLARE_METATYPE(Variables)

class tst_Paths : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void rule_data();
    void rule();
    void refuses_data();
    void refuses();
};

namespace {

Environment environment(const Variables& variables) {
    return [variables](const std::string& name) -> std::optional<std::string> {
        const auto value = variables.value(QString::fromStdString(name));
        return value.isEmpty() ? std::nullopt : std::optional(value.toStdString());
    };
}

} // namespace

// The rows are the rule of PROTOCOL.md, "Finding the broker".
void tst_Paths::rule_data() {
    QTest::addColumn<Variables>("variables");
    QTest::addColumn<bool>("runUser");
    QTest::addColumn<QString>("socket");
    QTest::addColumn<QString>("data");
    const QString home = QStringLiteral("HOME");
    const QString runtime = QStringLiteral("XDG_RUNTIME_DIR");
    const QString own = QStringLiteral("KEYBEARER_HOME");
    const QString socket = QStringLiteral("KEYBEARER_SOCKET");
    QTest::newRow("desktop") << Variables{{home, QStringLiteral("/home/a")}, {runtime, QStringLiteral("/run/user/7")}}
                             << true << "/run/user/7/keybearer/broker.sock"
                             << "/home/a/.local/share/keybearer";
    QTest::newRow("cron beside a desktop")
        << Variables{{home, QStringLiteral("/home/a")}} << true << "/run/user/7/keybearer/broker.sock"
        << "/home/a/.local/share/keybearer";
    QTest::newRow("no runtime folder") << Variables{{home, QStringLiteral("/home/a")}} << false
                                       << "/home/a/.local/state/keybearer/run/broker.sock"
                                       << "/home/a/.local/share/keybearer";
    QTest::newRow("relative runtime folder is ignored")
        << Variables{{home, QStringLiteral("/home/a")}, {runtime, QStringLiteral("run")}} << false
        << "/home/a/.local/state/keybearer/run/broker.sock"
        << "/home/a/.local/share/keybearer";
    QTest::newRow("own home") << Variables{{home, QStringLiteral("/home/a")},
                                           {runtime, QStringLiteral("/run/user/7")},
                                           {own, QStringLiteral("/tmp/k")}}
                              << true << "/tmp/k/run/broker.sock"
                              << "/tmp/k/data";
    QTest::newRow("own home without HOME")
        << Variables{{own, QStringLiteral("/tmp/k")}} << false << "/tmp/k/run/broker.sock"
        << "/tmp/k/data";
    QTest::newRow("own socket") << Variables{{home, QStringLiteral("/home/a")},
                                             {socket, QStringLiteral("/srv/k/s")},
                                             {own, QStringLiteral("/tmp/k")}}
                                << true << "/srv/k/s"
                                << "/tmp/k/data";
    QTest::newRow("data home") << Variables{{home, QStringLiteral("/home/a")},
                                            {QStringLiteral("XDG_DATA_HOME"), QStringLiteral("/d")}}
                               << true << "/run/user/7/keybearer/broker.sock"
                               << "/d/keybearer";
}

void tst_Paths::rule() {
    QFETCH(Variables, variables);
    QFETCH(bool, runUser);
    QFETCH(QString, socket);
    QFETCH(QString, data);
    const auto paths = resolvePaths(environment(variables), 7, runUser);
    QVERIFY(paths);
    QCOMPARE(QString::fromStdString(paths->socket), socket);
    QCOMPARE(QString::fromStdString(paths->data), data);
    QVERIFY(QString::fromStdString(paths->socket).startsWith(QString::fromStdString(paths->runtimeDir) + u'/'));
}

void tst_Paths::refuses_data() {
    QTest::addColumn<Variables>("variables");
    QTest::addColumn<QString>("named");
    QTest::newRow("relative socket") << Variables{{QStringLiteral("HOME"), QStringLiteral("/h")},
                                                  {QStringLiteral("KEYBEARER_SOCKET"), QStringLiteral("s")}}
                                     << "KEYBEARER_SOCKET";
    QTest::newRow("relative home") << Variables{{QStringLiteral("KEYBEARER_HOME"), QStringLiteral("k")}}
                                   << "KEYBEARER_HOME";
    QTest::newRow("no home at all") << Variables{} << "HOME";
    QTest::newRow("longer than sockaddr_un")
        << Variables{{QStringLiteral("KEYBEARER_HOME"), QStringLiteral("/") + QString(100, u'k')}} << "107";
}

void tst_Paths::refuses() {
    QFETCH(Variables, variables);
    QFETCH(QString, named);
    const auto paths = resolvePaths(environment(variables), 7, false);
    QVERIFY(!paths);
    QVERIFY2(QString::fromStdString(paths.error()).contains(named), paths.error().c_str());
}

QTEST_GUILESS_MAIN(tst_Paths)
#include "tst_paths.moc"
