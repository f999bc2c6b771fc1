#pragma once
/// \file
/// What a program asks for: who, what, why, and for how long.

#include "app/model/broker_state.h"
#include "app/tray/form.h"

#include <QCheckBox>
#include <QFutureWatcher>
#include <QLabel>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>
#include <QWidget>

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace keybearer::tray {

/// Main thread. One window for all questions. It comes up without taking the keyboard, "No" is what Enter means, and
/// the other buttons are dead for a moment after a question has appeared: nobody allows anything by a key or a click
/// that was meant for something else.
class ConsentWindow : public QWidget {
    Q_OBJECT
public:
    /// Milliseconds before a new question can be allowed.
    static constexpr int kPause = 700;

    /// The state outlives it.
    explicit ConsentWindow(model::BrokerState& state, QWidget* parent = nullptr);
    ConsentWindow(const ConsentWindow&) = delete;
    ConsentWindow& operator=(const ConsentWindow&) = delete;
    ~ConsentWindow() override;

    /// The person wants to see it: it may take the keyboard.
    void open();

Q_SIGNALS:
    void failed(const client::Error& error);
    /// There is a question that was not there before.
    void arrived(const model::Question& question);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void build();
    void buildFacts();
    [[nodiscard]] QWidget* buildAnswers();
    void questionsChanged();
    void showQuestion(const model::Question& question);
    void showScopes(const model::Question& question);
    void showTime();
    void step(int by);
    void decide(std::string_view answer, std::optional<std::int64_t> seconds = {});
    void lookUpPackage(const model::Question& question);
    [[nodiscard]] const model::Question* current() const;

    model::BrokerState& m_state;
    std::string m_shown; ///< id of the question
    std::set<std::string> m_known;
    QLabel* m_icon;
    QLabel* m_title;
    QLabel* m_path;
    QLabel* m_package;
    QLabel* m_parents;
    QLabel* m_wants;
    QLabel* m_purpose;
    QLabel* m_reason;
    QLabel* m_warning;
    QLabel* m_time;
    QLabel* m_count;
    Form* m_facts;
    QWidget* m_scopes;
    QList<QCheckBox*> m_scopeBoxes;
    QToolButton* m_previous;
    QToolButton* m_next;
    QPushButton* m_deny;
    QPushButton* m_once;
    QPushButton* m_session;
    QToolButton* m_until;
    QPushButton* m_always;
    QTimer m_second;
    QTimer m_pause;
    QFutureWatcher<QString> m_packageName;
};

} // namespace keybearer::tray
