#include "app/tray/expiry_notice.h"

#include "app/model/words.h"

#include <QDateTime>

#include <array>
#include <chrono>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;
using nlohmann::json;

constexpr std::chrono::hours kPauseBetween{1};
constexpr std::size_t kMostTold = 4; // lines; notifications are short
const QString kDayKey = u"notice/day"_s;
const QString kToldKey = u"notice/told"_s;

} // namespace

ExpiryNotice::ExpiryNotice(model::BrokerState& state, QSettings& settings, AskPresence askPresence, QObject* parent)
    : QObject(parent), m_state(state), m_settings(settings), m_askPresence(std::move(askPresence)) {
    m_hour.setInterval(kPauseBetween);
    m_hour.setTimerType(Qt::VeryCoarseTimer);
    connect(&m_hour, &QTimer::timeout, this, &ExpiryNotice::consider);
    m_hour.start();
    connect(&m_state, &model::BrokerState::changed, this, &ExpiryNotice::consider);
}

model::NoticeMemory ExpiryNotice::memory() const {
    return {QDate::fromString(m_settings.value(kDayKey).toString(), Qt::ISODate),
            m_settings.value(kToldKey).toStringList()};
}

void ExpiryNotice::consider() {
    const bool wasAsked = m_asked.isValid() && !m_asked.hasExpired(std::chrono::milliseconds(kPauseBetween).count());
    if (m_isConsidering || wasAsked || !m_state.isLive() || m_state.isLocked() ||
        memory().day == QDate::currentDate()) {
        return;
    }
    m_isConsidering = true;
    m_askPresence([this, self = QPointer<ExpiryNotice>(this)](const model::Presence& presence) {
        if (!self) {
            return;
        }
        m_isConsidering = false;
        if (model::isThere(presence) && m_state.isLive() && !m_state.isLocked()) {
            ask();
        }
    });
}

void ExpiryNotice::ask() {
    m_asked.start();
    m_isConsidering = true;
    m_isWhole = true;
    const std::array questions{std::pair("account.list", &model::ForecastAnswers::accounts),
                               std::pair("client_key.list", &model::ForecastAnswers::clientKeys),
                               std::pair("grant.list", &model::ForecastAnswers::grants)};
    m_waiting = static_cast<int>(questions.size());
    for (const auto& [method, answer] : questions) {
        m_state.link().call(method, json::object(), this, [this, into = answer](const auto& reply) {
            m_answers.*into = reply ? *reply : json();
            m_isWhole = m_isWhole && reply;
            if (--m_waiting == 0) {
                m_isConsidering = false;
                tell();
            }
        });
    }
}

void ExpiryNotice::tell() {
    if (!m_isWhole) {
        return; // what has been told must not be forgotten because half of it is missing
    }
    const std::int64_t now = model::currentTime();
    const QTimeZone zone = QTimeZone::systemTimeZone();
    const auto terms = model::forecastOf(m_answers, now);
    const auto due = model::noticeFor(terms, memory(), now, zone);
    if (due.empty()) {
        return;
    }
    const model::NoticeMemory next = model::remembered(memory(), terms, due, now, zone);
    m_settings.setValue(kDayKey, next.day.toString(Qt::ISODate));
    m_settings.setValue(kToldKey, next.told);
    m_settings.sync(); // before it is said: a session may end this program at any time, and nothing is told twice
    QStringList lines;
    for (std::size_t i = 0; i < due.size() && i < kMostTold; ++i) {
        lines << tr("%1: ends %2").arg(due[i].what, model::relativeTime(due[i].when, now));
    }
    if (due.size() > kMostTold) {
        lines << tr("and %n more", nullptr, static_cast<int>(due.size() - kMostTold));
    }
    Q_EMIT wanted(tr("%n thing(s) will end soon", nullptr, static_cast<int>(due.size())), lines.join(u'\n'));
}

} // namespace keybearer::tray
