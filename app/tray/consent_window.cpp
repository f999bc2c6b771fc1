#include "app/tray/consent_window.h"

#include "app/common/package.h"
#include "app/model/reading.h"
#include "app/model/words.h"
#include "app/tray/client_icons.h"
#include "app/tray/plain_label.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QPromise>
#include <QThreadPool>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;
using model::Question;

constexpr int kIconSide = 48;
constexpr int kWidth = 520;
constexpr std::chrono::seconds kPackagePatience{5}; // nobody waits; a slow disk does not make a package unknown

struct Length {
    const char* text;
    std::int64_t seconds;
};
constexpr std::array kLengths{
    Length{QT_TRANSLATE_NOOP("keybearer::tray::ConsentWindow", "For an hour"), 3600},
    Length{QT_TRANSLATE_NOOP("keybearer::tray::ConsentWindow", "For a day"), 86'400},
    Length{QT_TRANSLATE_NOOP("keybearer::tray::ConsentWindow", "For a week"), 7 * 86'400},
    Length{QT_TRANSLATE_NOOP("keybearer::tray::ConsentWindow", "For 30 days"), 30 * 86'400},
};

QPushButton* button(const QString& name, const QString& text) {
    auto* made = new QPushButton(text);
    made->setObjectName(name);
    made->setAutoDefault(false);
    return made;
}

} // namespace

ConsentWindow::ConsentWindow(model::BrokerState& state, QWidget* parent) : QWidget(parent), m_state(state) {
    setObjectName(u"consent"_s);
    setWindowTitle(tr("Keybearer: a program asks"));
    setWindowFlag(Qt::Dialog);
    build();
    m_second.setInterval(1000);
    connect(&m_second, &QTimer::timeout, this, &ConsentWindow::showTime);
    m_pause.setSingleShot(true);
    m_pause.setInterval(kPause);
    connect(&m_pause, &QTimer::timeout, this, [this] {
        if (const Question* question = current()) {
            m_once->setEnabled(true);
            m_session->setEnabled(question->hasSession);
            m_until->setEnabled(question->canBeKept);
            m_always->setEnabled(question->canBeKept);
        }
    });
    connect(&m_packageName, &QFutureWatcher<QString>::finished, this, [this] {
        if (m_packageName.future().resultCount() == 0) {
            return; // the empty one, of a program that nobody looks up
        }
        const QString name = m_packageName.result();
        m_package->setText(name.isEmpty() ? tr("of no package of this system") : name);
    });
    connect(&m_state, &model::BrokerState::questionsChanged, this, &ConsentWindow::questionsChanged);
}

ConsentWindow::~ConsentWindow() = default;

void ConsentWindow::build() {
    m_icon = new QLabel;
    m_icon->setFixedSize(kIconSide, kIconSide);
    m_title = plainLabel(u"title"_s);
    QFont font = m_title->font();
    font.setPointSizeF(font.pointSizeF() * 1.3);
    font.setBold(true);
    m_title->setFont(font);
    auto* head = new QHBoxLayout;
    head->addWidget(m_icon, 0, Qt::AlignTop);
    head->addWidget(m_title, 1);

    m_previous = new QToolButton;
    m_previous->setObjectName(u"previous"_s);
    m_previous->setArrowType(Qt::LeftArrow);
    m_previous->setAccessibleName(tr("Previous question"));
    m_next = new QToolButton;
    m_next->setObjectName(u"next"_s);
    m_next->setArrowType(Qt::RightArrow);
    m_next->setAccessibleName(tr("Next question"));
    m_count = new QLabel;
    m_count->setObjectName(u"count"_s);
    m_time = new QLabel;
    m_time->setObjectName(u"time"_s);
    connect(m_previous, &QToolButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { step(1); });
    auto* foot = new QHBoxLayout;
    foot->addWidget(m_previous);
    foot->addWidget(m_count);
    foot->addWidget(m_next);
    foot->addStretch(1);
    foot->addWidget(m_time);

    buildFacts();
    auto* all = new QVBoxLayout(this);
    all->addLayout(head);
    all->addWidget(m_facts);
    all->addStretch(1);
    all->addLayout(foot);
    all->addWidget(buildAnswers());
    setMinimumWidth(kWidth);
}

void ConsentWindow::buildFacts() {
    m_wants = plainLabel(u"wants"_s);
    m_purpose = plainLabel(u"purpose"_s);
    m_path = plainLabel(u"path"_s);
    m_package = plainLabel(u"package"_s);
    m_parents = plainLabel(u"parents"_s);
    m_reason = plainLabel(u"reason"_s);
    m_warning = plainLabel(u"warning"_s);
    m_scopes = new QWidget;
    m_scopes->setObjectName(u"scopes"_s);
    new QVBoxLayout(m_scopes);
    m_scopes->layout()->setContentsMargins({});
    m_facts = new Form;
    m_facts->add(tr("It wants"), m_wants);
    m_facts->add(tr("For"), m_scopes);
    m_facts->add(tr("It says"), m_purpose);
    m_facts->add(tr("File"), m_path);
    m_facts->add(tr("Package"), m_package);
    m_facts->add(tr("Started by"), m_parents);
    m_facts->add(tr("Asked because"), m_reason);
    m_facts->add(tr("Take care"), m_warning);
}

QWidget* ConsentWindow::buildAnswers() {
    m_deny = button(u"deny"_s, tr("&No"));
    m_deny->setDefault(true);
    m_once = button(u"once"_s, tr("Allow &once"));
    m_session = button(u"session"_s, tr("While it &runs"));
    m_always = button(u"always"_s, tr("&Always"));
    m_until = new QToolButton;
    m_until->setObjectName(u"until"_s);
    m_until->setText(tr("&For a time"));
    m_until->setPopupMode(QToolButton::InstantPopup);
    m_until->setFocusPolicy(Qt::StrongFocus);
    auto* lengths = new QMenu(m_until);
    for (const Length& length : kLengths) {
        lengths->addAction(tr(length.text), this, [this, &length] { decide("until", length.seconds); });
    }
    m_until->setMenu(lengths);
    connect(m_deny, &QPushButton::clicked, this, [this] { decide("deny"); });
    connect(m_once, &QPushButton::clicked, this, [this] { decide("once"); });
    connect(m_session, &QPushButton::clicked, this, [this] { decide("session"); });
    connect(m_always, &QPushButton::clicked, this, [this] { decide("always"); });
    auto* answers = new QWidget;
    auto* row = new QHBoxLayout(answers);
    row->setContentsMargins({});
    row->addWidget(m_deny);
    row->addStretch(1);
    for (QWidget* one : std::initializer_list<QWidget*>{m_once, m_session, m_until, m_always}) {
        row->addWidget(one);
    }
    return answers;
}

const Question* ConsentWindow::current() const {
    const auto found = std::ranges::find(m_state.questions(), m_shown, &Question::id);
    return found == m_state.questions().end() ? nullptr : &*found;
}

void ConsentWindow::questionsChanged() {
    const QList<Question>& questions = m_state.questions();
    std::set<std::string> ids;
    for (const Question& question : questions) {
        ids.insert(question.id);
    }
    const std::set<std::string> before = std::exchange(m_known, ids);
    if (questions.isEmpty()) {
        m_shown.clear();
        hide();
        return;
    }
    if (current() == nullptr) {
        showQuestion(questions.front());
    } else {
        showTime();
    }
    for (const Question& question : questions) {
        if (!before.contains(question.id)) {
            if (!isVisible()) {
                setAttribute(Qt::WA_ShowWithoutActivating);
                show();
                QApplication::alert(this);
            }
            Q_EMIT arrived(question);
        }
    }
}

void ConsentWindow::open() {
    if (!m_state.questions().isEmpty()) {
        setAttribute(Qt::WA_ShowWithoutActivating, false);
        show();
        raise();
        activateWindow();
    }
}

void ConsentWindow::showQuestion(const Question& question) {
    m_shown = question.id;
    const QString name =
        question.clientName.isEmpty() ? tr("A program that could not be identified") : question.clientName;
    m_icon->setPixmap(clientIcon(question.clientPath, name).pixmap(kIconSide));
    m_title->setText(tr("%1 asks").arg(name));
    m_facts->setText(m_wants, question.wants);
    m_facts->setText(m_purpose, question.purpose.isEmpty() ? QString() : tr("“%1”").arg(question.purpose));
    m_facts->setText(m_path, question.clientPath);
    m_facts->setText(m_parents, question.ancestors.join(tr(" ← ")));
    m_facts->setText(m_reason, question.reason);
    QStringList warnings;
    if (!question.clientProblem.isEmpty()) {
        warnings << question.clientProblem;
    }
    if (question.isWeak) {
        warnings << tr("It is known by its number only, which another program may have got meanwhile.");
    }
    if (!question.canBeKept) {
        warnings << tr("It cannot be told again for certain, so it can be allowed for now only.");
    }
    m_facts->setText(m_warning, warnings.join(u'\n'));
    lookUpPackage(question);
    showScopes(question);
    for (QWidget* one : std::initializer_list<QWidget*>{m_once, m_session, m_until, m_always}) {
        one->setEnabled(false);
    }
    // A program that was refused is started again as a rule, and is another process then.
    const bool isGone = question.waiting == 0 && question.canBeKept;
    m_once->setVisible(!isGone);
    m_session->setVisible(question.hasSession && !isGone);
    m_until->setVisible(question.canBeKept);
    m_always->setVisible(question.canBeKept);
    m_deny->setFocus();
    m_pause.start();
    showTime();
}

/// Unchecking one allows less than was asked for.
void ConsentWindow::showScopes(const Question& question) {
    qDeleteAll(m_scopeBoxes);
    m_scopeBoxes.clear();
    const QStringList& scopes = question.scopes.isEmpty() ? question.availableScopes : question.scopes;
    for (const QString& scope : scopes) {
        auto* box = new QCheckBox(QString(scope).replace('&'_L1, "&&"_L1));
        box->setProperty("scope", scope);
        box->setChecked(true);
        box->setEnabled(scopes.size() > 1);
        m_scopes->layout()->addWidget(box);
        m_scopeBoxes << box;
    }
    m_facts->setShown(m_scopes, !m_scopeBoxes.isEmpty());
}

/// Who made a file of root's is known; any other could lie beside a package's.
void ConsentWindow::lookUpPackage(const Question& question) {
    const bool isKnown = question.isRootOwned && !question.exactPath.empty();
    m_facts->setShown(m_package, !question.exactPath.empty());
    m_package->setText(isKnown ? tr("...") : tr("of no package: you, or a program of yours, can change the file"));
    m_packageName.setFuture({});
    if (isKnown) {
        const auto promise = std::make_shared<QPromise<QString>>();
        m_packageName.setFuture(promise->future());
        promise->start();
        QThreadPool::globalInstance()->start([promise, path = question.exactPath] {
            promise->addResult(model::shownText(common::packageOf(path, kPackagePatience)));
            promise->finish();
        });
    }
}

void ConsentWindow::showTime() {
    const Question* question = current();
    if (question == nullptr) {
        return;
    }
    const QString time = model::countdown(question->expiresAt - model::currentTime());
    m_time->setText(question->waiting > 0 ? tr("%n call(s) waiting, %1 left", nullptr, question->waiting).arg(time)
                                          : tr("Refused meanwhile; what you allow holds when it asks again"));
    const auto& all = m_state.questions();
    const auto place = question - all.data();
    m_count->setText(tr("%1 of %2").arg(place + 1).arg(all.size()));
    for (QWidget* one : std::initializer_list<QWidget*>{m_previous, m_count, m_next}) {
        one->setVisible(all.size() > 1);
    }
    m_previous->setEnabled(place > 0);
    m_next->setEnabled(place + 1 < all.size());
}

void ConsentWindow::step(int by) {
    if (const Question* question = current()) {
        const auto& all = m_state.questions();
        const qsizetype place = question - all.data() + by;
        if (place >= 0 && place < all.size()) {
            showQuestion(all[place]);
        }
    }
}

void ConsentWindow::decide(std::string_view answer, std::optional<std::int64_t> seconds) {
    const Question* question = current();
    if (question == nullptr) {
        return;
    }
    nlohmann::json params{{"question_id", question->id}, {"answer", answer}};
    if (seconds) {
        params["seconds"] = *seconds;
    }
    const auto isKept = [](const QCheckBox* box) { return box->isChecked(); };
    if (!m_scopeBoxes.isEmpty() && !std::ranges::all_of(m_scopeBoxes, isKept) && answer != "deny") {
        nlohmann::json scopes = nlohmann::json::array();
        for (const QCheckBox* box : std::as_const(m_scopeBoxes)) {
            if (box->isChecked()) {
                scopes.push_back(box->property("scope").toString().toStdString());
            }
        }
        if (scopes.empty()) { // nothing of it
            params["answer"] = "deny";
        } else {
            params["scopes"] = std::move(scopes);
        }
    }
    // Until the broker has told that the question is gone, its buttons are dead.
    for (QWidget* one : std::initializer_list<QWidget*>{m_once, m_session, m_until, m_always}) {
        one->setEnabled(false);
    }
    m_state.link().call("approval.decide", std::move(params), this, [this](const auto& reply) {
        if (!reply) {
            m_facts->setText(m_warning, model::shownText(reply.error().message));
            m_pause.start();
            Q_EMIT failed(reply.error());
        }
    });
}

void ConsentWindow::showEvent(QShowEvent* event) {
    QWidget::showEvent(event);
    m_second.start();
    showTime();
}

void ConsentWindow::hideEvent(QHideEvent* event) {
    m_second.stop();
    QWidget::hideEvent(event);
}

void ConsentWindow::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
        decide("deny");
    } else if (event->key() == Qt::Key_Escape) {
        hide(); // the question goes on waiting; the icon shows it
    } else {
        QWidget::keyPressEvent(event);
    }
}

} // namespace keybearer::tray
