#include "app/tray/main_window.h"

#include "app/model/reading.h"
#include "app/tray/icons.h"

#include <QCloseEvent>
#include <QHBoxLayout>
#include <QVBoxLayout>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr QSize kFirstSize{900, 600};
constexpr int kListWidth = 180;

} // namespace

MainWindow::MainWindow(model::BrokerState& state, QSettings& settings, QWidget* parent)
    : QMainWindow(parent),
      m_state(state),
      m_settings(settings),
      m_list(new QListWidget),
      m_pages(new QStackedWidget),
      m_banner(new QWidget),
      m_problem(new QLabel),
      m_mend(new QPushButton) {
    setWindowTitle(tr("Keybearer"));
    setObjectName(u"mainWindow"_s);
    m_list->setObjectName(u"pages"_s);
    m_list->setAccessibleName(tr("Pages"));
    m_list->setFixedWidth(kListWidth);
    m_list->setFrameShape(QFrame::NoFrame);
    m_problem->setObjectName(u"problem"_s);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_mend->setObjectName(u"mend"_s);

    auto* line = new QHBoxLayout(m_banner);
    line->addWidget(m_problem, 1);
    line->addWidget(m_mend);
    m_banner->hide();

    auto* right = new QVBoxLayout;
    right->addWidget(m_banner);
    right->addWidget(m_pages, 1);
    auto* middle = new QWidget;
    auto* columns = new QHBoxLayout(middle);
    columns->addWidget(m_list);
    columns->addLayout(right, 1);
    setCentralWidget(middle);

    connect(m_list, &QListWidget::currentRowChanged, this, [this](int row) {
        m_pages->setCurrentIndex(row);
        stateChanged();
    });
    connect(m_mend, &QPushButton::clicked, this, [this] {
        if (m_state.isLocked()) {
            Q_EMIT unlockWanted();
        } else {
            m_state.link().open();
        }
    });
    connect(&m_state, &model::BrokerState::changed, this, &MainWindow::stateChanged);
    resize(kFirstSize);
    restoreGeometry(m_settings.value("window/geometry").toByteArray());
}

void MainWindow::addPage(Page* page, const QString& name, const QString& title, const QIcon& icon) {
    page->setObjectName(name);
    page->setAccessibleName(title);
    auto* row = new QListWidgetItem(icon, title, m_list);
    row->setData(Qt::UserRole, name);
    m_pages->addWidget(page);
    connect(page, &Page::failed, this,
            [this](const client::Error& error) { showProblem(model::shownText(error.message), {}); });
    connect(page, &Page::signInWanted, this, &MainWindow::signInWanted);
    connect(page, &Page::unlockWanted, this, &MainWindow::unlockWanted);
    connect(page, &Page::browserWanted, this, &MainWindow::browserWanted);
    if (m_list->currentRow() < 0) {
        m_list->setCurrentRow(0);
    }
}

void MainWindow::open(const QString& name) {
    for (int row = 0; row < m_list->count(); ++row) {
        if (m_list->item(row)->data(Qt::UserRole) == name) {
            m_list->setCurrentRow(row);
        }
    }
    show();
    raise();
    activateWindow();
}

Page* MainWindow::current() const {
    return qobject_cast<Page*>(m_pages->currentWidget());
}

/// What was true a moment ago is not shown as if it still were.
void MainWindow::stateChanged() {
    const bool isOpen = m_state.isLive() && !m_state.isLocked();
    if (m_state.isLocked()) {
        showProblem(tr("Keybearer is locked: nothing is given out, and nothing is shown."), tr("Unlock"));
    } else if (!m_state.isLive()) {
        const client::Error& why = m_state.link().problem();
        showProblem(why.message.empty() ? tr("Connecting to the broker ...") : model::shownText(why.message),
                    tr("Try again"));
    } else if (!m_state.approverProblem().isEmpty()) {
        showProblem(tr("Programs cannot be answered from here: %1").arg(m_state.approverProblem()), {});
    } else {
        m_banner->hide();
    }
    m_pages->setEnabled(isOpen);
    for (int i = 0; i < m_pages->count() && !isOpen; ++i) {
        qobject_cast<Page*>(m_pages->widget(i))->clear();
    }
    if (isOpen && isVisible() && current() != nullptr) {
        current()->refresh();
    }
}

void MainWindow::showProblem(const QString& text, const QString& button) {
    m_problem->setText(text);
    m_mend->setText(button);
    m_mend->setVisible(!button.isEmpty());
    m_banner->show();
}

void MainWindow::showEvent(QShowEvent* event) {
    QMainWindow::showEvent(event);
    stateChanged();
}

void MainWindow::closeEvent(QCloseEvent* event) {
    m_settings.setValue("window/geometry", saveGeometry());
    event->accept();
    Q_EMIT closed();
}

} // namespace keybearer::tray
