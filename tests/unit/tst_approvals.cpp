#include "daemon/rpc/approvals.h"
#include "tests/unit/access_values.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <optional>

using namespace keybearer;
using namespace keybearer::rpc;
using namespace keybearer::test;
using access::Span;

namespace {

constexpr std::uint64_t kApprover = 1;
constexpr std::uint64_t kAsker = 10;

class WallClock final : public base::Clock {
public:
    std::int64_t now = 1'700'000'000;

    [[nodiscard]] std::int64_t utcSeconds() const override { return now; }
    [[nodiscard]] std::chrono::milliseconds steady() const override { return {}; }
};

Question aQuestion() {
    Question question;
    question.client = ownProgram();
    question.wanted = aToken();
    question.method = "token.get";
    question.reason = "nobody has allowed it yet";
    question.canBeKept = true;
    return question;
}

using Asked = std::shared_ptr<std::optional<Consent>>;

QCoro::Task<> await(Approvals& approvals, Question question, std::uint64_t connection, Asked into) {
    auto consent = co_await approvals.ask(std::move(question), connection);
    *into = std::move(consent);
}

Answer allowed(Span span) {
    Answer answer;
    answer.allow = true;
    answer.span = span;
    answer.by = "terminal";
    return answer;
}

} // namespace

class tst_Approvals : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    WallClock m_clock;
    std::unique_ptr<access::GrantStore> m_grants;
    std::unique_ptr<Approvals> m_approvals;

    /// Empty as long as it waits.
    Asked ask(Question question = aQuestion(), std::uint64_t connection = kAsker) {
        auto into = std::make_shared<std::optional<Consent>>();
        await(*m_approvals, std::move(question), connection, into);
        return into;
    }
    std::string openId() { return m_approvals->open().front().id; }

private Q_SLOTS:
    void init() {
        m_clock.now += 1000;
        m_grants = std::make_unique<access::GrantStore>(
            std::move(*access::GrantStore::open(m_folder.path().toStdString(), m_clock, {})));
        for (const access::Grant* grant : m_grants->all()) {
            QVERIFY(m_grants->remove(grant->id).has_value());
        }
        m_approvals = std::make_unique<Approvals>(m_clock, *m_grants);
    }

    void cleanup() { m_approvals->refuseAll(); } // calls that still wait would never end

    void withNobodyThereItIsRefusedAtOnce() {
        const Asked asked = ask();
        QVERIFY(asked->has_value());
        QVERIFY((*asked)->how == Answered::NobodyThere);
        QCOMPARE((*asked)->questionId, openId());
        QCOMPARE(m_approvals->open().front().waiting, 0U);
        QVERIFY(!m_approvals->isWaitedFor());
        ask();
        QCOMPARE(m_approvals->open().size(), std::size_t{1}); // the same question is one
        m_clock.now += Approvals::kMemory;
        QVERIFY(m_approvals->open().empty());
    }

    void whatWasRefusedCanStillBeAllowed() {
        const Asked asked = ask();
        QVERIFY(m_approvals->decide((*asked)->questionId, allowed(Span::Once)).has_value());
        QCOMPARE(m_grants->all().size(), std::size_t{1});
        QCOMPARE(m_grants->all().front()->usesLeft, std::int64_t{1});
        QVERIFY(access::fitOf(*m_grants->all().front(), ownProgram(), aToken(), m_clock.now) == access::Fit::Covers);
        QVERIFY(!m_approvals->decide((*asked)->questionId, allowed(Span::Once)).has_value());
    }

    void allWhoWaitGetOneAnswer() {
        m_approvals->attach(kApprover);
        const Asked first = ask();
        const Asked second = ask();
        QVERIFY(!first->has_value() && !second->has_value() && m_approvals->isWaitedFor());
        QCOMPARE(m_approvals->open().size(), std::size_t{1});
        QCOMPARE(m_approvals->open().front().waiting, 2U);
        QVERIFY(m_approvals->decide(openId(), allowed(Span::Once)).has_value());
        QVERIFY(first->has_value() && second->has_value());
        QVERIFY((*first)->how == Answered::Allowed && (*second)->how == Answered::Allowed);
        QCOMPARE(m_grants->all().front()->usesLeft, std::int64_t{2});
    }

    void whatDiffersIsAskedApart() {
        m_approvals->attach(kApprover);
        ask();
        Question narrower = aQuestion();
        narrower.wanted.scopes = {"read"};
        ask(narrower);
        Question other = aQuestion();
        other.client = rootsProgram();
        ask(other);
        QCOMPARE(m_approvals->open().size(), std::size_t{3});
    }

    void aNoHoldsForAWhile() {
        m_approvals->attach(kApprover);
        const Asked asked = ask();
        QVERIFY(m_approvals->decide(openId(), Answer{}).has_value());
        QVERIFY((*asked)->how == Answered::Denied);
        QVERIFY(m_grants->all().empty());
        const Asked again = ask();
        QVERIFY(again->has_value() && (*again)->how == Answered::Denied);
        m_clock.now += Approvals::kDenialHolds;
        QVERIFY(!ask()->has_value());
    }

    void withTheLastApproverGoesTheHope() {
        m_approvals->attach(kApprover);
        m_approvals->attach(kApprover + 1);
        const Asked asked = ask();
        m_approvals->gone(kApprover);
        QVERIFY(!asked->has_value());
        m_approvals->gone(kApprover + 1);
        QVERIFY((*asked)->how == Answered::NobodyThere);
        QVERIFY(m_approvals->open().empty());
    }

    void aQuestionEndsWithTheLastWhoWaits() {
        m_approvals->attach(kApprover);
        const Asked first = ask();
        const Asked same = ask();
        const Asked second = ask(aQuestion(), kAsker + 1);
        Question other = aQuestion();
        other.client = rootsProgram();
        const Asked others = ask(other, kAsker + 2);
        const std::uint64_t version = m_approvals->version();
        m_approvals->gone(kAsker);
        QVERIFY(m_approvals->version() != version);
        QVERIFY(!second->has_value());
        QCOMPARE(m_approvals->open().front().waiting, 1U); // as often an answer for one call holds
        m_approvals->gone(kAsker + 1);
        for (const Asked& asked : {first, same, second}) {
            QVERIFY(asked->has_value() && (*asked)->how == Answered::NobodyThere);
        }
        QVERIFY(!others->has_value());
        QCOMPARE(m_approvals->open().size(), std::size_t{1});
        QVERIFY(!ask()->has_value()); // nobody said no
    }

    void whatWasRefusedOutlivesItsConnection() {
        const Asked asked = ask();
        m_approvals->gone(kAsker);
        QVERIFY(m_approvals->decide((*asked)->questionId, allowed(Span::Once)).has_value());
    }

    void spans_data() {
        QTest::addColumn<bool>("recognizable");
        QTest::addColumn<bool>("canBeKept");
        QTest::addColumn<int>("span");
        QTest::addColumn<bool>("possible");
        const auto row = [](const char* name, bool recognizable, bool kept, Span span, bool possible) {
            QTest::newRow(name) << recognizable << kept << static_cast<int>(span) << possible;
        };
        row("once", true, true, Span::Once, true);
        row("session", true, true, Span::Session, true);
        row("always", true, true, Span::Always, true);
        row("an interpreter once", false, true, Span::Once, true);
        row("an interpreter for its session", false, true, Span::Session, true);
        row("an interpreter always", false, true, Span::Always, false);
        row("an interpreter until", false, true, Span::Until, false);
        row("a call once", true, false, Span::Once, true);
        row("a call for the session", true, false, Span::Session, false);
        row("a call always", true, false, Span::Always, false);
    }
    void spans() {
        QFETCH(const bool, recognizable);
        QFETCH(const bool, canBeKept);
        QFETCH(const int, span);
        QFETCH(const bool, possible);
        m_approvals->attach(kApprover);
        Question question = aQuestion();
        question.canBeKept = canBeKept;
        if (!recognizable) {
            question.client.kind = access::ClientKind::Interpreter;
        }
        const Asked asked = ask(question);
        QCOMPARE(m_approvals->decide(openId(), allowed(static_cast<Span>(span))).has_value(), possible);
        QCOMPARE(asked->has_value(), possible);
        QCOMPARE(m_grants->all().size(), possible && canBeKept ? std::size_t{1} : std::size_t{0});
    }

    void aPersonMayNarrow() {
        m_approvals->attach(kApprover);
        ask();
        Answer answer = allowed(Span::Always);
        answer.scopes = {"read"};
        QVERIFY(m_approvals->decide(openId(), answer).has_value());
        QCOMPARE(m_grants->all().front()->scopes, std::vector<std::string>{"read"});
    }

    void floodsAreLimited() {
        m_approvals->attach(kApprover);
        std::vector<Asked> asked;
        for (std::size_t i = 0; i <= Approvals::kMaxQuestionsOfOne; ++i) {
            Question question = aQuestion();
            question.wanted.credential = "account:" + std::to_string(i);
            asked.push_back(ask(question));
        }
        QVERIFY(asked.back()->has_value() && (*asked.back())->how == Answered::TooMany);
        QVERIFY(!asked.front()->has_value());
        Question other = aQuestion();
        other.client = rootsProgram();
        QVERIFY(!ask(other)->has_value()); // somebody else is heard
    }

    void withNobodyThereTheOldestMakesRoom() {
        for (std::size_t i = 0; i <= Approvals::kMaxQuestionsOfOne; ++i) {
            Question question = aQuestion();
            question.wanted.credential = "account:" + std::to_string(i);
            const Asked asked = ask(question);
            QVERIFY((*asked)->how == Answered::NobodyThere);
            ++m_clock.now;
        }
        const auto open = m_approvals->open();
        QCOMPARE(open.size(), Approvals::kMaxQuestionsOfOne);
        QCOMPARE(open.front().wanted.credential, std::string("account:1"));
    }

    void whoWatchesIsTold() {
        m_approvals->attach(kApprover);
        const std::uint64_t version = m_approvals->version();
        const auto done = std::make_shared<bool>(false);
        const auto watch = [](Approvals& approvals, std::uint64_t known, std::shared_ptr<bool> told) -> QCoro::Task<> {
            co_await approvals.change(known, std::chrono::seconds(30));
            *told = true;
        };
        watch(*m_approvals, version, done);
        QVERIFY(!*done);
        ask();
        QTRY_VERIFY(*done);
        QVERIFY(m_approvals->version() != version);
    }
};

QTEST_GUILESS_MAIN(tst_Approvals)
#include "tst_approvals.moc"
