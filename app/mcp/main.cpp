#include "app/common/core_dumps.h"
#include "app/common/shown.h"
#include "app/mcp/bridge.h"
#include "ipc/base/paths.h"
#include "ipc/client/autostart.h"

#include <QCommandLineParser>
#include <QCoreApplication>
#include <QSocketNotifier>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>

namespace {

using namespace Qt::Literals::StringLiterals;

std::array<int, 2> gEnds{-1, -1};

extern "C" void onEndSignal(int) {
    [[maybe_unused]] const ssize_t told = ::write(gEnds[1], "x", 1);
}

/// The end that becomes readable when the process is asked to end.
int listenForSignals() {
    if (::pipe2(gEnds.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        return -1;
    }
    struct sigaction action {};
    action.sa_handler = onEndSignal;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        ::sigaction(signal, &action, nullptr);
    }
    std::signal(SIGPIPE, SIG_IGN);
    return gEnds[0];
}

int refuse(const std::string& why) {
    std::fprintf(stderr, "keybearer mcp bridge: %s\n", why.c_str());
    return 2;
}

} // namespace

int main(int argc, char** argv) {
    using namespace keybearer;
    common::refuseCoreDumps();
    QCoreApplication application(argc, argv);
    QCoreApplication::setApplicationName(u"keybearer-mcp-bridge"_s);
    QCoreApplication::setApplicationVersion(QLatin1String(KEYBEARER_VERSION));

    QCommandLineParser parser;
    parser.setApplicationDescription(u"Started by \"keybearer mcp bridge\", whose --help explains it."_s);
    parser.addHelpOption();
    parser.addVersionOption();
    parser.addPositionalArgument(u"URL"_s, u"The server's address"_s);
    parser.addOptions({{u"account"_s, u"The account whose tokens it gets"_s, u"NAME"_s},
                       {u"resource"_s, u"What the tokens are for"_s, u"URL"_s},
                       {u"ca-file"_s, u"Further root certificates"_s, u"FILE"_s}});
    // Not process(), which exits with the 1 that says that the server ended the session.
    if (!parser.parse(QCoreApplication::arguments())) {
        return refuse(common::shown(parser.errorText().toStdString()));
    }
    if (parser.isSet(u"version"_s)) {
        parser.showVersion();
    }
    if (parser.isSet(u"help"_s)) {
        parser.showHelp();
    }
    const QStringList words = parser.positionalArguments();
    if (words.size() != 1) {
        return refuse("wants one URL");
    }
    const mcp::TokenTarget target{words.front().toStdString(), parser.value(u"account"_s).toStdString(),
                                  parser.value(u"resource"_s).toStdString()};
    const auto paths = base::currentPaths();
    auto remote = mcp::Remote::at(target.url, parser.value(u"ca-file"_s).toStdString());
    if (!paths || !remote) {
        return refuse(paths ? remote.error() : paths.error());
    }
    model::BrokerLink link([paths] { return client::connectOrStart(*paths); }, nullptr,
                           model::BrokerLink::Again::WhenAsked);
    link.open();
    mcp::TokenSource tokens(link, target);
    mcp::LineReader input(STDIN_FILENO);
    mcp::LineWriter output(STDOUT_FILENO);
    mcp::Bridge bridge(**remote, tokens, input, output);
    QObject::connect(&bridge, &mcp::Bridge::over, &application, &QCoreApplication::exit, Qt::QueuedConnection);
    QSocketNotifier endWanted(listenForSignals(), QSocketNotifier::Read);
    QObject::connect(&endWanted, &QSocketNotifier::activated, &bridge, [&] {
        endWanted.setEnabled(false);
        bridge.leave(false);
    });
    return QCoreApplication::exec();
}
