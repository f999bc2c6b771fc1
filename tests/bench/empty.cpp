/// \file
/// What a broker without a broker in it costs: Qt's event loop, its HTTP client and QtKeychain, and nothing done with
/// them. Says "ready", ends with its stdin.

#include <QCoreApplication>
#include <QNetworkAccessManager>
#include <QSocketNotifier>
#include <QSslSocket>
#include <qt6keychain/keychain.h>

#include <unistd.h>

#include <cstdio>

int main(int argc, char** argv) {
    QCoreApplication application(argc, argv);
    const QNetworkAccessManager manager;
    const QKeychain::ReadPasswordJob job(QStringLiteral("bench"));
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, &application, &QCoreApplication::quit);
    std::puts(QSslSocket::supportsSsl() ? "ready" : "ready, without TLS");
    std::fflush(stdout);
    return QCoreApplication::exec();
}
