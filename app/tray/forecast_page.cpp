#include "app/tray/forecast_page.h"

#include "app/model/reading.h"
#include "app/model/words.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLocale>
#include <QPainter>
#include <QTextCharFormat>
#include <QVBoxLayout>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;
using model::Term;
using model::TermKind;
using nlohmann::json;

/// A bar below the days on which something ends: seen without colour, too.
class MarkedCalendar : public QCalendarWidget {
public:
    using QCalendarWidget::QCalendarWidget;

protected:
    void paintCell(QPainter* painter, const QRect& rect, QDate date) const override {
        QCalendarWidget::paintCell(painter, rect, date);
        if (dateTextFormat().contains(date)) {
            const int height = std::max(2, rect.height() / 10);
            const bool isChosen = date == selectedDate();
            painter->fillRect(rect.left() + rect.width() / 4, rect.bottom() - 2 * height, rect.width() / 2, height,
                              palette().color(isChosen ? QPalette::HighlightedText : QPalette::Highlight));
        }
    }
};

QString whenText(const Term& term) {
    return term.kind == TermKind::SignIn ? QCoreApplication::translate("keybearer::tray::ForecastPage", "now")
                                         : model::localTime(term.when);
}

} // namespace

ForecastPage::ForecastPage(model::BrokerState& state, QWidget* parent)
    : Page(state, parent),
      m_calendar(new MarkedCalendar),
      m_list(new QTreeWidget),
      m_hint(new QLabel),
      m_signIn(new QPushButton(tr("&Sign in"))) {
    m_calendar->setObjectName(u"calendar"_s);
    m_calendar->setAccessibleName(tr("Days on which something ends"));
    m_calendar->setVerticalHeaderFormat(QCalendarWidget::NoVerticalHeader);
    for (const Qt::DayOfWeek day : {Qt::Saturday, Qt::Sunday}) { // no red: on dark ground it cannot be read
        m_calendar->setWeekdayTextFormat(day, {});
    }
    // Qt leaves its parts without names.
    for (const auto& [part, name] : {std::pair{u"qt_calendar_prevmonth"_s, tr("Previous month")},
                                     std::pair{u"qt_calendar_nextmonth"_s, tr("Next month")},
                                     std::pair{u"qt_calendar_calendarview"_s, tr("Days")}}) {
        if (auto* widget = m_calendar->findChild<QWidget*>(part)) {
            widget->setAccessibleName(name);
        }
    }
    m_list->setObjectName(u"terms"_s);
    m_list->setAccessibleName(tr("What ends when"));
    m_list->setHeaderLabels({tr("When"), tr("What"), tr("What then")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_hint->setObjectName(u"hint"_s);
    m_hint->setTextFormat(Qt::PlainText);
    m_hint->setWordWrap(true);
    m_signIn->setObjectName(u"signIn"_s);

    auto* left = new QVBoxLayout;
    left->addWidget(m_calendar);
    left->addStretch(1);
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_hint, 1);
    foot->addWidget(m_signIn, 0, Qt::AlignTop);
    auto* right = new QVBoxLayout;
    right->addWidget(m_list, 1);
    right->addLayout(foot);
    auto* all = new QHBoxLayout(this);
    all->addLayout(left);
    all->addLayout(right, 1);

    connect(m_calendar, &QCalendarWidget::clicked, this, &ForecastPage::chooseDay);
    connect(m_calendar, &QCalendarWidget::activated, this, &ForecastPage::chooseDay);
    connect(m_list, &QTreeWidget::currentItemChanged, this, &ForecastPage::chosen);
    connect(m_signIn, &QPushButton::clicked, this, [this] {
        if (const Term* term = current()) {
            Q_EMIT signInWanted(term->provider, term->account);
        }
    });
    clear();
}

void ForecastPage::refresh() {
    ++m_run;
    m_waiting = 3;
    m_answers.signIns = json::array();
    for (const model::WaitingSignIn& one : state().signIns()) {
        m_answers.signIns.push_back({{"provider", one.provider.toStdString()}, {"account", one.account.toStdString()}});
    }
    ask("account.list", &model::ForecastAnswers::accounts);
    ask("client_key.list", &model::ForecastAnswers::clientKeys);
    ask("grant.list", &model::ForecastAnswers::grants);
}

void ForecastPage::ask(const char* method, json model::ForecastAnswers::*answer) {
    link().call(method, json::object(), this, [this, answer, run = m_run](const auto& reply) {
        if (run != m_run) {
            return;
        }
        m_answers.*answer = reply ? *reply : json();
        if (!reply) {
            report(reply.error());
        }
        if (--m_waiting == 0) {
            m_terms = model::forecastOf(m_answers, model::currentTime());
            showTerms();
        }
    });
}

void ForecastPage::clear() {
    ++m_run;
    m_terms.clear();
    m_answers = {};
    showTerms();
    m_hint->clear();
}

void ForecastPage::showTerms() {
    const Term* before = current();
    const QString looked = before == nullptr ? QString() : before->id;
    const std::int64_t now = model::currentTime();
    m_list->clear();
    for (const Term& term : m_terms) {
        auto* item = new QTreeWidgetItem(m_list, {whenText(term), term.what, term.hint});
        item->setToolTip(0, model::relativeTime(term.when, now));
        item->setToolTip(2, term.hint.toHtmlEscaped());
        item->setData(0, Qt::UserRole, term.id);
        if (!looked.isEmpty() && term.id == looked) {
            m_list->setCurrentItem(item);
        }
    }
    m_list->resizeColumnToContents(0);
    m_list->resizeColumnToContents(1);
    m_calendar->setDateTextFormat({}, {});
    const auto days = model::daysOf(m_terms, QTimeZone::systemTimeZone());
    for (auto day = days.begin(); day != days.end(); ++day) {
        QStringList texts;
        for (const std::size_t place : day.value()) {
            texts << m_terms[place].what;
        }
        QTextCharFormat format;
        format.setFontWeight(QFont::Bold);
        format.setToolTip(texts.join(u'\n').toHtmlEscaped());
        m_calendar->setDateTextFormat(day.key(), format);
    }
    chosen();
}

const Term* ForecastPage::current() const {
    const int row = m_list->indexOfTopLevelItem(m_list->currentItem());
    return row >= 0 && row < static_cast<int>(m_terms.size()) ? &m_terms[static_cast<std::size_t>(row)] : nullptr;
}

void ForecastPage::chooseDay(QDate day) {
    const auto places = model::daysOf(m_terms, QTimeZone::systemTimeZone()).value(day);
    if (!places.isEmpty()) {
        m_list->setCurrentItem(m_list->topLevelItem(static_cast<int>(places.front())));
    } else {
        m_list->setCurrentItem(nullptr);
        m_hint->setText(tr("On %1 nothing ends.").arg(QLocale().toString(day, QLocale::ShortFormat)));
    }
}

void ForecastPage::chosen() {
    const Term* term = current();
    m_signIn->setEnabled(term != nullptr && !term->account.isEmpty());
    if (term != nullptr) {
        m_calendar->setSelectedDate(QDateTime::fromSecsSinceEpoch(term->when).date());
        m_hint->setText(tr("%1: %2.").arg(model::relativeTime(term->when, model::currentTime()), term->hint));
    } else {
        m_hint->setText(m_terms.empty() ? tr("Nothing that is known here ends by itself.") : QString());
    }
}

} // namespace keybearer::tray
