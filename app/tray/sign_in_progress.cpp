#include "app/tray/sign_in_progress.h"

#include "app/model/reading.h"
#include "app/model/words.h"
#include "app/tray/plain_label.h"
#include "app/tray/qr_code.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QVBoxLayout>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;
using model::LoginFlow;
using Stage = LoginFlow::Stage;

constexpr int kQrSide = 200; // device-independent pixels

QPushButton* namedButton(const QString& name, const QString& text) {
    auto* made = new QPushButton(text);
    made->setObjectName(name);
    return made;
}

void enlarge(QLabel* label, double by) {
    QFont font = label->font();
    font.setPointSizeF(font.pointSizeF() * by);
    font.setBold(true);
    label->setFont(font);
}

} // namespace

SignInProgress::SignInProgress(LoginFlow& flow, QWidget* parent) : QWidget(parent), m_flow(flow) {
    build();
    m_second.setInterval(1000);
    connect(&m_second, &QTimer::timeout, this, &SignInProgress::showTime);
    connect(&m_flow, &LoginFlow::changed, this, &SignInProgress::flowChanged);
    connect(m_open, &QPushButton::clicked, this,
            [this] { m_flow.withUrl(this, [this](const QUrl& url) { Q_EMIT browserWanted(url); }); });
    connect(m_copy, &QPushButton::clicked, this, [this] {
        m_flow.withUrl(
            this, [](const QUrl& url) { QGuiApplication::clipboard()->setText(url.toString(QUrl::FullyEncoded)); });
    });
    connect(m_device, &QPushButton::clicked, this, [this] { tryAgain(true); });
    connect(m_again, &QPushButton::clicked, this, [this] { tryAgain(false); });
    connect(m_close, &QPushButton::clicked, this, &SignInProgress::closeWanted);
}

void SignInProgress::build() {
    m_title = plainLabel(u"title"_s);
    enlarge(m_title, 1.3);
    m_text = plainLabel(u"text"_s);
    m_where = plainLabel(u"where"_s);
    m_account = plainLabel(u"account"_s);
    m_scopes = plainLabel(u"scopes"_s);
    m_code = plainLabel(u"code"_s);
    enlarge(m_code, 2);
    m_qr = new QLabel;
    m_qr->setObjectName(u"qr"_s);
    m_time = plainLabel(u"time"_s);
    m_clientId = new QLineEdit;
    m_clientId->setObjectName(u"clientId"_s);
    m_clientSecret = new QLineEdit;
    m_clientSecret->setObjectName(u"clientSecret"_s);
    m_clientSecret->setEchoMode(QLineEdit::Password);
    m_form = new Form;
    m_form->add(tr("At"), m_where);
    m_form->add(tr("Account"), m_account);
    m_form->add(tr("It may"), m_scopes);
    m_form->add(tr("Code"), m_code);
    m_form->add(tr("Client id"), m_clientId);
    m_form->add(tr("Client secret"), m_clientSecret);
    m_open = namedButton(u"openAgain"_s, tr("&Open the browser again"));
    m_copy = namedButton(u"copyLink"_s, tr("&Copy the link"));
    m_device = namedButton(u"device"_s, tr("Use &another device"));
    m_again = namedButton(u"again"_s, tr("&Try again"));
    m_close = namedButton(u"close"_s, tr("Cancel"));
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_device);
    buttons->addStretch(1);
    for (QPushButton* one : {m_copy, m_open, m_again, m_close}) {
        buttons->addWidget(one);
    }
    auto* all = new QVBoxLayout(this);
    all->addWidget(m_title);
    all->addWidget(m_text);
    all->addWidget(m_form);
    all->addWidget(m_qr, 0, Qt::AlignHCenter);
    all->addStretch(1);
    all->addWidget(m_time);
    all->addLayout(buttons);
}

void SignInProgress::flowChanged() {
    const Stage stage = m_flow.stage();
    const bool isWaiting = stage == Stage::Waiting;
    const bool isOver = !m_flow.isUnderWay();
    m_form->setText(m_where, m_flow.issuer());
    m_form->setText(m_account, m_flow.account());
    m_form->setText(m_scopes, m_flow.scopes().join(u", "_s));
    m_form->setText(m_code, isWaiting ? m_flow.userCode() : QString());
    m_form->setShown(m_clientId, false);
    m_form->setShown(m_clientSecret, false);
    m_qr->hide();
    m_open->setVisible(isWaiting && !m_flow.isJoined() && !m_flow.request().device);
    m_copy->setVisible(isWaiting);
    m_device->setVisible(isWaiting && !m_flow.request().device);
    m_again->setVisible(stage == Stage::Failed || stage == Stage::Cancelled);
    m_close->setText(isOver ? tr("Close") : tr("Cancel"));
    m_time->clear();
    switch (stage) {
    case Stage::Idle:
    case Stage::Starting:
        m_title->setText(tr("Preparing the sign-in ..."));
        m_text->clear();
        break;
    case Stage::Waiting: showWaiting(); break;
    case Stage::Exchanging:
        m_title->setText(tr("Finishing the sign-in ..."));
        m_text->clear();
        break;
    case Stage::Done:
        m_title->setText(tr("You are signed in"));
        m_text->setText(!m_flow.credential().isEmpty() ? tr("The key %1 was made and stored.").arg(m_flow.credential())
                        : m_flow.label().isEmpty()     ? tr("The account is %1.").arg(m_flow.account())
                                                       : tr("You are %1.").arg(m_flow.label()));
        m_close->setFocus();
        break;
    case Stage::Failed: showFailed(); break;
    case Stage::Cancelled:
        m_title->setText(tr("The sign-in was cancelled"));
        m_text->setText(tr("Nothing was stored."));
        break;
    }
}

void SignInProgress::showWaiting() {
    if (m_flow.request().device) {
        m_title->setText(tr("Enter this code on another device"));
        m_text->setText(
            tr("Open %1 there, or point its camera at the picture. Enter a code only where you have just begun "
               "a sign-in yourself.")
                .arg(m_flow.verificationUri()));
        const QImage code = qrCode(m_flow.url().toString(QUrl::FullyEncoded));
        const int side = static_cast<int>(kQrSide * devicePixelRatioF());
        QPixmap picture = QPixmap::fromImage(code).scaled(side, side, Qt::KeepAspectRatio, Qt::FastTransformation);
        picture.setDevicePixelRatio(devicePixelRatioF());
        m_qr->setPixmap(picture);
        m_qr->setAccessibleName(tr("QR code of %1").arg(m_flow.url().toString()));
        m_qr->setVisible(!code.isNull());
    } else if (m_flow.isJoined()) {
        m_title->setText(tr("A sign-in for this account is under way"));
        m_text->setText(tr("Finish it in the browser window that is open already. Its address can be copied here."));
    } else {
        m_title->setText(tr("Finish the sign-in in your browser"));
        m_text->clear();
    }
    showTime();
}

void SignInProgress::showFailed() {
    const client::Error& error = m_flow.error();
    m_title->setText(tr("The sign-in did not work"));
    m_text->setText(model::shownText(error.message));
    if (error.kind == "client_id_required") {
        const QString page = model::textOf(error.data, "register_url");
        m_text->setText(
            tr("This provider wants to know the application first. Register a native (public) one at %1, allow the "
               "redirect address %2, with any port if it lets you choose, and enter its client id here.")
                .arg(page.isEmpty() ? QString::fromStdString(m_flow.request().provider) : page,
                     model::textOf(error.data, "redirect_uri")));
        m_form->setShown(m_clientId, true);
        m_clientId->setFocus();
    } else if (error.kind == "client_secret_required") {
        m_form->setShown(m_clientSecret, true);
        m_clientSecret->setFocus();
    } else {
        m_again->setFocus();
    }
}

void SignInProgress::browserFailed() {
    if (m_flow.stage() == Stage::Waiting) {
        m_text->setText(tr("No browser could be opened here. Copy the link and open it yourself."));
    }
}

void SignInProgress::showTime() {
    if (m_flow.stage() == Stage::Waiting && m_flow.expiresAt() > 0) {
        m_time->setText(tr("%1 left").arg(model::countdown(m_flow.expiresAt() - model::currentTime())));
    }
}

void SignInProgress::tryAgain(bool device) {
    model::LoginRequest request = m_flow.request();
    request.device = device || request.device;
    if (const QString id = m_clientId->text().trimmed(); !id.isEmpty()) {
        request.clientId = id.toStdString();
    }
    const base::Secret secret = base::Secret::absorb(m_clientSecret->text().toStdString());
    m_clientSecret->clear();
    Q_EMIT startWanted(request, secret);
}

void SignInProgress::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    m_second.start();
}

void SignInProgress::hideEvent(QHideEvent* event) {
    m_second.stop();
    QWidget::hideEvent(event);
}

} // namespace keybearer::tray
