#include "app/tray/provider_list.h"

#include "app/model/reading.h"
#include "app/tray/icons.h"

#include <QAction>
#include <QVBoxLayout>

#include <algorithm>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr int kProvider = Qt::UserRole;  // its name; empty: none of them
constexpr int kWords = Qt::UserRole + 1; // what the search looks through

QListWidgetItem* providerRow(const nlohmann::json& provider) {
    const QString id = QString::fromStdString(model::exactOf(provider, "provider"));
    const QString name = model::textOf(provider, "display_name");
    auto* row = new QListWidgetItem(letterIcon(name), name);
    row->setData(kProvider, id);
    row->setData(kWords, QStringList{id, name, model::textsOf(provider, "aliases").join(u' ')}.join(u' '));
    return row;
}

} // namespace

ProviderList::ProviderList(QWidget* parent) : QWidget(parent), m_search(new QLineEdit), m_rows(new QListWidget) {
    m_search->setObjectName(u"search"_s);
    m_search->setPlaceholderText(tr("Search"));
    m_search->setAccessibleName(tr("Search"));
    m_search->setClearButtonEnabled(true);
    for (QAction* clear : m_search->findChildren<QAction*>()) { // Qt gives it a picture and no name
        clear->setText(tr("Clear the search"));
    }
    m_rows->setObjectName(u"providers"_s);
    m_rows->setAccessibleName(tr("Providers"));
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins({});
    all->addWidget(m_search);
    all->addWidget(m_rows, 1);
    connect(m_search, &QLineEdit::textChanged, this, &ProviderList::filter);
    connect(m_rows, &QListWidget::currentItemChanged, this, &ProviderList::choiceChanged);
    connect(m_rows, &QListWidget::itemActivated, this, &ProviderList::activated);
}

void ProviderList::fill(const nlohmann::json& providers, const QString& method, const QStringList& recent,
                        const QString& other) {
    m_rows->clear();
    QList<QListWidgetItem*> rows;
    for (const nlohmann::json& provider : providers) {
        if (model::textsOf(provider, "auth_methods").contains(method)) {
            rows << providerRow(provider);
        }
    }
    const auto place = [&recent](const QListWidgetItem* row) {
        const qsizetype at = recent.indexOf(row->data(kProvider).toString());
        return at < 0 ? recent.size() : at;
    };
    std::ranges::sort(rows, [&place](const QListWidgetItem* one, const QListWidgetItem* another) {
        return place(one) != place(another) ? place(one) < place(another)
                                            : one->text().localeAwareCompare(another->text()) < 0;
    });
    for (QListWidgetItem* row : std::as_const(rows)) {
        m_rows->addItem(row);
    }
    if (!other.isEmpty()) {
        auto* last = new QListWidgetItem(letterIcon(u"…"_s), other);
        last->setData(kProvider, QString());
        m_rows->addItem(last);
    }
    m_rows->setCurrentRow(0);
    filter(m_search->text());
}

void ProviderList::begin() {
    m_search->clear();
    m_search->setFocus();
}

bool ProviderList::hasChoice() const {
    return m_rows->currentItem() != nullptr && !m_rows->currentItem()->isHidden();
}

QString ProviderList::provider() const {
    return hasChoice() ? m_rows->currentItem()->data(kProvider).toString() : QString();
}

/// What begins with the words is meant rather than what has them somewhere.
void ProviderList::filter(const QString& text) {
    const QString words = text.trimmed();
    QListWidgetItem* first = nullptr;
    QListWidgetItem* best = nullptr;
    for (int i = 0; i < m_rows->count(); ++i) {
        QListWidgetItem* row = m_rows->item(i);
        const bool isOther = row->data(kProvider).toString().isEmpty();
        row->setHidden(!isOther && !row->data(kWords).toString().contains(words, Qt::CaseInsensitive));
        if (first == nullptr && !row->isHidden()) {
            first = row;
        }
        if (best == nullptr && !isOther && row->text().startsWith(words, Qt::CaseInsensitive)) {
            best = row;
        }
    }
    if (first != nullptr) {
        m_rows->setCurrentItem(best != nullptr ? best : first);
    }
    Q_EMIT choiceChanged();
}

} // namespace keybearer::tray
