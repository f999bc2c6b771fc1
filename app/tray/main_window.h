#pragma once
/// \file
/// The main window: a list of pages, and a line above them for what the person has to know first.

#include "app/tray/page.h"

#include <QLabel>
#include <QListWidget>
#include <QMainWindow>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>

namespace keybearer::tray {

class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    /// State and settings outlive it.
    MainWindow(model::BrokerState& state, QSettings& settings, QWidget* parent = nullptr);

    /// The window owns the page. `name` is its object name, and stays the same in every language.
    void addPage(Page* page, const QString& name, const QString& title, const QIcon& icon);
    /// Opens the window at a page, in front of the others.
    void open(const QString& name = {});

Q_SIGNALS:
    void signInWanted(const QString& provider, const QString& account);
    void unlockWanted();
    void browserWanted(const QUrl& url);
    /// The person has closed it.
    void closed();

protected:
    void closeEvent(QCloseEvent* event) override;
    void showEvent(QShowEvent* event) override;

private:
    [[nodiscard]] Page* current() const;
    void stateChanged();
    void showProblem(const QString& text, const QString& button);

    model::BrokerState& m_state;
    QSettings& m_settings;
    QListWidget* m_list;
    QStackedWidget* m_pages;
    QWidget* m_banner;
    QLabel* m_problem;
    QPushButton* m_mend;
};

} // namespace keybearer::tray
