#include "app/tray/accounts_page.h"

#include "app/model/chain.h"
#include "app/model/reading.h"
#include "app/tray/add_key_dialog.h"
#include "app/tray/explain_view.h"

#include <QClipboard>
#include <QGuiApplication>

#include <utility>

namespace keybearer::tray {

using namespace Qt::Literals::StringLiterals;
using model::Credential;
using model::CredentialId;
using nlohmann::json;

AccountsPage::AccountsPage(model::BrokerState& state, std::chrono::milliseconds grace, QWidget* parent)
    : Page(state, parent), m_calls(state.link()), m_removals(grace) {
    build();
    buildVerbs();
    connectParts();
    selectionChanged();
}

AccountsPage::~AccountsPage() {
    m_removals.finish();
}

void AccountsPage::connectParts() {
    connect(&m_model, &model::CredentialsModel::renameWanted, &m_calls, &model::CredentialCalls::rename);
    connect(&m_model, &QAbstractItemModel::modelReset, this, &AccountsPage::restoreSelection);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, &AccountsPage::selectionChanged);
    connect(&m_removals, &model::Removals::due, &m_calls, &model::CredentialCalls::remove);
    connect(&m_removals, &model::Removals::changed, this, &AccountsPage::removalsChanged);
    connect(&m_calls, &model::CredentialCalls::removalEnded, &m_removals, &model::Removals::done);
    connect(&m_calls, &model::CredentialCalls::failed, this, [this](const client::Error& error) {
        report(error);
        refresh();
    });
    connect(&m_calls, &model::CredentialCalls::done, this, [this](const QString& said) {
        say(said);
        refresh();
    });
    constexpr int kFingerprintPause = 300; // milliseconds
    m_fingerprintPause.setSingleShot(true);
    m_fingerprintPause.setInterval(kFingerprintPause);
    connect(&m_fingerprintPause, &QTimer::timeout, this, &AccountsPage::askFingerprint);
}

void AccountsPage::refresh() {
    ask("account.list", m_accounts);
    ask("credential.list", m_keys, {{"all_tenants", true}});
    if (!m_providers) {
        ask("provider.list", m_providers);
    }
}

void AccountsPage::ask(const std::string& method, std::optional<json>& place, json params) {
    link().call(method, std::move(params), this, [this, &place, run = m_run](const auto& reply) {
        if (run != m_run) {
            return;
        }
        if (reply) {
            place = *reply;
            const QStringList unreadable = model::textsOf(*reply, "unreadable");
            say(unreadable.isEmpty()
                    ? QString()
                    : tr("The file with the keys of %1 cannot be read.").arg(unreadable.join(u", "_s)));
        } else {
            place.reset();
            report(reply.error());
        }
        showRows();
    });
}

/// Nothing is called empty before both lists are known.
void AccountsPage::showRows() {
    const json names = m_providers.value_or(json::object());
    QList<Credential> all = model::accountsFrom(m_accounts.value_or(json::object()), names, state().accounts());
    all << model::keysFrom(m_keys.value_or(json::object()), names);
    m_stack->setCurrentIndex(all.isEmpty() && m_accounts && m_keys ? 1 : 0);
    m_model.setCredentials(std::move(all));
    m_table->viewport()->update(); // "3 minutes ago" is another text by now
    if (!m_notRemoved.isEmpty()) {
        say(tr("Not removed, since the broker could not be asked any more: %1").arg(m_notRemoved.join(u"; "_s)));
        m_notRemoved.clear();
    }
    selectionChanged();
}

void AccountsPage::clear() {
    ++m_run;
    const QList<CredentialId> givenUp = m_removals.giveUp();
    for (const CredentialId& id : givenUp) {
        if (const Credential* key = m_model.at(m_model.rowOf(id))) {
            m_notRemoved << model::titleOf(*key);
        }
    }
    m_accounts.reset();
    m_keys.reset();
    m_providers.reset();
    m_model.setCredentials({});
    m_stack->setCurrentIndex(0);
    m_notice->hide();
    m_fingerprintPause.stop();
    m_asked = {};
    if (m_dialog) {
        m_dialog->close();
    }
    selectionChanged();
}

void AccountsPage::hideEvent(QHideEvent* event) {
    m_removals.finish();
    Page::hideEvent(event);
}

const Credential* AccountsPage::selected() const {
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : m_model.at(m_sorted->mapToSource(rows.front()).row());
}

void AccountsPage::restoreSelection() {
    const int row = m_selected ? m_model.rowOf(*m_selected) : -1;
    if (row >= 0) {
        // Not selectRow(): from right to left it finds no column, and selects nothing (Qt 6.4).
        m_table->setCurrentIndex(m_sorted->mapFromSource(m_model.index(row, 0)));
    }
}

void AccountsPage::askFingerprint() {
    const Credential* key = selected();
    if (key == nullptr || !key->id.isKey() || !key->fingerprint.isEmpty() || key->previews.empty()) {
        return;
    }
    if (std::exchange(m_asked, std::pair(key->id, key->setAt)) == std::pair(key->id, key->setAt)) {
        return; // and there is none
    }
    json params{{"provider", key->id.provider},
                {"name", key->id.name},
                {"only", json::array({key->id.isShared ? "shared" : "store"})}};
    if (!key->id.tenant.empty()) {
        params["tenant"] = key->id.tenant;
    }
    link().call("credential.explain", std::move(params), this, [this, id = key->id, run = m_run](const auto& reply) {
        if (!reply || run != m_run) {
            return; // the row is as good without
        }
        QStringList fingerprints;
        for (const json& field : model::listOf(*reply, "fields")) {
            if (const QString one = model::textOf(field, "fingerprint"); !one.isEmpty()) {
                fingerprints << one;
            }
        }
        m_model.setFingerprint(id, fingerprints.join(u' '));
    });
}

void AccountsPage::removalsChanged() {
    m_model.setLeaving(m_removals.all());
    const QList<CredentialId> waiting = m_removals.waiting();
    const Credential* last = waiting.isEmpty() ? nullptr : m_model.at(m_model.rowOf(waiting.back()));
    if (last == nullptr) {
        m_undo->hide();
    } else {
        const QString text = waiting.size() == 1 ? tr("%1 will be removed in a moment.").arg(model::titleOf(*last))
                                                 : tr("%1 and %n more will be removed in a moment.", nullptr,
                                                      static_cast<int>(waiting.size()) - 1)
                                                       .arg(model::titleOf(*last));
        m_undo->showText(text, {{u"undo"_s, tr("&Undo"), [this, id = last->id] { m_removals.undo(id); }}});
    }
    selectionChanged();
}

void AccountsPage::say(const QString& text) {
    if (!text.isEmpty()) {
        m_notice->showText(text, {{u"closeNotice"_s, tr("Close"), {}}});
    }
}

void AccountsPage::addKey() {
    QList<CredentialId> there;
    for (int row = 0; row < m_model.rowCount(); ++row) {
        there << m_model.at(row)->id;
    }
    auto* dialog = new AddKeyDialog(link(), this);
    connect(dialog, &AddKeyDialog::saved, this, &AccountsPage::refresh);
    connect(dialog, &AddKeyDialog::browserWanted, this, &AccountsPage::browserWanted);
    m_dialog = dialog;
    dialog->add(std::move(there));
}

void AccountsPage::openKeyDialog(bool isNext) {
    auto* dialog = new AddKeyDialog(link(), this);
    connect(dialog, &AddKeyDialog::saved, this, &AccountsPage::refresh);
    connect(dialog, &AddKeyDialog::browserWanted, this, &AccountsPage::browserWanted);
    m_dialog = dialog;
    dialog->change(*selected(), isNext);
}

void AccountsPage::signInAgain() {
    const Credential* account = selected();
    Q_EMIT signInWanted(QString::fromStdString(account->id.provider), QString::fromStdString(account->id.name));
}

void AccountsPage::rename() {
    const QModelIndexList rows = m_table->selectionModel()->selectedRows(model::CredentialsModel::Name);
    m_table->setCurrentIndex(rows.front());
    m_table->edit(rows.front());
}

void AccountsPage::askToSignOut() {
    const Credential* account = selected();
    m_notice->showText(
        tr("Sign out of %1? The provider is asked to end its tokens, and they are forgotten here.").arg(account->name),
        {{u"signOutNow"_s, tr("Sign &out"), [this, id = account->id] { m_calls.signOut(id); }},
         {u"stay"_s, tr("Cancel"), {}}});
}

void AccountsPage::explain() {
    const Credential* key = selected();
    json params{{"provider", key->id.provider}, {"name", key->id.name}};
    if (!key->id.tenant.empty()) {
        params["tenant"] = key->id.tenant;
    }
    link().call("credential.explain", std::move(params), this,
                [this, title = model::titleOf(*key), run = m_run](const auto& reply) {
                    if (run != m_run) {
                        return;
                    }
                    if (!reply) {
                        report(reply.error());
                        return;
                    }
                    model::Chain chain = model::chainFrom(*reply);
                    chain.title = title;
                    m_dialog = explainDialog(chain, this);
                    m_dialog->open();
                });
}

void AccountsPage::copyName() {
    QGuiApplication::clipboard()->setText(QString::fromStdString(selected()->id.name));
}

} // namespace keybearer::tray
