#include "app/tray/sign_in_dialog.h"

#include "app/common/browser.h"
#include "app/model/reading.h"
#include "app/tray/icons.h"

#include <QFormLayout>
#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr QSize kSize{520, 460};
constexpr int kMostRecent = 5;
constexpr int kProvider = Qt::UserRole;  // id; empty: another issuer
constexpr int kWords = Qt::UserRole + 1; // what the search looks through
const QString kRecent = u"signIn/recent"_s;

} // namespace

SignInDialog::SignInDialog(model::BrokerState& state, QSettings& settings, QWidget* parent)
    : QDialog(parent),
      m_state(state),
      m_settings(settings),
      m_flow(state.link()),
      m_stack(new QStackedWidget),
      m_search(new QLineEdit),
      m_providers(new QListWidget),
      m_other(new QWidget),
      m_issuer(new QLineEdit),
      m_clientId(new QLineEdit),
      m_account(new QLineEdit),
      m_continue(new QPushButton(tr("&Continue"))),
      m_progress(new SignInProgress(m_flow)) {
    setObjectName(u"signIn"_s);
    setWindowTitle(tr("Sign in"));
    m_stack->addWidget(buildChoice());
    m_stack->addWidget(m_progress);
    auto* all = new QVBoxLayout(this);
    all->addWidget(m_stack);
    resize(kSize);
    connect(&m_flow, &model::LoginFlow::browserWanted, this, &SignInDialog::browserWanted);
    connect(&m_flow, &model::LoginFlow::changed, this, &SignInDialog::flowChanged);
    connect(m_progress, &SignInProgress::browserWanted, this, &SignInDialog::browserWanted);
    connect(m_progress, &SignInProgress::closeWanted, this, &SignInDialog::reject);
    connect(m_progress, &SignInProgress::startWanted, this,
            [this](const model::LoginRequest& request, const base::Secret& secret) { m_flow.start(request, secret); });
}

QWidget* SignInDialog::buildChoice() {
    m_search->setObjectName(u"search"_s);
    m_search->setPlaceholderText(tr("Search"));
    m_search->setAccessibleName(tr("Search"));
    m_search->setClearButtonEnabled(true);
    m_providers->setObjectName(u"providers"_s);
    m_providers->setAccessibleName(tr("Providers"));
    m_issuer->setObjectName(u"issuer"_s);
    m_issuer->setPlaceholderText(u"https://login.example.com"_s);
    m_clientId->setObjectName(u"newClientId"_s);
    m_account->setObjectName(u"accountName"_s);
    m_account->setPlaceholderText(tr("the provider's name"));
    m_continue->setObjectName(u"continue"_s);
    m_continue->setDefault(true);
    auto* form = new QFormLayout(m_other);
    form->setContentsMargins({});
    form->addRow(tr("&Issuer"), m_issuer);
    form->addRow(tr("Client i&d"), m_clientId);
    auto* name = new QFormLayout;
    name->addRow(tr("&Account"), m_account);
    auto* page = new QWidget;
    auto* all = new QVBoxLayout(page);
    all->addWidget(m_search);
    all->addWidget(m_providers, 1);
    all->addWidget(m_other);
    all->addLayout(name);
    all->addWidget(m_continue, 0, Qt::AlignRight);
    connect(m_search, &QLineEdit::textChanged, this, &SignInDialog::filter);
    connect(m_providers, &QListWidget::currentItemChanged, this, &SignInDialog::choiceChanged);
    connect(m_providers, &QListWidget::itemActivated, this, &SignInDialog::continueChoice);
    connect(m_issuer, &QLineEdit::textChanged, this, &SignInDialog::choiceChanged);
    connect(m_continue, &QPushButton::clicked, this, &SignInDialog::continueChoice);
    return page;
}

void SignInDialog::choose() {
    if (!m_flow.isUnderWay()) {
        m_account->clear();
        m_search->clear();
        m_stack->setCurrentIndex(0);
        m_search->setFocus();
        m_state.link().call("provider.list", nlohmann::json::object(), this, [this](const auto& reply) {
            if (reply) {
                fillProviders(model::listOf(*reply, "providers"));
            }
        });
    }
    show();
    raise();
    activateWindow();
}

void SignInDialog::begin(const QString& provider, const QString& account) {
    if (provider.isEmpty()) {
        choose();
        return;
    }
    if (!m_flow.isUnderWay()) {
        model::LoginRequest request;
        request.provider = provider.toStdString();
        request.account = account.toStdString();
        start(std::move(request));
    }
    show();
    raise();
    activateWindow();
}

/// Those that were used last first, then by name; the way to any other issuer at the end.
void SignInDialog::fillProviders(const nlohmann::json& providers) {
    m_providers->clear();
    const QStringList recent = m_settings.value(kRecent).toStringList();
    QList<QListWidgetItem*> rows;
    for (const nlohmann::json& provider : providers) {
        if (!model::textsOf(provider, "auth_methods").contains(u"oauth"_s)) {
            continue;
        }
        const QString id = model::textOf(provider, "provider");
        const QString name = model::textOf(provider, "display_name");
        auto* row = new QListWidgetItem(letterIcon(name), name);
        row->setData(kProvider, id);
        row->setData(kWords, QStringList{id, name, model::textsOf(provider, "aliases").join(u' ')}.join(u' '));
        rows << row;
    }
    const auto place = [&recent](const QListWidgetItem* row) {
        const qsizetype at = recent.indexOf(row->data(kProvider).toString());
        return at < 0 ? recent.size() : at;
    };
    std::ranges::sort(rows, [&place](const QListWidgetItem* one, const QListWidgetItem* other) {
        return place(one) != place(other) ? place(one) < place(other)
                                          : one->text().localeAwareCompare(other->text()) < 0;
    });
    for (QListWidgetItem* row : std::as_const(rows)) {
        m_providers->addItem(row);
    }
    auto* other = new QListWidgetItem(letterIcon(u"…"_s), tr("Another issuer ..."));
    other->setData(kProvider, QString());
    m_providers->addItem(other);
    m_providers->setCurrentRow(0);
    choiceChanged();
}

void SignInDialog::filter(const QString& text) {
    for (int i = 0; i < m_providers->count(); ++i) {
        QListWidgetItem* row = m_providers->item(i);
        const bool isOther = row->data(kProvider).toString().isEmpty();
        row->setHidden(!isOther && !row->data(kWords).toString().contains(text.trimmed(), Qt::CaseInsensitive));
    }
    for (int i = 0; i < m_providers->count(); ++i) {
        if (!m_providers->item(i)->isHidden()) {
            m_providers->setCurrentRow(i);
            return;
        }
    }
}

void SignInDialog::choiceChanged() {
    const QListWidgetItem* row = m_providers->currentItem();
    const bool isOther = row != nullptr && row->data(kProvider).toString().isEmpty();
    m_other->setVisible(isOther);
    m_continue->setEnabled(row != nullptr && (!isOther || common::isWebUrl(m_issuer->text().trimmed().toStdString())));
}

void SignInDialog::continueChoice() {
    const QListWidgetItem* row = m_providers->currentItem();
    if (row == nullptr || !m_continue->isEnabled()) {
        return;
    }
    model::LoginRequest request;
    request.provider = row->data(kProvider).toString().toStdString();
    request.account = m_account->text().trimmed().toStdString();
    if (request.provider.empty()) {
        request.provider = m_issuer->text().trimmed().toStdString();
        request.clientId = m_clientId->text().trimmed().toStdString();
    }
    start(std::move(request));
}

void SignInDialog::start(model::LoginRequest request) {
    m_stack->setCurrentIndex(1);
    m_flow.start(std::move(request));
}

void SignInDialog::flowChanged() {
    if (m_flow.stage() == model::LoginFlow::Stage::Done) {
        remember(QString::fromStdString(m_flow.request().provider));
        m_state.refresh();
    }
}

void SignInDialog::remember(const QString& provider) {
    QStringList recent = m_settings.value(kRecent).toStringList();
    recent.removeAll(provider);
    recent.prepend(provider);
    m_settings.setValue(kRecent, QStringList(recent.mid(0, kMostRecent)));
}

void SignInDialog::reject() {
    m_flow.cancel();
    QDialog::reject();
}

} // namespace keybearer::tray
