#pragma once
/// \file
/// What a person is asked: one question for a client and a credential, however many calls wait for the answer.

#include "daemon/access/grant_store.h"
#include "daemon/accounts/gate.h"
#include "ipc/base/clock.h"

#include <QCoroTask>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace keybearer::rpc {

struct Question {
    std::string id;
    std::uint64_t number = 0; ///< in the order in which they were asked: a second has room for several
    access::Client client;
    access::Wanted wanted;
    std::string method;
    std::string purpose;        ///< what the client says it is for; its own words
    std::string reason;         ///< why somebody has to be asked
    bool canBeKept = false;     ///< a grant can follow; false: it is about this call alone
    std::int64_t askedAt = 0;   ///< UTC seconds
    std::int64_t expiresAt = 0; ///< UTC seconds
    unsigned waiting = 0; ///< calls of open connections; 0: they were refused because nobody was there, and may be
                          ///< repeated
};

struct Answer {
    bool allow = false;
    access::Span span = access::Span::Once;
    std::int64_t until = 0;          ///< UTC seconds, for Span::Until
    std::vector<std::string> scopes; ///< narrower than asked; empty: as asked
    std::int64_t perMinute = 0;
    std::string by; ///< "terminal", "tray"
};

enum class Answered { Allowed, Denied, NobodyThere, NotInTime, TooMany };

struct Consent {
    Answered how = Answered::NobodyThere;
    std::string questionId; ///< by which it can still be answered
};

/// Main thread. An approver is a connection that has attached itself; the decision who may is made before.
class Approvals {
public:
    /// How long calls wait; how long a question that nobody was there for can still be answered; how long a denial
    /// answers the same question by itself. Seconds.
    static constexpr std::int64_t kPatience = 60;
    static constexpr std::int64_t kMemory = 300;
    static constexpr std::int64_t kDenialHolds = 30;
    static constexpr std::size_t kMaxQuestions = 64;
    static constexpr std::size_t kMaxQuestionsOfOne = 4; ///< of one client

    Approvals(const base::Clock& clock, access::GrantStore& grants) : m_clock(clock), m_grants(grants) {}

    /// For a call of that connection.
    [[nodiscard]] QCoro::Task<Consent> ask(Question question, std::uint64_t connection);

    void attach(std::uint64_t connection);
    [[nodiscard]] bool isAttached(std::uint64_t connection) const { return m_approvers.contains(connection); }
    [[nodiscard]] std::size_t approvers() const noexcept { return m_approvers.size(); }
    /// The connection has closed. With the last approver goes the hope of whoever waits; with the last call that waits
    /// for its answer goes a question, so that nobody is asked for a program that has left.
    void gone(std::uint64_t connection);

    /// Nobody will answer: every call that waits is refused.
    void refuseAll();
    /// The oldest first.
    [[nodiscard]] std::vector<Question> open();
    /// Somebody waits for an answer. One that was refused because nobody was there does not.
    [[nodiscard]] bool isWaitedFor() const;
    /// Another number after each change of what is open.
    [[nodiscard]] std::uint64_t version() const noexcept { return m_version; }
    /// Waits until the version is not `known` any more, at most `wait`.
    [[nodiscard]] QCoro::Task<> change(std::uint64_t known, std::chrono::milliseconds wait);
    /// Makes the grant and lets the waiting calls go on. The error is a sentence; the question is still open then.
    [[nodiscard]] base::Result<void, std::string> decide(const std::string& id, const Answer& answer);

private:
    struct Entry {
        Question question;
        std::vector<std::uint64_t> askers; ///< the connection of each call that waits
        std::shared_ptr<accounts::Gate> gate;
        std::shared_ptr<Answered> outcome;
    };

    [[nodiscard]] Entry* findSame(const Question& question);
    [[nodiscard]] bool isFull(const access::Client& client) const;
    bool dropOneOf(const access::Client& client);
    void withdraw(std::uint64_t connection);
    void settle(Entry entry, Answered outcome);
    void dropOld();
    void changed();

    const base::Clock& m_clock;
    access::GrantStore& m_grants;
    std::map<std::string, Entry> m_entries;       ///< by the question's id
    std::map<std::string, std::int64_t> m_denied; ///< key of a question: until when
    std::set<std::uint64_t> m_approvers;
    std::uint64_t m_version = 1;
    std::uint64_t m_asked = 0;
    std::shared_ptr<accounts::Gate> m_change = std::make_shared<accounts::Gate>();
};

} // namespace keybearer::rpc
