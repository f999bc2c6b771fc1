#include "app/tray/settings_page.h"

#include "app/model/reading.h"
#include "app/tray/keychain_dialog.h"

#include <QFormLayout>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include <array>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;
using nlohmann::json;

struct Choice {
    const char* value;
    const char* text;
};
constexpr std::array kPolicies{
    Choice{"ask", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "Ask me")},
    Choice{"observe", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "Let them, and note who asks for what")},
    Choice{"allow", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "Let every program have everything")},
    Choice{"deny", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "Give nothing to any program")},
};
constexpr std::array kShadows{
    Choice{"allow", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "Say nothing")},
    Choice{"warn", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "Warn")},
    Choice{"ask", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "Ask me")},
    Choice{"deny", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "Refuse")},
};

struct Backend {
    const char* name;
    const char* text;
};
constexpr std::array kBackends{
    Backend{"secret-service", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "the desktop's keyring")},
    Backend{"file-sealed", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "a file, sealed with a passphrase")},
    Backend{"file-plain", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "a file that is NOT encrypted")},
    Backend{"unset", QT_TRANSLATE_NOOP("keybearer::tray::SettingsPage", "not chosen yet")},
};

// The broker has said it, and not the person.
void showSwitch(QCheckBox* box, bool on) {
    const QSignalBlocker blocker(box);
    box->setChecked(on);
}

void select(QComboBox* box, const QString& value) {
    const QSignalBlocker blocker(box);
    box->setCurrentIndex(box->findData(value));
}

} // namespace

SettingsPage::SettingsPage(model::BrokerState& state, QWidget* parent)
    : Page(state, parent),
      m_policy(new QComboBox),
      m_shadow(new QComboBox),
      m_keychain(new QLabel),
      m_move(new QPushButton(tr("C&hange ..."))),
      m_autostart(new QCheckBox(tr("Start with the &session"))),
      m_fixed(new QLabel) {
    m_fixed->setObjectName(u"fixed"_s);
    m_fixed->setWordWrap(true);
    auto* all = new QVBoxLayout(this);
    all->addWidget(buildPrograms());
    all->addWidget(buildLock());
    all->addWidget(buildKeychain());
    all->addWidget(buildSession());
    all->addWidget(m_fixed);
    all->addStretch(1);
}

QWidget* SettingsPage::buildPrograms() {
    m_policy->setObjectName(u"policy"_s);
    m_policy->setAccessibleName(tr("A program that nobody has allowed anything"));
    for (const Choice& choice : kPolicies) {
        m_policy->addItem(tr(choice.text), QString::fromLatin1(choice.value));
    }
    m_shadow->setObjectName(u"shadow"_s);
    m_shadow->setAccessibleName(tr("One place's key hides another's"));
    for (const Choice& choice : kShadows) {
        m_shadow->addItem(tr(choice.text), QString::fromLatin1(choice.value));
    }
    connect(m_policy, &QComboBox::activated, this, [this] {
        change("policy.set", {{"policy", m_policy->currentData().toString().toStdString()}});
    });
    connect(m_shadow, &QComboBox::activated, this, [this] {
        change("settings.set",
               {{"name", "resolution.shadow"}, {"value", m_shadow->currentData().toString().toStdString()}});
    });
    auto* box = new QGroupBox(tr("Programs"));
    auto* form = new QFormLayout(box);
    form->addRow(tr("A &program that nobody has allowed anything"), m_policy);
    form->addRow(tr("&One place's key hides another's"), m_shadow);
    return box;
}

QCheckBox* SettingsPage::addSwitch(const QString& name, const QString& text) {
    auto* box = new QCheckBox(text);
    box->setObjectName(name);
    m_switches.insert(name, box);
    // Not clicked(): assistive technologies toggle.
    connect(box, &QCheckBox::toggled, this, [this, name](bool on) {
        change("settings.set", {{"name", name.toStdString()}, {"value", on ? "true" : "false"}});
    });
    return box;
}

QWidget* SettingsPage::buildLock() {
    auto* box = new QGroupBox(tr("Lock Keybearer"));
    auto* rows = new QVBoxLayout(box);
    rows->addWidget(addSwitch(u"lock.on_screen_lock"_s, tr("When the screen is &locked")));
    rows->addWidget(addSwitch(u"lock.on_suspend"_s, tr("Before the machine goes to sl&eep")));
    rows->addWidget(addSwitch(u"lock.keyring"_s, tr("And lock the desktop's &keyring along with it")));
    return box;
}

QWidget* SettingsPage::buildKeychain() {
    m_keychain->setObjectName(u"keychainText"_s);
    m_keychain->setTextFormat(Qt::PlainText);
    m_keychain->setWordWrap(true);
    m_move->setObjectName(u"moveKeychain"_s);
    connect(m_move, &QPushButton::clicked, this, [this] { (new KeychainDialog(state(), this))->open(); });
    auto* box = new QGroupBox(tr("Tokens rest in"));
    auto* row = new QHBoxLayout(box);
    row->addWidget(m_keychain, 1);
    row->addWidget(m_move);
    return box;
}

QWidget* SettingsPage::buildSession() {
    m_autostart->setObjectName(u"autostart"_s);
    connect(m_autostart, &QCheckBox::toggled, this, [this](bool on) {
        if (!Autostart::ofThisProgram().set(on)) {
            showSwitch(m_autostart, !on);
            report({"storage_error", tr("The file for it could not be written.").toStdString(), json::object(), 6});
        }
    });
    auto* box = new QGroupBox(tr("This window"));
    (new QVBoxLayout(box))->addWidget(m_autostart);
    return box;
}

void SettingsPage::refresh() {
    showSwitch(m_autostart, Autostart::ofThisProgram().isOn());
    const auto text = [](const QString& backend) {
        for (const Backend& known : kBackends) {
            if (backend == QLatin1String(known.name)) {
                return tr(known.text);
            }
        }
        return backend;
    };
    m_keychain->setText(state().keychainState() == "ready"_L1 || state().keychainBackend() == "unset"_L1
                            ? text(state().keychainBackend())
                            : tr("%1 (%2)").arg(text(state().keychainBackend()), state().keychainState()));
    link().call("policy.get", json::object(), this, [this](const auto& reply) {
        if (reply) {
            showPolicy(*reply);
        } else {
            report(reply.error());
        }
    });
    link().call("settings.get", json::object(), this, [this](const auto& reply) {
        if (reply) {
            showSettings(model::listOf(*reply, "settings"));
        } else {
            report(reply.error());
        }
    });
}

void SettingsPage::clear() {
    m_policy->setCurrentIndex(-1);
    m_shadow->setCurrentIndex(-1);
    m_keychain->clear();
    m_fixed->clear();
    for (QCheckBox* box : std::as_const(m_switches)) {
        showSwitch(box, false);
    }
}

void SettingsPage::showPolicy(const json& policy) {
    select(m_policy, model::textOf(policy, "policy"));
    m_policy->setEnabled(model::exactOf(policy, "source") != "config.toml");
}

void SettingsPage::showSettings(const json& settings) {
    bool isAnyFixed = !m_policy->isEnabled();
    for (const json& setting : settings) {
        const QString name = model::textOf(setting, "name");
        const bool isFixed = model::exactOf(setting, "source") == "config.toml";
        isAnyFixed = isAnyFixed || isFixed;
        if (QCheckBox* box = m_switches.value(name)) {
            showSwitch(box, model::isTrue(setting, "value"));
            box->setEnabled(!isFixed);
        } else if (name == "resolution.shadow"_L1) {
            select(m_shadow, model::textOf(setting, "value"));
            m_shadow->setEnabled(!isFixed);
        }
    }
    m_fixed->setText(isAnyFixed ? tr("What is grey is decided by config.toml.") : QString());
}

/// What was not changed is shown as it is.
void SettingsPage::change(const char* method, json params) {
    link().call(method, std::move(params), this, [this](const auto& reply) {
        if (!reply) {
            report(reply.error());
        }
        refresh();
    });
}

} // namespace keybearer::tray
