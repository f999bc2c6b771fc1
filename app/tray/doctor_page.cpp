#include "app/tray/doctor_page.h"

#include "app/common/browser.h"
#include "app/model/reading.h"
#include "app/tray/icons.h"
#include "app/tray/keychain_dialog.h"
#include "app/tray/plain_label.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QScrollArea>

#include <algorithm>
#include <array>
#include <string_view>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;
using nlohmann::json;

constexpr int kResultSide = 20;

/// What this window can do, and what its button says.
struct Mend {
    std::string_view action;
    const char* text;
};
constexpr std::array kMends{
    Mend{"sign_in", QT_TRANSLATE_NOOP("keybearer::tray::DoctorPage", "Sign in ...")},
    Mend{"unlock", QT_TRANSLATE_NOOP("keybearer::tray::DoctorPage", "Unlock ...")},
    Mend{"choose_keychain", QT_TRANSLATE_NOOP("keybearer::tray::DoctorPage", "Choose a keychain ...")},
    Mend{"set_policy", QT_TRANSLATE_NOOP("keybearer::tray::DoctorPage", "Ask me from now on")},
    Mend{"restart_broker", QT_TRANSLATE_NOOP("keybearer::tray::DoctorPage", "Start the broker anew")},
    Mend{"open_url", QT_TRANSLATE_NOOP("keybearer::tray::DoctorPage", "Open the page")},
};

QLabel* textOfCheck(const QString& text) {
    QLabel* label = plainLabel({});
    label->setText(text);
    return label;
}

} // namespace

DoctorPage::DoctorPage(model::BrokerState& state, QWidget* parent)
    : Page(state, parent),
      m_summary(new QLabel),
      m_network(new QCheckBox(tr("Also ask the &providers"))),
      m_again(new QPushButton(tr("&Check again"))),
      m_list(new QWidget),
      m_rows(new QVBoxLayout(m_list)) {
    m_summary->setObjectName(u"summary"_s);
    m_network->setObjectName(u"network"_s);
    m_again->setObjectName(u"checkAgain"_s);
    m_list->setObjectName(u"checks"_s);
    m_rows->setContentsMargins({});
    m_rows->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidget(m_list);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    auto* head = new QHBoxLayout;
    head->addWidget(m_summary, 1);
    head->addWidget(m_network);
    head->addWidget(m_again);
    auto* all = new QVBoxLayout(this);
    all->addLayout(head);
    all->addWidget(scroll, 1);
    connect(m_again, &QPushButton::clicked, this, &DoctorPage::run);
}

void DoctorPage::refresh() {
    run();
}

void DoctorPage::clear() {
    show(json::array());
    m_summary->clear();
}

void DoctorPage::run() {
    if (m_isRunning) {
        return;
    }
    m_isRunning = true;
    m_again->setEnabled(false);
    m_summary->setText(tr("Checking ..."));
    link().call("doctor.run", {{"network", m_network->isChecked()}}, this, [this](const auto& reply) {
        m_isRunning = false;
        m_again->setEnabled(true);
        m_summary->clear();
        if (reply) {
            show(model::listOf(*reply, "checks"));
        } else {
            report(reply.error());
        }
    });
}

/// What is wrong comes first.
void DoctorPage::show(const json& checks) {
    while (m_rows->count() > 1) {
        QLayoutItem* row = m_rows->takeAt(0);
        row->widget()->deleteLater();
        delete row;
    }
    int wrong = 0;
    for (const char* result : {"fail", "warn", "ok"}) {
        for (const json& check : checks) {
            if (model::exactOf(check, "result") == result) {
                addCheck(check);
                wrong += result == std::string_view("ok") ? 0 : 1;
            }
        }
    }
    m_summary->setText(wrong == 0 ? tr("Everything is in order.") : tr("%n thing(s) to look at.", nullptr, wrong));
}

void DoctorPage::addCheck(const json& check) {
    const QString result = model::textOf(check, "result");
    auto* row = new QWidget;
    row->setObjectName(u"check/"_s + model::textOf(check, "name"));
    auto* grid = new QGridLayout(row);
    grid->setColumnStretch(1, 1);
    auto* icon = new QLabel;
    icon->setPixmap(resultIcon(result).pixmap(kResultSide));
    icon->setAccessibleName(result == "ok"_L1 ? tr("In order") : result == "warn"_L1 ? tr("Take care") : tr("Wrong"));
    grid->addWidget(icon, 0, 0, Qt::AlignTop);
    auto* message = textOfCheck(tr("%1: %2").arg(model::textOf(check, "name"), model::textOf(check, "message")));
    grid->addWidget(message, 0, 1);
    if (const QString fix = model::textOf(check, "fix"); !fix.isEmpty()) {
        grid->addWidget(textOfCheck(fix), 1, 1);
    }
    if (QPushButton* button = mendButton(check)) {
        button->setAccessibleDescription(message->text());
        grid->addWidget(button, 0, 2, 2, 1, Qt::AlignTop);
    }
    m_rows->insertWidget(m_rows->count() - 1, row);
}

QPushButton* DoctorPage::mendButton(const json& check) {
    const json action = model::objectOf(check, "mend");
    const std::string name = model::exactOf(action, "action");
    const auto* const known = std::ranges::find(kMends, name, &Mend::action);
    if (known == kMends.end() || (name == "open_url" && !common::isWebUrl(model::exactOf(action, "url")))) {
        return nullptr;
    }
    auto* button = new QPushButton(tr(known->text));
    button->setObjectName(u"mend/"_s + model::textOf(check, "name"));
    connect(button, &QPushButton::clicked, this, [this, action] { mend(action); });
    return button;
}

void DoctorPage::mend(const json& action) {
    const std::string name = model::exactOf(action, "action");
    if (name == "sign_in") {
        Q_EMIT signInWanted(model::textOf(action, "provider"), model::textOf(action, "account"));
    } else if (name == "unlock") {
        Q_EMIT unlockWanted();
    } else if (name == "choose_keychain") {
        (new KeychainDialog(state(), this))->open();
    } else if (name == "set_policy") {
        call("policy.set", {{"policy", model::exactOf(action, "policy")}});
    } else if (name == "restart_broker") { // the link starts another
        call("system.stop", json::object());
    } else if (name == "open_url") {
        Q_EMIT browserWanted(QUrl(model::textOf(action, "url"), QUrl::StrictMode));
    }
}

void DoctorPage::call(const char* method, json params) {
    link().call(method, std::move(params), this, [this](const auto& reply) {
        if (reply) {
            run();
        } else {
            report(reply.error());
        }
    });
}

} // namespace keybearer::tray
