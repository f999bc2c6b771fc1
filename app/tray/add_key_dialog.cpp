#include "app/tray/add_key_dialog.h"

#include "app/model/reading.h"
#include "app/tray/plain_label.h"

#include <QHBoxLayout>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr QSize kKeyDialogSize{30, 26}; // heights of a line of text
constexpr int kFormPage = 1;

QPushButton* keyButton(const QString& name, const QString& text) {
    auto* made = new QPushButton(text);
    made->setObjectName(name);
    made->setAutoDefault(false);
    return made;
}

} // namespace

AddKeyDialog::AddKeyDialog(model::BrokerLink& link, QWidget* parent)
    : QDialog(parent),
      m_link(link),
      m_stack(new QStackedWidget),
      m_providers(new ProviderList),
      m_title(plainLabel(u"keyTitle"_s)),
      m_form(new QFormLayout),
      m_name(new QLineEdit),
      m_forTest(new QCheckBox(tr("For &test"))),
      m_dashboard(keyButton(u"dashboard"_s, {})),
      m_message(plainLabel(u"keyMessage"_s)),
      m_back(keyButton(u"back"_s, tr("&Back"))),
      m_go(keyButton(u"save"_s, tr("&Continue"))),
      m_close(keyButton(u"cancel"_s, tr("Cancel"))) {
    setObjectName(u"addKey"_s);
    m_go->setDefault(true);
    m_back->hide();
    m_message->hide();
    m_stack->addWidget(m_providers);
    m_stack->addWidget(buildForm());
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_back);
    buttons->addStretch(1);
    buttons->addWidget(m_close);
    buttons->addWidget(m_go);
    auto* all = new QVBoxLayout(this);
    all->addWidget(m_stack, 1);
    all->addWidget(m_message);
    all->addLayout(buttons);
    resize(kKeyDialogSize * fontMetrics().height());
    connect(m_providers, &ProviderList::choiceChanged, this, &AddKeyDialog::formChanged);
    connect(m_providers, &ProviderList::activated, this, &AddKeyDialog::goOn);
    connect(m_go, &QPushButton::clicked, this, &AddKeyDialog::goOn);
    connect(m_close, &QPushButton::clicked, this, &AddKeyDialog::reject);
    connect(m_back, &QPushButton::clicked, this, [this] {
        m_stack->setCurrentIndex(0);
        m_back->hide();
        m_go->setText(tr("&Continue"));
        say({});
        formChanged();
        m_providers->begin();
    });
}

QWidget* AddKeyDialog::buildForm() {
    m_name->setObjectName(u"keyName"_s);
    m_name->setAccessibleName(tr("Name"));
    m_forTest->setObjectName(u"forTest"_s);
    m_forTest->setToolTip(tr("A client key for test may have it, and no other value."));
    auto* fields = new QWidget;
    auto* column = new QVBoxLayout(fields);
    column->setContentsMargins({});
    column->addWidget(m_title);
    column->addLayout(m_form);
    column->addWidget(m_forTest);
    column->addWidget(m_dashboard, 0, Qt::AlignLeading);
    column->addStretch(1);
    m_form->setRowWrapPolicy(QFormLayout::WrapLongRows);
    m_form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_form->addRow(tr("&Name"), m_name);
    auto* area = new QScrollArea;
    area->setWidget(fields);
    area->setWidgetResizable(true);
    area->setFrameShape(QFrame::NoFrame);
    connect(m_name, &QLineEdit::textChanged, this, &AddKeyDialog::formChanged);
    connect(m_dashboard, &QPushButton::clicked, this,
            [this] { Q_EMIT browserWanted(QUrl(QString::fromStdString(m_keyForm.dashboardUrl))); });
    return area;
}

void AddKeyDialog::addTenant() {
    m_tenant = new QLineEdit;
    m_tenant->setObjectName(u"keyTenant"_s);
    m_tenant->setAccessibleName(tr("Tenant"));
    m_tenant->setPlaceholderText(QLatin1String(model::kDefaultTenant));
    m_form->addRow(tr("&Tenant"), m_tenant);
    connect(m_tenant, &QLineEdit::textChanged, this, &AddKeyDialog::formChanged);
}

std::string AddKeyDialog::tenant() const {
    const std::string named = m_tenant == nullptr ? std::string() : m_tenant->text().trimmed().toStdString();
    return named.empty() ? std::string(model::kDefaultTenant) : named;
}

void AddKeyDialog::add(QList<model::CredentialId> there) {
    setWindowTitle(tr("Add a key"));
    m_there = std::move(there);
    m_name->setText(u"default"_s);
    if (std::ranges::any_of(m_there, &model::CredentialId::isOfTenant)) {
        addTenant();
    }
    m_providers->begin();
    formChanged();
    m_link.call("provider.list", nlohmann::json::object(), this, [this](const auto& reply) {
        if (reply) {
            m_providers->fill(model::listOf(*reply, "providers"), u"api_key"_s);
        } else {
            say(model::shownText(reply.error().message));
        }
    });
    open();
}

void AddKeyDialog::change(const model::Credential& key, bool isNext) {
    setWindowTitle(isNext ? tr("New value beside the old one") : tr("Replace a key"));
    m_changed = key;
    m_isNext = isNext;
    m_forTest->setChecked(key.isForTest);
    m_name->setText(key.name);
    m_stack->setCurrentIndex(kFormPage);
    formChanged();
    askFor(key.id.provider);
    open();
}

void AddKeyDialog::askFor(const std::string& provider) {
    m_go->setEnabled(false);
    m_link.call("provider.describe", {{"provider", provider}}, this, [this](const auto& reply) {
        if (reply) {
            showForm(model::keyFormFrom(*reply));
        } else {
            say(model::shownText(reply.error().message));
        }
    });
}

void AddKeyDialog::showForm(const model::KeyForm& form) {
    const bool isNew = m_changed.id.provider.empty();
    m_keyForm = form;
    m_title->setText(isNew ? form.displayName : model::titleOf(m_changed));
    m_name->setEnabled(isNew);
    if (!isNew) {
        m_name->setText(QString::fromStdString(m_changed.id.name));
    }
    addFields();
    m_dashboard->setVisible(!form.dashboardUrl.empty());
    m_dashboard->setToolTip(QString::fromStdString(form.dashboardUrl)); // for when no browser opens
    m_dashboard->setText(tr("&Get a key at %1").arg(QUrl(QString::fromStdString(form.dashboardUrl)).host()));
    m_back->setVisible(isNew);
    m_go->setText(tr("&Save"));
    say({});
    m_stack->setCurrentIndex(kFormPage);
    formChanged();
    if (!m_edits.isEmpty()) {
        m_edits.front()->setFocus();
    }
}

void AddKeyDialog::addFields() {
    for (KeyFieldEdit* edit : std::exchange(m_edits, {})) {
        m_form->removeRow(edit);
    }
    for (const model::KeyField& field : m_keyForm.fields) {
        const auto before = m_changed.previews.find(field.name);
        const QString present =
            m_isNext || before == m_changed.previews.end() ? field.fallback : tr("stays: %1").arg(before->second);
        auto* edit = new KeyFieldEdit(field, present);
        auto* label =
            new QLabel(field.isNeeded ? model::labelOf(field) : tr("%1 (optional)").arg(model::labelOf(field)));
        label->setTextFormat(Qt::PlainText);
        label->setBuddy(edit);
        m_form->addRow(label, edit);
        m_edits << edit;
        connect(edit, &KeyFieldEdit::changed, this, &AddKeyDialog::formChanged);
    }
    for (qsizetype i = 1; i < m_edits.size(); ++i) {
        setTabOrder(m_edits[i - 1], m_edits[i]);
    }
}

/// What a person could not guess from a button that is dead.
QString AddKeyDialog::problem() const {
    if (m_stack->currentIndex() != kFormPage || !m_changed.id.provider.empty()) {
        return {};
    }
    const std::string name = m_name->text().trimmed().toStdString();
    const bool isThere = std::ranges::any_of(m_there, [&](const model::CredentialId& id) {
        return id.isKey() && !id.isShared && id.provider == m_keyForm.provider && id.name == name &&
               id.tenant == tenant();
    });
    return isThere ? tr("There is a key of this name already: take another name, or replace that key's value.")
                   : model::problemWithName(name);
}

bool AddKeyDialog::canSave() const {
    std::vector<std::string> given;
    if (!m_isNext) {
        for (const auto& [field, preview] : m_changed.previews) {
            given.push_back(field);
        }
    }
    bool isTyped = false;
    for (const KeyFieldEdit* edit : m_edits) {
        if (!edit->isGood()) {
            return false;
        }
        if (!edit->isEmpty()) {
            isTyped = true;
            given.push_back(edit->field().name);
        }
    }
    return isTyped && m_keyForm.isWhole(given) && problem().isEmpty();
}

void AddKeyDialog::formChanged() {
    if (m_stack->currentIndex() != kFormPage) {
        m_go->setEnabled(m_providers->hasChoice());
        return;
    }
    if (!m_isSaving && !m_isSaved) {
        say(problem());
        m_go->setEnabled(canSave());
    }
}

void AddKeyDialog::goOn() {
    if (m_stack->currentIndex() != kFormPage && m_providers->hasChoice()) {
        askFor(m_providers->provider().toStdString());
    } else if (m_stack->currentIndex() == kFormPage && canSave()) {
        save();
    }
}

void AddKeyDialog::save() {
    const bool isNew = m_changed.id.provider.empty();
    nlohmann::json params = isNew ? nlohmann::json{{"provider", m_keyForm.provider},
                                                   {"tenant", tenant()},
                                                   {"name", m_name->text().trimmed().toStdString()}}
                                  : model::keyParams(m_changed.id);
    nlohmann::json fields = nlohmann::json::object();
    m_isSaving = true; // what follows is no change by the person
    for (KeyFieldEdit* edit : std::as_const(m_edits)) {
        if (!edit->isEmpty()) {
            fields[edit->field().name] = std::string(edit->value().reveal());
            if (edit->field().isSecret) {
                edit->clear();
            }
        }
    }
    params["fields"] = std::move(fields);
    if (m_isNext) {
        params["next"] = true;
    }
    if (m_forTest->isChecked()) {
        params["test"] = true;
    }
    m_go->setEnabled(false);
    m_back->setEnabled(false);
    m_link.call("credential.set", std::move(params), this, [this](const auto& reply) { answered(reply); });
}

void AddKeyDialog::answered(const model::BrokerLink::Reply& reply) {
    m_isSaving = false;
    m_back->setEnabled(true);
    if (reply) {
        m_isSaved = true;
        Q_EMIT saved();
    }
    const QStringList warnings = reply ? model::textsOf(*reply, "warnings") : QStringList();
    if (!isVisible()) {
        deleteLater();
    } else if (!reply) {
        say(model::shownText(reply.error().message));
    } else if (warnings.isEmpty()) {
        accept();
    } else { // it has to be read
        say(tr("The key is stored. %1").arg(warnings.join(u'\n')));
        m_stack->setEnabled(false);
        m_go->hide();
        m_back->hide();
        m_close->setText(tr("Close"));
    }
}

void AddKeyDialog::say(const QString& text) {
    m_message->setText(text);
    m_message->setVisible(!text.isEmpty());
}

void AddKeyDialog::done(int result) {
    for (KeyFieldEdit* edit : std::as_const(m_edits)) {
        edit->clear();
    }
    QDialog::done(result);
    if (!m_isSaving) {
        deleteLater();
    }
}

} // namespace keybearer::tray
