#include "app/tray/sign_in_dialog.h"

#include "app/common/browser.h"
#include "app/model/reading.h"

#include <QFormLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr QSize kSize{520, 460};
constexpr int kMostRecent = 5;
const QString kRecent = u"signIn/recent"_s;

} // namespace

SignInDialog::SignInDialog(model::BrokerState& state, QSettings& settings, QWidget* parent)
    : QDialog(parent),
      m_state(state),
      m_settings(settings),
      m_flow(state.link()),
      m_stack(new QStackedWidget),
      m_providers(new ProviderList),
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
    all->addWidget(m_providers, 1);
    all->addWidget(m_other);
    all->addLayout(name);
    all->addWidget(m_continue, 0, Qt::AlignRight);
    connect(m_providers, &ProviderList::choiceChanged, this, &SignInDialog::choiceChanged);
    connect(m_providers, &ProviderList::activated, this, &SignInDialog::continueChoice);
    connect(m_issuer, &QLineEdit::textChanged, this, &SignInDialog::choiceChanged);
    connect(m_continue, &QPushButton::clicked, this, &SignInDialog::continueChoice);
    return page;
}

void SignInDialog::choose() {
    if (!m_flow.isUnderWay()) {
        m_account->clear();
        m_stack->setCurrentIndex(0);
        m_providers->begin();
        m_state.link().call("provider.list", nlohmann::json::object(), this, [this](const auto& reply) {
            if (reply) {
                m_providers->fill(model::listOf(*reply, "providers"), u"oauth"_s,
                                  m_settings.value(kRecent).toStringList(), tr("Another issuer ..."));
            }
        });
    }
    show();
    raise();
    activateWindow();
}

void SignInDialog::begin(const QString& provider, const QString& account) {
    if (provider.isEmpty() && account.isEmpty()) {
        choose();
        return;
    }
    if (!m_flow.isUnderWay()) {
        model::LoginRequest request;
        // An account of no known provider is signed in anew by its own name.
        request.provider = (provider.isEmpty() ? account : provider).toStdString();
        request.account = account.toStdString();
        start(std::move(request));
    }
    show();
    raise();
    activateWindow();
}

void SignInDialog::choiceChanged() {
    const bool isOther = m_providers->hasChoice() && m_providers->provider().isEmpty();
    m_other->setVisible(isOther);
    m_continue->setEnabled(m_providers->hasChoice() &&
                           (!isOther || common::isWebUrl(m_issuer->text().trimmed().toStdString())));
}

void SignInDialog::continueChoice() {
    if (!m_continue->isEnabled()) {
        return;
    }
    model::LoginRequest request;
    request.provider = m_providers->provider().toStdString();
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
