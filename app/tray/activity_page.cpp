#include "app/tray/activity_page.h"

#include "app/model/reading.h"
#include "app/model/words.h"
#include "app/tray/marks.h"

#include <QHeaderView>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;
using model::AuditRow;
using model::AuditTable;

struct SpanChoice {
    const char* text;
    std::int64_t seconds;
};
constexpr std::array kSpanChoices{
    SpanChoice{QT_TRANSLATE_NOOP("keybearer::tray::ActivityPage", "Last hour"), 3600},
    SpanChoice{QT_TRANSLATE_NOOP("keybearer::tray::ActivityPage", "Last day"), 86'400},
    SpanChoice{QT_TRANSLATE_NOOP("keybearer::tray::ActivityPage", "Last week"), 7 * 86'400},
    SpanChoice{QT_TRANSLATE_NOOP("keybearer::tray::ActivityPage", "Last month"), 30 * 86'400},
};
constexpr int kFirstSpan = 1;
constexpr int kDetailLines = 3;

/// The sign of a credential beside its name, and of what was refused or is unusual beside the answer.
class MarkDelegate : public QStyledItemDelegate {
public:
    MarkDelegate(const AuditTable& rows, const QStringList& credentials, QObject* parent)
        : QStyledItemDelegate(parent), m_rows(rows), m_credentials(credentials) {}

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        if (index.column() == AuditTable::Credential) {
            const AuditRow& row = m_rows.row(index.row());
            const auto place = static_cast<int>(m_credentials.indexOf(row.credential));
            if (place < 0) {
                return;
            }
            option->features |= QStyleOptionViewItem::HasDecoration;
            option->icon = markIcon({place, row.isRefused(), !row.unusual.isEmpty()});
            option->decorationSize = QSize(option->fontMetrics.height(), option->fontMetrics.height());
        }
    }

private:
    const AuditTable& m_rows;
    const QStringList& m_credentials;
};

template<class Widget>
Widget* named(Widget* widget, const QString& name, const QString& accessibleName) {
    widget->setObjectName(name);
    widget->setAccessibleName(accessibleName);
    return widget;
}

/// Keeps what is chosen, when it is still there.
void fillChoice(QComboBox* box, const QString& all, const std::map<QString, QByteArray>& choices,
                const QStringList& marks) {
    const QByteArray chosen = box->currentData().toByteArray();
    const QSignalBlocker quiet(box);
    box->clear();
    box->addItem(all, QByteArray());
    for (const auto& [text, value] : choices) {
        const auto mark = static_cast<int>(marks.indexOf(text));
        box->addItem(mark < 0 ? QIcon() : markIcon({mark}), text, value);
    }
    box->setCurrentIndex(std::max(0, box->findData(chosen)));
}

} // namespace

ActivityPage::ActivityPage(model::BrokerState& state, QWidget* parent)
    : Page(state, parent),
      m_log(link()),
      m_span(named(new QComboBox, u"span"_s, tr("Time"))),
      m_program(named(new QComboBox, u"program"_s, tr("Program"))),
      m_credential(named(new QComboBox, u"credential"_s, tr("Credential"))),
      m_text(named(new QLineEdit, u"text"_s, tr("Search"))),
      m_refused(named(new QCheckBox(tr("&Refused only")), u"refusedOnly"_s, {})),
      m_unusual(named(new QCheckBox(tr("&Unusual only")), u"unusualOnly"_s, {})),
      m_management(named(new QCheckBox(tr("&Management, too")), u"withManagement"_s, {})),
      m_timeline(named(new TimelineView, u"timeline"_s, tr("Timeline"))),
      m_details(named(new QLabel, u"details"_s, {})),
      m_more(named(new QPushButton(tr("What it ever received")), u"showProgram"_s, {})),
      m_lower(named(new QTabWidget, u"lower"_s, {})),
      m_table(named(new QTableView, u"rows"_s, tr("What happened"))),
      m_extent(named(new QLabel, u"extent"_s, {})),
      m_older(named(new QPushButton(tr("Load &older")), u"older"_s, {})),
      m_panel(named(new ProgramPanel(link()), u"programPanel"_s, {})) {
    buildTable();
    auto* upper = new QWidget;
    auto* above = new QVBoxLayout(upper);
    above->setContentsMargins({});
    above->addWidget(m_timeline, 1);
    above->addLayout(buildDetails());
    auto* splitter = new QSplitter(Qt::Vertical);
    splitter->addWidget(upper);
    splitter->addWidget(m_lower);
    splitter->setChildrenCollapsible(false);
    splitter->setSizes({1, 1}); // halves
    auto* all = new QVBoxLayout(this);
    all->addLayout(buildFilter());
    all->addWidget(splitter, 1);
    connect(&m_log, &model::ActivityLog::changed, this, &ActivityPage::rowsChanged);
    connect(&m_log, &model::ActivityLog::failed, this, [this](const client::Error& error) { report(error); });
    connect(m_panel, &ProgramPanel::failed, this, [this](const client::Error& error) { report(error); });
    connect(m_older, &QPushButton::clicked, &m_log, &model::ActivityLog::loadOlder);
    connect(m_timeline, &TimelineView::currentChanged, this, &ActivityPage::showCurrent);
    connect(m_timeline, &TimelineView::programWanted, this, &ActivityPage::showProgram);
    rowsChanged();
    showCurrent();
}

QLayout* ActivityPage::buildFilter() {
    for (const SpanChoice& choice : kSpanChoices) {
        m_span->addItem(tr(choice.text), QVariant::fromValue(qlonglong{choice.seconds}));
    }
    m_span->setCurrentIndex(kFirstSpan);
    m_text->setPlaceholderText(tr("Search"));
    m_text->setClearButtonEnabled(true);
    m_refused->setIcon(markIcon({0, true, false}));
    m_unusual->setIcon(markIcon({0, false, true}));
    for (QComboBox* box : {m_program, m_credential}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        connect(box, &QComboBox::currentIndexChanged, this, &ActivityPage::showRows);
    }
    connect(m_span, &QComboBox::currentIndexChanged, this, &ActivityPage::load);
    connect(m_text, &QLineEdit::textChanged, this, &ActivityPage::showRows);
    auto* rows = new QVBoxLayout;
    auto* choices = new QHBoxLayout;
    choices->addWidget(m_span);
    choices->addWidget(m_program, 1);
    choices->addWidget(m_credential, 1);
    choices->addWidget(m_text, 1);
    auto* boxes = new QHBoxLayout;
    for (QCheckBox* box : {m_refused, m_unusual, m_management}) {
        connect(box, &QCheckBox::toggled, this, &ActivityPage::showRows);
        boxes->addWidget(box);
    }
    boxes->addStretch(1);
    rows->addLayout(choices);
    rows->addLayout(boxes);
    return rows;
}

QLayout* ActivityPage::buildDetails() {
    m_details->setTextFormat(Qt::PlainText);
    m_details->setWordWrap(true);
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_details->setAlignment(Qt::AlignLeading | Qt::AlignTop);
    m_details->setMinimumHeight(kDetailLines * m_details->fontMetrics().lineSpacing());
    connect(m_more, &QPushButton::clicked, this, [this] {
        if (const auto rows = m_timeline->current(); !rows.empty()) {
            showProgram(rows.back()->client, rows.back()->program);
        }
    });
    auto* line = new QHBoxLayout;
    line->addWidget(m_details, 1);
    line->addWidget(m_more, 0, Qt::AlignTop);
    return line;
}

void ActivityPage::buildTable() {
    m_table->setModel(&m_rows);
    m_table->setItemDelegate(new MarkDelegate(m_rows, m_credentials, this));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setTabKeyNavigation(false);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() * 3 / 2);
    m_table->horizontalHeader()->setStretchLastSection(true);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this](const QModelIndex& index) {
        if (index.isValid()) {
            m_timeline->setCurrent(m_rows.row(index.row()).sequence);
        }
    });
    connect(m_table, &QTableView::activated, this, [this](const QModelIndex& index) {
        const AuditRow& row = m_rows.row(index.row());
        showProgram(row.client, row.program);
    });
    auto* events = new QWidget;
    auto* rows = new QVBoxLayout(events);
    rows->addWidget(m_table, 1);
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_extent, 1);
    foot->addWidget(m_older);
    rows->addLayout(foot);
    m_lower->addTab(events, tr("What happened"));
    m_lower->addTab(m_panel, tr("What it ever received"));
    m_lower->setTabEnabled(1, false);
}

std::int64_t ActivityPage::length() const {
    return m_span->currentData().toLongLong();
}

model::AuditFilter ActivityPage::filter() const {
    model::AuditFilter filter;
    filter.client = m_program->currentData().toByteArray().toStdString();
    filter.credential = QString::fromUtf8(m_credential->currentData().toByteArray());
    filter.text = m_text->text().trimmed();
    filter.refusedOnly = m_refused->isChecked();
    filter.unusualOnly = m_unusual->isChecked();
    filter.withManagement = m_management->isChecked();
    return filter;
}

/// What has been read stays; from then on it comes by itself.
void ActivityPage::refresh() {
    m_log.follow(true);
    if (!m_log.isLoaded() && !m_log.isLoading()) {
        load();
    }
}

void ActivityPage::load() {
    if (state().isLive() && !state().isLocked()) {
        m_log.load(model::currentTime() - length());
    }
}

void ActivityPage::clear() {
    m_log.follow(false);
    m_log.clear();
    m_panel->clear();
    m_lower->setTabEnabled(1, false);
    m_lower->setTabText(1, tr("What it ever received"));
}

void ActivityPage::hideEvent(QHideEvent* event) {
    m_log.follow(false);
    Page::hideEvent(event);
}

void ActivityPage::rowsChanged() {
    showChoices();
    showRows();
    m_older->setEnabled(m_log.hasOlder() && !m_log.isLoading());
    if (!m_log.isLoaded()) {
        m_extent->setText(m_log.isLoading() ? tr("Reading ...") : QString());
    } else if (m_log.hasOlder() && !m_log.rows().empty()) {
        m_extent->setText(tr("All since %1; there are older ones").arg(model::localTime(m_log.rows().front().time)));
    } else {
        m_extent->setText(tr("All since %1").arg(model::localTime(m_log.since())));
    }
}

void ActivityPage::showChoices() {
    std::map<QString, QByteArray> programs;
    std::map<QString, QByteArray> credentials;
    for (const AuditRow& row : m_log.rows()) {
        if (!model::passes({}, row)) {
            continue;
        }
        // Two files of one name are told apart by their paths.
        const QByteArray client = QByteArray::fromStdString(row.client);
        const auto [known, isNew] = programs.emplace(row.program, client);
        if (!isNew && known->second != client) {
            programs.emplace(tr("%1 (%2)").arg(row.program, row.path), client);
        }
        if (!row.credential.isEmpty()) {
            credentials.emplace(row.credential, row.credential.toUtf8());
        }
    }
    m_credentials.clear();
    for (const auto& [credential, value] : credentials) {
        m_credentials << credential;
    }
    m_timeline->setCredentials(m_credentials);
    fillChoice(m_program, tr("All programs"), programs, {});
    fillChoice(m_credential, tr("All credentials"), credentials, m_credentials);
}

void ActivityPage::showRows() {
    const model::AuditFilter filter = this->filter();
    const std::int64_t now = model::currentTime();
    std::vector<AuditRow> seen;
    std::ranges::copy_if(m_log.rows(), std::back_inserter(seen),
                         [&](const AuditRow& row) { return row.time >= now - length() && model::passes(filter, row); });
    const bool wasEmpty = m_rows.rowCount() == 0;
    m_rows.setRows({seen.rbegin(), seen.rend()});
    if (wasEmpty && !seen.empty()) {
        for (int column = 0; column + 1 < AuditTable::kColumns; ++column) {
            m_table->resizeColumnToContents(column);
        }
    }
    // A clock that was set back must not hide what came since.
    const std::int64_t end = seen.empty() ? now : std::max(now, seen.back().time);
    m_timeline->setRows(std::move(seen), {now - length(), end});
}

void ActivityPage::showCurrent() {
    const auto rows = m_timeline->current();
    m_more->setEnabled(!rows.empty());
    if (rows.empty()) {
        m_details->setText(tr("Choose a mark, or a row below, to see all about it."));
        return;
    }
    const AuditRow& newest = *rows.back();
    // What happened, and below it the rest.
    QString details = model::detailsOf(newest);
    const qsizetype first = details.indexOf(u'\n') + 1;
    details = details.left(first) + details.mid(first).replace(u"\n"_s, u" · "_s);
    m_details->setText(rows.size() == 1
                           ? details
                           : tr("%n use(s); the newest:", nullptr, static_cast<int>(rows.size())) + u' ' + details);
    const int row = m_rows.rowOf(newest.sequence);
    const int chosen = m_table->currentIndex().row();
    const bool isAmong = chosen >= 0 && std::ranges::any_of(rows, [&](const AuditRow* one) {
                             return one->sequence == m_rows.row(chosen).sequence;
                         });
    if (row >= 0 && !isAmong) {
        m_table->setCurrentIndex(m_rows.index(row, 0));
    }
}

void ActivityPage::showProgram(const std::string& client, const QString& name) {
    if (client.empty()) {
        return; // nobody could look it up, so there is nothing that could be taken back
    }
    m_panel->showProgram(client, name);
    m_lower->setTabEnabled(1, true);
    const QString title = tr("What %1 ever received").arg(name);
    m_lower->setTabText(1, QString(title).replace(u"&"_s, u"&&"_s)); // no shortcut of a program's making
    m_lower->setCurrentIndex(1);
}

} // namespace keybearer::tray
