#include "daemon/rpc/approvals.h"

#include "daemon/oauth/pkce.h"

#include <QTimer>

#include <algorithm>

namespace keybearer::rpc {
namespace {

using access::Grant;
using access::Span;
using accounts::Gate;

constexpr std::size_t kQuestionIdLength = 12;
/// A call that was refused because nobody was there may be repeated for so long once somebody has allowed it.
constexpr std::int64_t kRepeatWithin = 60;

void openOnce(const std::shared_ptr<Gate>& gate) {
    if (!gate->isOpen()) {
        gate->open();
    }
}

/// What makes two questions one.
std::string keyOf(const Question& question) {
    std::string key;
    const auto add = [&](std::string_view part) { key.append(part).push_back('\0'); };
    add(access::toString(question.client.kind));
    add(question.client.path);
    add(question.client.digest);
    add(question.client.session);
    add(question.method);
    add(question.wanted.credential);
    add(question.wanted.audience);
    for (const auto* list : {&question.wanted.scopes, &question.wanted.fields}) {
        for (const std::string& word : *list) {
            add(word);
        }
        add("");
    }
    return key;
}

Grant grantOf(const Question& question, const Answer& answer, std::int64_t now) {
    Grant grant;
    grant.kind = question.client.kind;
    grant.path = question.client.path;
    grant.digest = question.client.isRootOwned ? std::string() : question.client.digest;
    grant.session = question.client.session;
    grant.credential = question.wanted.credential;
    grant.scopes = answer.scopes.empty() ? question.wanted.scopes : answer.scopes;
    grant.audience = question.wanted.audience;
    grant.fields = question.wanted.fields;
    grant.span = answer.span;
    grant.until = answer.span == Span::Until ? answer.until : answer.span == Span::Once ? now + kRepeatWithin : 0;
    grant.usesLeft = answer.span == Span::Once ? std::max<std::int64_t>(question.waiting, 1) : -1;
    grant.perMinute = answer.perMinute;
    grant.reason = question.purpose;
    grant.createdBy = answer.by;
    return grant;
}

} // namespace

Approvals::Entry* Approvals::findSame(const Question& question) {
    const std::string key = keyOf(question);
    const auto found =
        std::ranges::find_if(m_entries, [&](const auto& row) { return keyOf(row.second.question) == key; });
    return found == m_entries.end() ? nullptr : &found->second;
}

bool Approvals::isFull(const access::Client& client) const {
    const auto ofThis = std::ranges::count_if(m_entries, [&](const auto& row) {
        return row.second.question.client.kind == client.kind && row.second.question.client.path == client.path;
    });
    return m_entries.size() >= kMaxQuestions || static_cast<std::size_t>(ofThis) >= kMaxQuestionsOfOne;
}

/// What nobody waits for makes room for what is asked now.
bool Approvals::dropOneOf(const access::Client& client) {
    auto oldest = m_entries.end();
    for (auto it = m_entries.begin(); it != m_entries.end(); ++it) {
        const Question& question = it->second.question;
        const bool isOfThis = question.client.kind == client.kind && question.client.path == client.path;
        if (question.waiting == 0 && isOfThis &&
            (oldest == m_entries.end() || question.askedAt < oldest->second.question.askedAt)) {
            oldest = it;
        }
    }
    if (oldest == m_entries.end()) {
        return false;
    }
    m_entries.erase(oldest);
    return true;
}

QCoro::Task<Consent> Approvals::ask(Question question, std::uint64_t connection) {
    dropOld();
    const std::int64_t now = m_clock.utcSeconds();
    if (const auto denied = m_denied.find(keyOf(question)); denied != m_denied.end() && now < denied->second) {
        co_return Consent{Answered::Denied, {}};
    }
    Entry* entry = findSame(question);
    if (entry == nullptr) {
        if (isFull(question.client) && !dropOneOf(question.client)) {
            co_return Consent{Answered::TooMany, {}};
        }
        question.id = "q_" + oauth::randomToken().substr(0, kQuestionIdLength);
        question.number = ++m_asked;
        question.askedAt = now;
        const std::string id = question.id;
        entry =
            &m_entries
                 .emplace(id, Entry{std::move(question), {}, std::make_shared<Gate>(), std::make_shared<Answered>()})
                 .first->second;
    }
    const std::string id = entry->question.id;
    if (m_approvers.empty()) {
        entry->question.expiresAt = now + kMemory;
        changed();
        co_return Consent{Answered::NobodyThere, id};
    }
    if (entry->question.waiting++ == 0) {
        entry->question.expiresAt = now + kPatience;
    }
    entry->askers.push_back(connection);
    const auto gate = entry->gate;
    const auto outcome = entry->outcome;
    const std::int64_t left = std::max<std::int64_t>(entry->question.expiresAt - now, 1);
    changed();
    QTimer::singleShot(std::chrono::seconds(left), [gate, outcome] {
        if (!gate->isOpen()) {
            *outcome = Answered::NotInTime;
            gate->open();
        }
    });
    co_await gate->wait();
    if (*outcome == Answered::NotInTime) {
        dropOld();
    }
    co_return Consent{*outcome, id};
}

void Approvals::attach(std::uint64_t connection) {
    m_approvers.insert(connection);
    changed();
}

void Approvals::gone(std::uint64_t connection) {
    withdraw(connection);
    if (m_approvers.erase(connection) == 0) {
        return;
    }
    if (!m_approvers.empty()) {
        return changed();
    }
    refuseAll();
}

void Approvals::withdraw(std::uint64_t connection) {
    std::vector<std::string> left; // settling one resumes who waits for it, which may ask anew
    for (auto& [id, entry] : m_entries) {
        if (const auto calls = std::erase(entry.askers, connection); calls > 0) {
            entry.question.waiting = static_cast<unsigned>(entry.askers.size());
            left.push_back(id);
        }
    }
    for (const std::string& id : left) {
        const auto found = m_entries.find(id);
        if (found != m_entries.end() && found->second.askers.empty()) {
            Entry entry = std::move(found->second);
            m_entries.erase(found);
            settle(std::move(entry), Answered::NobodyThere);
        }
    }
    if (!left.empty()) {
        changed();
    }
}

void Approvals::refuseAll() {
    for (auto& [id, entry] : std::exchange(m_entries, {})) {
        settle(std::move(entry), Answered::NobodyThere);
    }
}

bool Approvals::isWaitedFor() const {
    return std::ranges::any_of(
        m_entries, [](const auto& row) { return row.second.question.waiting > 0 && !row.second.gate->isOpen(); });
}

std::vector<Question> Approvals::open() {
    dropOld();
    std::vector<Question> out;
    for (const auto& [id, entry] : m_entries) {
        out.push_back(entry.question);
    }
    std::ranges::sort(out, {}, &Question::number);
    return out;
}

QCoro::Task<> Approvals::change(std::uint64_t known, std::chrono::milliseconds wait) {
    if (known != m_version || wait.count() <= 0) {
        co_return;
    }
    const auto door = std::make_shared<Gate>();
    QTimer::singleShot(wait, [door] { openOnce(door); });
    const auto relay = [](std::shared_ptr<Gate> from, std::shared_ptr<Gate> to) -> QCoro::Task<> {
        co_await from->wait();
        openOnce(to);
    };
    relay(m_change, door);
    co_await door->wait();
}

base::Result<void, std::string> Approvals::decide(const std::string& id, const Answer& answer) {
    dropOld();
    const auto found = m_entries.find(id);
    if (found == m_entries.end()) {
        return base::fail(std::string("there is no such question any more"));
    }
    const Question& question = found->second.question;
    const std::int64_t now = m_clock.utcSeconds();
    if (answer.allow) {
        const bool isKept = answer.span == Span::Always || answer.span == Span::Until;
        if (isKept && !question.client.isRecognizable()) {
            return base::fail(std::string("what asks cannot be told again later; allow it once, or for its session"));
        }
        if (answer.span != Span::Once && !question.canBeKept) {
            return base::fail(std::string("this is about one call; allow it once, or not"));
        }
        if (question.canBeKept) {
            if (const auto made = m_grants.add(grantOf(question, answer, now)); !made) {
                return base::fail(made.error());
            }
        }
    } else {
        m_denied[keyOf(question)] = now + kDenialHolds;
    }
    Entry entry = std::move(found->second);
    m_entries.erase(found);
    settle(std::move(entry), answer.allow ? Answered::Allowed : Answered::Denied);
    return {};
}

void Approvals::settle(Entry entry, Answered outcome) {
    *entry.outcome = outcome;
    changed();
    openOnce(entry.gate);
}

void Approvals::dropOld() {
    const std::int64_t now = m_clock.utcSeconds();
    std::erase_if(m_denied, [&](const auto& row) { return now >= row.second; });
    const auto dropped = std::erase_if(m_entries, [&](const auto& row) {
        return now >= row.second.question.expiresAt && row.second.question.expiresAt != 0 &&
               (row.second.question.waiting == 0 || row.second.gate->isOpen());
    });
    if (dropped > 0) {
        changed();
    }
}

void Approvals::changed() {
    ++m_version;
    openOnce(std::exchange(m_change, std::make_shared<Gate>()));
}

} // namespace keybearer::rpc
