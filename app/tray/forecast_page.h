#pragma once
/// \file
/// What ends when: a calendar, and a list beside it.

#include "app/model/forecast.h"
#include "app/tray/page.h"

#include <QCalendarWidget>
#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>

namespace keybearer::tray {

class ForecastPage : public Page {
    Q_OBJECT
public:
    explicit ForecastPage(model::BrokerState& state, QWidget* parent = nullptr);

    void refresh() override;
    void clear() override;

private:
    void ask(const char* method, nlohmann::json model::ForecastAnswers::*answer);
    void showTerms();
    void chooseDay(QDate day);
    void chosen();
    [[nodiscard]] const model::Term* current() const;

    unsigned m_run = 0; ///< answers to earlier questions are of no interest
    int m_waiting = 0;  ///< questions
    model::ForecastAnswers m_answers;
    std::vector<model::Term> m_terms;
    QCalendarWidget* m_calendar;
    QTreeWidget* m_list;
    QLabel* m_hint;
    QPushButton* m_signIn;
};

} // namespace keybearer::tray
