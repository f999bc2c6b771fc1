#include "app/tray/program_panel.h"

#include "app/model/reading.h"
#include "app/model/words.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLocale>
#include <QVBoxLayout>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;
using nlohmann::json;

constexpr int kGrantRole = Qt::UserRole; // id

QTreeWidget* panelList(const QString& name, const QString& title, const QStringList& columns) {
    auto* list = new QTreeWidget;
    list->setObjectName(name);
    list->setAccessibleName(title);
    list->setHeaderLabels(columns);
    list->setRootIsDecorated(false);
    list->setUniformRowHeights(true);
    list->header()->setStretchLastSection(true);
    return list;
}

QLabel* panelLabel(const QString& name) {
    auto* label = new QLabel;
    label->setObjectName(name);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    return label;
}

void addLine(QTreeWidget* list, const QStringList& texts) {
    auto* item = new QTreeWidgetItem(list, texts);
    for (int i = 0; i < texts.size(); ++i) {
        item->setToolTip(i, texts[i].toHtmlEscaped());
    }
}

void fitColumns(QTreeWidget* list) {
    for (int i = 0; i + 1 < list->columnCount(); ++i) {
        list->resizeColumnToContents(i);
    }
}

} // namespace

ProgramPanel::ProgramPanel(model::BrokerLink& link, QWidget* parent)
    : QWidget(parent),
      m_link(link),
      m_title(panelLabel(u"programTitle"_s)),
      m_note(panelLabel(u"programNote"_s)),
      m_leases(panelList(u"leases"_s, tr("What it ever received"),
                         {tr("Received"), tr("First"), tr("Last"), tr("Times"), tr("State")})),
      m_grants(panelList(u"grants"_s, tr("What it may have"), {tr("May have"), tr("How long"), tr("Allowed by")})),
      m_revokeGrant(new QPushButton(tr("Revoke this &grant"))),
      m_revokeAll(new QPushButton(tr("Revoke &everything ..."))),
      m_question(buildQuestion()),
      m_outcome(panelLabel(u"outcome"_s)),
      m_taken(new QTextEdit) {
    QFont bold = m_title->font();
    bold.setBold(true);
    m_title->setFont(bold);
    m_revokeGrant->setObjectName(u"revokeGrant"_s);
    m_revokeAll->setObjectName(u"revokeAll"_s);
    m_taken->setObjectName(u"taken"_s);
    m_taken->setAccessibleName(tr("What was taken back"));
    m_taken->setReadOnly(true);
    m_taken->setTabChangesFocus(true);
    m_taken->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_revokeGrant);
    buttons->addStretch(1);
    buttons->addWidget(m_revokeAll);
    auto* all = new QVBoxLayout(this);
    for (QWidget* one : std::initializer_list<QWidget*>{m_title, m_leases, m_note, m_grants}) {
        all->addWidget(one);
    }
    all->addLayout(buttons);
    for (QWidget* one : std::initializer_list<QWidget*>{m_question, m_outcome, m_taken}) {
        all->addWidget(one);
    }
    all->setStretchFactor(m_taken, 1);
    connect(m_grants, &QTreeWidget::itemSelectionChanged, this, &ProgramPanel::enable);
    connect(m_revokeGrant, &QPushButton::clicked, this, &ProgramPanel::revokeGrant);
    connect(m_revokeAll, &QPushButton::clicked, this, [this] { askWhether(true); });
    clear();
}

QWidget* ProgramPanel::buildQuestion() {
    m_sure = panelLabel(u"sure"_s);
    m_yes = new QPushButton(tr("&Revoke everything"));
    m_yes->setObjectName(u"yes"_s);
    m_no = new QPushButton(tr("&Cancel"));
    m_no->setObjectName(u"no"_s);
    connect(m_yes, &QPushButton::clicked, this, &ProgramPanel::revokeAll);
    connect(m_no, &QPushButton::clicked, this, [this] { askWhether(false); });
    auto* question = new QWidget;
    auto* rows = new QVBoxLayout(question);
    rows->setContentsMargins({});
    rows->addWidget(m_sure);
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_no);
    buttons->addWidget(m_yes);
    rows->addLayout(buttons);
    return question;
}

void ProgramPanel::clear() {
    ++m_run;
    m_client.clear();
    m_isBusy = false;
    m_title->clear();
    m_note->clear();
    m_leases->clear();
    m_grants->clear();
    showTaken({});
    askWhether(false);
}

void ProgramPanel::showProgram(const std::string& client, const QString& name) {
    clear();
    m_client = client;
    m_title->setText(tr("%1 (%2)").arg(name, model::shownText(client)));
    m_sure->setText(tr("Take back all that %1 has? Its grants are removed, and its tokens are revoked at the provider. "
                       "Other programs that have the same token are given a new one when they ask.")
                        .arg(name));
    ask();
}

void ProgramPanel::ask() {
    const unsigned run = ++m_run;
    // A client key is shown by a program; what it was given is recorded under the program's path.
    const std::string path = m_client.substr(0, m_client.find('#'));
    const auto take = [this, run](void (ProgramPanel::*shown)(const json&)) {
        return [this, run, shown](const model::BrokerLink::Reply& reply) {
            if (run != m_run) {
                return;
            }
            if (reply) {
                (this->*shown)(*reply);
            } else {
                Q_EMIT failed(reply.error());
            }
        };
    };
    m_link.call("lease.list", {{"client", path}}, this, take(&ProgramPanel::showLeases));
    m_link.call("grant.list", json::object(), this, take(&ProgramPanel::showGrants));
    enable();
}

void ProgramPanel::showLeases(const json& answer) {
    m_leases->clear();
    for (const model::LeaseLine& line : model::leasesOf(answer, m_client)) {
        addLine(m_leases, {line.what, model::localTime(line.first), model::localTime(line.last),
                           QLocale().toString(static_cast<qlonglong>(line.count)), line.state});
    }
    fitColumns(m_leases);
    const bool isWhole = model::isTrue(answer, "complete");
    m_note->setText(isWhole ? QString() : tr("There is more than can be told here; the table above has it."));
    enable();
}

void ProgramPanel::showGrants(const json& answer) {
    m_grants->clear();
    for (const model::GrantLine& line : model::grantsOf(answer, m_client)) {
        addLine(m_grants, {line.what, line.length, line.origin});
        m_grants->topLevelItem(m_grants->topLevelItemCount() - 1)
            ->setData(0, kGrantRole, QByteArray::fromStdString(line.id));
    }
    fitColumns(m_grants);
    enable();
}

void ProgramPanel::showTaken(const std::vector<model::TakenLine>& lines) {
    // Wrapped, and to be copied: it may say where a key is to be deleted.
    m_taken->clear();
    QTextCursor cursor(m_taken->document());
    for (const model::TakenLine& line : lines) {
        QTextCharFormat format;
        format.setFontWeight(model::isAllTaken({line}) ? QFont::Normal : QFont::Bold);
        cursor.insertText((cursor.atStart() ? QString() : u"\n"_s) + tr("%1: %2").arg(line.what, line.text), format);
    }
    m_taken->setVisible(!lines.empty());
    m_outcome->setVisible(!lines.empty());
    m_outcome->setText(model::isAllTaken(lines) ? tr("All of it was taken back.")
                                                : tr("Not all of it could be taken back; what is left is up to you:"));
}

void ProgramPanel::revokeGrant() {
    const QList<QTreeWidgetItem*> chosen = m_grants->selectedItems();
    if (chosen.isEmpty() || m_isBusy) {
        return;
    }
    m_isBusy = true;
    enable();
    const std::string id = chosen.front()->data(0, kGrantRole).toByteArray().toStdString();
    m_link.call("grant.revoke", {{"grant_id", id}}, this, [this, client = m_client](const auto& reply) {
        if (!reply) {
            Q_EMIT failed(reply.error());
        }
        if (client == m_client) {
            m_isBusy = false;
            ask();
        }
    });
}

void ProgramPanel::askWhether(bool isAsked) {
    m_question->setVisible(isAsked);
    enable();
    if (isAsked) {
        showTaken({});
        m_no->setFocus(); // Return means no
    } else if (isVisible() && m_revokeAll->isEnabled()) {
        m_revokeAll->setFocus();
    }
}

void ProgramPanel::revokeAll() {
    m_isBusy = true;
    askWhether(false);
    m_link.call("lease.revoke", {{"client", m_client}}, this, [this, client = m_client](const auto& reply) {
        if (!reply) {
            Q_EMIT failed(reply.error());
        }
        if (client != m_client) {
            return;
        }
        m_isBusy = false;
        if (reply) {
            showTaken(model::takenOf(*reply));
        }
        ask();
    });
}

void ProgramPanel::enable() {
    const bool isFree = !m_client.empty() && !m_isBusy && !m_question->isVisibleTo(this);
    m_revokeGrant->setEnabled(isFree && !m_grants->selectedItems().isEmpty());
    m_revokeAll->setEnabled(isFree);
    m_note->setVisible(!m_note->text().isEmpty());
}

} // namespace keybearer::tray
