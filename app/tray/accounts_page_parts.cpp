#include "app/tray/accounts_page.h"

#include <QFont>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QVBoxLayout>

#include <array>
#include <utility>

// The parts of the page, and what can be done with a row.
namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;
using model::Credential;
using model::CredentialsModel;

/// Rows in the order of the person's choice; what is being removed is struck through.
class SortedCredentials : public QSortFilterProxyModel {
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;

    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override {
        if (role == Qt::FontRole && index.data(CredentialsModel::kLeavingRole).toBool()) {
            QFont font;
            font.setStrikeOut(true);
            return font;
        }
        return QSortFilterProxyModel::data(index, role);
    }
};

QPushButton* pageButton(const QString& name, const QString& text) {
    auto* made = new QPushButton(text);
    made->setObjectName(name);
    return made;
}

} // namespace

void AccountsPage::build() {
    m_sorted = new SortedCredentials(this);
    m_sorted->setSourceModel(&m_model);
    m_sorted->setSortRole(CredentialsModel::kSortRole);
    m_sorted->setSortCaseSensitivity(Qt::CaseInsensitive);
    m_sorted->setSortLocaleAware(true);
    m_undo = new NoticeBar(u"undoBar"_s);
    m_notice = new NoticeBar(u"notice"_s);
    m_stack = new QStackedWidget;
    m_stack->addWidget(buildTable());
    m_stack->addWidget(buildEmpty());
    auto* all = new QVBoxLayout(this);
    all->addWidget(m_stack, 1);
    all->addWidget(m_undo);
    all->addWidget(m_notice);
}

QWidget* AccountsPage::buildEmpty() {
    auto* text =
        new QLabel(tr("No account is signed in, and no key is stored.\nSign in to a provider, or add a key, and "
                      "your programs can ask for it."));
    text->setObjectName(u"emptyText"_s);
    text->setAlignment(Qt::AlignCenter);
    text->setWordWrap(true);
    auto* signIn = pageButton(u"firstSignIn"_s, tr("&Sign in ..."));
    auto* add = pageButton(u"firstKey"_s, tr("&Add a key ..."));
    connect(signIn, &QPushButton::clicked, this, [this] { Q_EMIT signInWanted({}, {}); });
    connect(add, &QPushButton::clicked, this, &AccountsPage::addKey);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(signIn);
    buttons->addWidget(add);
    buttons->addStretch(1);
    auto* empty = new QWidget;
    auto* column = new QVBoxLayout(empty);
    column->addStretch(1);
    column->addWidget(text);
    column->addLayout(buttons);
    column->addStretch(2);
    return empty;
}

QWidget* AccountsPage::buildTable() {
    m_table = new QTableView;
    m_table->setObjectName(u"credentials"_s);
    m_table->setAccessibleName(tr("Accounts and keys"));
    m_table->setModel(m_sorted);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setAlternatingRowColors(true);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(CredentialsModel::Provider, Qt::AscendingOrder);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    auto* signIn = pageButton(u"signInButton"_s, tr("&Sign in ..."));
    auto* add = pageButton(u"addKeyButton"_s, tr("&Add a key ..."));
    connect(signIn, &QPushButton::clicked, this, [this] { Q_EMIT signInWanted({}, {}); });
    connect(add, &QPushButton::clicked, this, &AccountsPage::addKey);
    auto* top = new QHBoxLayout;
    top->addWidget(signIn);
    top->addWidget(add);
    top->addStretch(1);
    auto* part = new QWidget;
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins({});
    column->addLayout(top);
    column->addWidget(m_table, 1);
    m_buttons = new QHBoxLayout;
    m_buttons->addStretch(1);
    column->addLayout(m_buttons);
    return part;
}

void AccountsPage::buildVerbs() {
    const auto isAccount = [](const Credential& row, bool) { return !row.id.isKey(); };
    const auto isKey = [](const Credential& row, bool isLeaving) { return row.id.isKey() && !isLeaving; };
    const auto isAny = [](const Credential&, bool isLeaving) { return !isLeaving; };
    const auto hasNext = [](const Credential& row, bool isLeaving) { return row.hasNext && !isLeaving; };
    const auto isLeavingKey = [](const Credential&, bool isLeaving) { return isLeaving; };
    struct Row {
        const char* name; ///< object name of the action
        const char* text;
        const char* shortcut;
        bool isButton;
        bool (*applies)(const Credential& row, bool isLeaving);
        void (*run)(AccountsPage& page);
    };
    const std::array rows{
        Row{"signInAgain", QT_TR_NOOP("Sign in a&gain ..."), "", true, isAccount, [](auto& p) { p.signInAgain(); }},
        Row{"explain", QT_TR_NOOP("&Explain ..."), "Ctrl+E", true, isKey, [](auto& p) { p.explain(); }},
        Row{"replace", QT_TR_NOOP("Re&place ..."), "Ctrl+R", true, isKey, [](auto& p) { p.openKeyDialog(false); }},
        Row{"rename", QT_TR_NOOP("Re&name"), "F2", true, isAny, [](auto& p) { p.rename(); }},
        Row{"signOut", QT_TR_NOOP("Sign &out ..."), "Del", true, isAccount, [](auto& p) { p.askToSignOut(); }},
        Row{"remove", QT_TR_NOOP("Re&move"), "Del", true, isKey, [](auto& p) { p.m_removals.add(p.selected()->id); }},
        Row{"takeBack", QT_TR_NOOP("&Undo"), "Ctrl+Z", true, isLeavingKey,
            [](auto& p) { p.m_removals.undo(p.selected()->id); }},
        Row{"addNext", QT_TR_NOOP("New value &beside the old one ..."), "", false, isKey,
            [](auto& p) { p.openKeyDialog(true); }},
        Row{"useNext", QT_TR_NOOP("Put the ne&xt value in use"), "", false, hasNext,
            [](auto& p) { p.m_calls.putNextInUse(p.selected()->id); }},
        Row{"sealAnew", QT_TR_NOOP("Seal the provider's keys ane&w"), "", false, isKey,
            [](auto& p) { p.m_calls.sealAnew(p.selected()->id); }},
        Row{"copyName", QT_TR_NOOP("&Copy the name"), "Ctrl+C", false, isAny, [](auto& p) { p.copyName(); }},
    };
    auto* rest = new QMenu(this);
    for (const Row& row : rows) {
        auto* action = new QAction(tr(row.text), this);
        action->setObjectName(QString::fromLatin1(row.name));
        action->setIconText(tr(row.text).remove(u'&')); // what a button shows, which has no shortcut of its own
        action->setShortcut(QKeySequence(QString::fromLatin1(row.shortcut)));
        action->setShortcutContext(Qt::WidgetShortcut);
        m_table->addAction(action);
        connect(action, &QAction::triggered, this, [this, run = row.run] {
            if (selected() != nullptr) {
                run(*this);
            }
        });
        QToolButton* button = nullptr;
        if (row.isButton) {
            button = new QToolButton;
            button->setDefaultAction(action);
            addButton(button, action->objectName() + u"Button"_s);
        } else {
            rest->addAction(action);
        }
        m_verbs << Verb{action, row.applies, button};
    }
    m_more = new QToolButton;
    m_more->setText(tr("More"));
    m_more->setMenu(rest);
    m_more->setPopupMode(QToolButton::InstantPopup);
    addButton(m_more, u"moreButton"_s);
}

void AccountsPage::addButton(QToolButton* button, const QString& name) {
    button->setObjectName(name);
    button->setFocusPolicy(Qt::StrongFocus);
    m_buttons->addWidget(button);
}

void AccountsPage::selectionChanged() {
    const Credential* row = selected();
    if (row != nullptr) {
        m_selected = row->id;
    }
    for (const Verb& verb : std::as_const(m_verbs)) {
        const bool isPossible = row != nullptr && verb.applies(*row, m_model.isLeaving(row->id));
        verb.action->setEnabled(isPossible);
        verb.action->setVisible(isPossible);
        if (verb.button != nullptr) {
            verb.button->setVisible(isPossible);
        }
    }
    m_more->setVisible(row != nullptr && !m_model.isLeaving(row->id));
    if (row != nullptr && row->id.isKey() && row->fingerprint.isEmpty() && isVisible()) {
        m_fingerprintPause.start();
    }
}

} // namespace keybearer::tray
