#include "daemon/audit/query.h"
#include "daemon/audit/verify.h"
#include "daemon/rpc/handlers.h"

#include <QCoroTimer>
#include <QTimer>

#include <algorithm>
#include <iterator>

namespace keybearer::rpc {
namespace {

using accounts::failure;
using audit::Search;
using nlohmann::json;
using protocol::ErrorKind;
using std::chrono::milliseconds;

constexpr std::int64_t kMaxRows = 500;
constexpr std::int64_t kDefaultRows = 100;
constexpr std::int64_t kMaxAuditWait = 300;
/// The year 9999.
constexpr std::int64_t kMaxMoment = 253'402'300'799;
/// Numbers that every JSON reader keeps whole (RFC 8259 section 6).
constexpr std::int64_t kMaxRow = (std::int64_t{1} << 53) - 1;
/// Read for one question at most, so that one that matches nothing ends.
constexpr std::uint64_t kMaxBytesRead = 16U << 20U;
constexpr milliseconds kLookAgain{100};
constexpr milliseconds kCommitLook{10};
/// A disk that has not taken the newest rows by then is checked without them.
constexpr milliseconds kCommitWait{3'000};

struct Question {
    audit::Filter filter;
    Search::Way way = Search::Way::Backwards;
    std::uint64_t from = UINT64_MAX;
    std::size_t limit = 0;
    std::chrono::seconds wait{0};
};

/// Gives the other connections their turn.
QCoro::Task<> pauseFor(milliseconds time) {
    QTimer turn;
    turn.start(time);
    co_await turn;
}

/// An integer parameter in its range; nullopt when absent. The first problem is kept.
std::optional<std::int64_t> numberIn(const protocol::Params& params, std::string_view name, std::int64_t low,
                                     std::int64_t high, std::optional<protocol::Error>& problem) {
    const auto value = params.integer(name);
    if (!value || problem) {
        return std::nullopt;
    }
    const auto checked = protocol::inRange(name, *value, low, high);
    if (!checked) {
        problem = checked.error();
        return std::nullopt;
    }
    return *checked;
}

protocol::Result<Question> questionOf(const protocol::Params& params) {
    std::optional<protocol::Error> problem;
    Question question;
    question.filter.since = numberIn(params, "since", 0, kMaxMoment, problem);
    question.filter.until = numberIn(params, "until", 0, kMaxMoment, problem);
    question.filter.client = params.string("client").value_or("");
    question.filter.credential = params.string("credential").value_or("");
    question.filter.event = params.string("event").value_or("");
    question.filter.verdict = params.string("verdict").value_or("");
    question.filter.unusual = params.boolean("unusual");
    question.limit = static_cast<std::size_t>(numberIn(params, "limit", 1, kMaxRows, problem).value_or(kDefaultRows));
    const auto after = numberIn(params, "after", 0, kMaxRow, problem);
    const auto before = numberIn(params, "before", 0, kMaxRow, problem);
    const auto wait = numberIn(params, "wait", 0, kMaxAuditWait, problem);
    if (problem) {
        return base::fail(std::move(*problem));
    }
    const std::string& verdict = question.filter.verdict;
    if (!verdict.empty() && verdict != "allow" && verdict != "deny") {
        return base::fail(failure(ErrorKind::InvalidValue, "`verdict` is \"allow\" or \"deny\""));
    }
    if ((after && before) || (wait && !after)) {
        return base::fail(
            failure(ErrorKind::InvalidValue, "`after` and `before` exclude each other, and `wait` goes with `after`"));
    }
    if (after || before) {
        question.way = after ? Search::Way::Forwards : Search::Way::Backwards;
        question.from = static_cast<std::uint64_t>(after ? *after : *before);
    }
    question.wait = std::chrono::seconds(wait.value_or(0));
    return question;
}

json rowOf(const std::string& line) {
    const auto row = audit::readLine(line);
    const audit::Record& record = row->record;
    json out{{"sequence", row->sequence}, {"time", row->time}, {"uid", record.uid}, {"pid", record.pid}};
    out["exe"] = audit::unescaped(record.exe);
    for (const auto& [name, member] : audit::kFirstTexts) {
        out[std::string(name)] = audit::unescaped(record.*member);
    }
    for (const auto& [name, member] : audit::kOptionalTexts) {
        const std::string text = audit::unescaped(record.*member);
        if (name == "unusual" && !text.empty()) {
            json ways = json::array();
            for (std::size_t begin = 0; begin <= text.size();) {
                const std::size_t end = std::min(text.find(',', begin), text.size());
                ways.push_back(text.substr(begin, end - begin));
                begin = end + 1;
            }
            out["unusual"] = std::move(ways);
        } else if (!text.empty()) {
            out[std::string(name)] = text;
        }
    }
    return out;
}

json answerTo(Search& search, std::uint64_t last) {
    json rows = json::array();
    for (const std::string& line : search.takeLines()) {
        rows.push_back(rowOf(line));
    }
    return {{"rows", std::move(rows)},
            {"reached", std::min<std::uint64_t>(search.reached(), kMaxRow)},
            {"more", search.hasMore()},
            {"last", last},
            {"damaged", search.damaged()}};
}

json problemOf(const audit::Problem& problem) {
    return {{"file", problem.file.substr(problem.file.rfind('/') + 1)},
            {"line", problem.line},
            {"row", problem.row == 0 ? json() : json(problem.row)},
            {"message", problem.text}};
}

json answerOf(const audit::Report& report) {
    json problems = json::array();
    std::ranges::transform(report.problems, std::back_inserter(problems), problemOf);
    const auto orNothing = [&](auto value) { return report.rows == 0 ? json() : json(value); };
    return {{"ok", report.problems.empty()},
            {"rows", report.rows},
            {"first", orNothing(report.first)},
            {"first_time", orNothing(report.firstTime)},
            {"last", orNothing(report.last)},
            {"sealed", report.sealed == 0 ? json() : json(report.sealed)},
            {"problems", std::move(problems)},
            {"more_problems", report.hasMoreProblems},
            {"notes", report.notes}};
}

} // namespace

QCoro::Task<Reply> auditQuery(Services& services, Call call) {
    auto question = questionOf(call.params);
    if (!question) {
        co_return base::fail(std::move(question.error()));
    }
    const auto end = services.clock.steady() + question->wait;
    for (;;) {
        const std::uint64_t last = services.audit.count();
        Search search(services.audit.files(), question->filter, question->way, question->from, question->limit);
        while (search.bytesRead() < kMaxBytesRead && search.step()) {
            co_await pauseFor(milliseconds(0));
        }
        json answer = answerTo(search, last);
        question->from = search.reached();
        const bool isOver = services.clock.steady() >= end || !services.isOpen(call.connection);
        if (!answer["rows"].empty() || search.hasMore() || isOver) {
            co_return answer;
        }
        do { // a look at a number now and then costs less than a word at each release
            co_await pauseFor(kLookAgain);
        } while (services.audit.count() == last && services.clock.steady() < end && services.isOpen(call.connection));
    }
}

QCoro::Task<Reply> auditVerify(Services& services, Call) {
    audit::Expected expected;
    expected.whyNoKey = co_await services.seal.open();
    services.audit.hurry();
    const auto end = services.clock.steady() + kCommitWait;
    while (!services.audit.isSettled() && services.clock.steady() < end) {
        co_await pauseFor(kCommitLook);
    }
    // All of it in one moment: the next row may come in the next.
    expected.written = services.audit.mark();
    expected.key = services.seal.key();
    expected.head = services.audit.headText();
    audit::Verification verification(services.audit.files(), std::move(expected));
    while (verification.step()) {
        co_await pauseFor(milliseconds(0));
    }
    co_return answerOf(verification.report());
}

} // namespace keybearer::rpc
