#include "app/tray/browser_opener.h"

#include "ipc/base/paths.h"

#include <QProcess>
#include <QProcessEnvironment>

#include <utility>

namespace keybearer::tray {
namespace {

QProcessEnvironment environmentForBrowser() {
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    const QStringList names = environment.keys();
    for (const QString& name : names) {
        if (!common::goesToBrowser(name.toStdString())) {
            environment.remove(name);
        }
    }
    return environment;
}

} // namespace

void BrowserOpener::open(const QUrl& url) {
    tryNext(common::browserCommands(base::processEnvironment(), url.toString(QUrl::FullyEncoded).toStdString()), url);
}

void BrowserOpener::tryNext(std::vector<common::Command> commands, const QUrl& url) {
    if (commands.empty()) {
        Q_EMIT failed(url);
        return;
    }
    const common::Command command = std::move(commands.front());
    commands.erase(commands.begin());
    auto* process = new QProcess; // no child of this object: a browser that is at work goes on when we end
    process->setProgram(QString::fromStdString(command.front()));
    QStringList arguments;
    for (std::size_t i = 1; i < command.size(); ++i) {
        arguments << QString::fromStdString(command[i]);
    }
    process->setArguments(arguments);
    process->setProcessEnvironment(environmentForBrowser());
    process->setStandardInputFile(QProcess::nullDevice());
    process->setStandardOutputFile(QProcess::nullDevice());
    process->setStandardErrorFile(QProcess::nullDevice());
    const auto next = [this, process, commands, url] {
        process->disconnect(this);
        process->deleteLater();
        tryNext(commands, url);
    };
    connect(process, &QProcess::errorOccurred, this, [next](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart) {
            next();
        }
    });
    connect(process, &QProcess::finished, this, [next, process](int code, QProcess::ExitStatus status) {
        if (status == QProcess::NormalExit && code == 0) {
            process->deleteLater();
        } else {
            next();
        }
    });
    process->start();
}

} // namespace keybearer::tray
