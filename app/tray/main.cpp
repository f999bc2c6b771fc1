#include "app/common/core_dumps.h"
#include "app/tray/application.h"
#include "app/tray/color_scheme.h"
#include "app/tray/icons.h"
#include "app/tray/single_instance.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QLibraryInfo>
#include <QLocale>
#include <QPalette>
#include <QTranslator>

#include <cstdio>
#include <tuple>

namespace {

using namespace Qt::Literals::StringLiterals;

/// Keys are typed into this process: no core dump of it. It stays dumpable, or the broker could not see who asks.
void harden() {
    keybearer::common::refuseCoreDumps();
    // A person asks here, and no program with a key.
    qunsetenv("KEYBEARER_CLIENT_KEY");
    qunsetenv("KEYBEARER_CLIENT_KEY_FILE");
}

/// Where a desktop says its colours, Qt 6.4 forgets the one for what an empty field says: black on a dark one.
void colourPlaceholders() {
    QColor colour = QApplication::palette().color(QPalette::Text);
    colour.setAlphaF(0.6F);
    QPalette palette; // the other colours stay the desktop's
    palette.setColor(QPalette::PlaceholderText, colour);
    QApplication::setPalette(palette);
}

/// English is there in any case: a language that we have not gets its plurals. The later one goes before.
void translate(QApplication& application) {
    const QString ours = u":/i18n"_s;
    for (const auto& [locale, name, folder] :
         {std::tuple{QLocale(QLocale::English), u"keybearer"_s, ours},
          std::tuple{QLocale(), u"qtbase"_s, QLibraryInfo::path(QLibraryInfo::TranslationsPath)},
          std::tuple{QLocale(), u"keybearer"_s, ours}}) {
        auto* translator = new QTranslator(&application);
        if (translator->load(locale, name, u"_"_s, folder)) {
            QCoreApplication::installTranslator(translator);
        }
    }
}

/// What is wrong with the command line, empty for nothing. QCommandLineParser::process() would end with 1, which is no
/// wrong usage in any other program of ours.
QString wrongUsage(QCommandLineParser& parser) {
    if (!parser.parse(QCoreApplication::arguments())) {
        return parser.errorText();
    }
    const QStringList extra = parser.positionalArguments();
    return extra.isEmpty() ? QString()
                           : QCoreApplication::translate("main", "Unexpected argument “%1”.").arg(extra.front());
}

} // namespace

int main(int argc, char** argv) {
    using namespace keybearer;
    harden();
    QApplication application(argc, argv);
    QApplication::setApplicationName(u"keybearer-tray"_s);
    QApplication::setApplicationDisplayName(u"Keybearer"_s);
    QApplication::setApplicationVersion(QLatin1String(KEYBEARER_VERSION));
    QApplication::setDesktopFileName(u"keybearer-tray"_s);
    QApplication::setWindowIcon(tray::moodIcon(model::Mood::Well));
    QApplication::setQuitOnLastWindowClosed(false);
    translate(application);
    colourPlaceholders();

    QCommandLineParser parser;
    parser.setApplicationDescription(QCoreApplication::translate(
        "main", "Keybearer's icon in the panel: sign in, answer programs, see who got what."));
    const QCommandLineOption help = parser.addHelpOption();
    const QCommandLineOption version = parser.addVersionOption();
    const QCommandLineOption background(
        u"background"_s,
        QCoreApplication::translate("main", "Show the icon and open no window, as at the start of a session."));
    parser.addOption(background);
    if (const QString wrong = wrongUsage(parser); !wrong.isEmpty()) {
        std::fprintf(stderr, "keybearer-tray: %s\n", qUtf8Printable(wrong));
        return 2;
    }
    if (parser.isSet(version)) {
        parser.showVersion();
    }
    if (parser.isSet(help)) {
        parser.showHelp();
    }

    const auto paths = base::currentPaths();
    if (!paths) {
        std::fprintf(stderr, "keybearer-tray: %s\n", paths.error().c_str());
        return 2;
    }
    tray::SingleInstance instance(*paths);
    if (!instance.isFirst()) {
        return 0; // the one that runs has opened its window
    }
    const tray::ColorScheme colours;
    tray::Application parts(*paths);
    QObject::connect(&instance, &tray::SingleInstance::activated, &parts, &tray::Application::activate);
    parts.start(parser.isSet(background));
    return QApplication::exec();
}
