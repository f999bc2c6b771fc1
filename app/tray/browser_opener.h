#pragma once
/// \file
/// Opens the person's browser.

#include "app/common/browser.h"

#include <QObject>
#include <QUrl>

#include <functional>

namespace keybearer::tray {

/// Main thread. Tries common::browserCommands() one after the other; a program that ends without success is followed by
/// the next. What is started gets only the variables that common::goesToBrowser() lets through.
class BrowserOpener : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    void open(const QUrl& url);

Q_SIGNALS:
    /// No program could be started, or all failed: the person has to open it.
    void failed(const QUrl& url);

private:
    void tryNext(std::vector<common::Command> commands, const QUrl& url);
};

} // namespace keybearer::tray
