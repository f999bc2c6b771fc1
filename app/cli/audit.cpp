#include "app/cli/audit_text.h"
#include "app/cli/broker.h"
#include "app/cli/failure.h"
#include "app/cli/output.h"
#include "app/cli/verbs.h"
#include "app/cli/when.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

namespace keybearer::cli {
namespace {

using nlohmann::json;

constexpr std::int64_t kPage = 500;
constexpr std::int64_t kMostShown = 1'000'000;
constexpr std::int64_t kFollowSeconds = 60;
constexpr std::chrono::milliseconds kNoBrokerPause{500};

struct AuditOptions {
    bool follow = false;
    bool unusual = false;
    std::string since;
    std::string client;
    std::string credential;
    std::int64_t limit = 50;
};

struct VerifyOptions {};

client::Result<json> filterOf(const AuditOptions& options) {
    json params = json::object();
    if (!options.since.empty()) {
        const auto since = parseWhen(options.since, currentTime());
        if (!since) {
            return base::fail(
                usageError("--since takes 30m, 2h, 3d, today, yesterday, 2026-03-01 or \"2026-03-01 14:05\""));
        }
        params["since"] = *since;
    }
    for (const auto& [name, text] :
         {std::pair("client", &options.client), std::pair("credential", &options.credential)}) {
        if (!text->empty()) {
            params[name] = *text;
        }
    }
    if (options.unusual) {
        params["unusual"] = true;
    }
    return params;
}

client::Result<void> printRows(const json& rows, bool asJson) {
    const bool colour = colourOnStdout();
    std::string text;
    for (const json& row : rows) {
        text += asJson ? auditJsonLine(row) : auditLine(row, colour);
    }
    return text.empty() ? client::Result<void>() : print(text);
}

/// The newest rows, oldest first, and the number of the record's newest row.
struct Newest {
    json rows = json::array();
    std::int64_t last = 0;
    bool more = false; ///< there are older ones
};

client::Result<Newest> newestRows(const json& filter, std::int64_t limit) {
    Newest found;
    std::vector<json> pages; // newest first
    json params = filter;
    bool goesOn = true;
    for (std::int64_t left = limit; goesOn && left > 0;) {
        params["limit"] = std::min(left, kPage);
        auto page = askBroker(Start::IfNeeded, "audit.query", params);
        if (!page) {
            return base::fail(page.error());
        }
        if (!params.contains("before")) {
            found.last = numberOf(*page, "last").value_or(0);
        }
        goesOn = page->value("more", json()) == true;
        params["before"] = numberOf(*page, "reached").value_or(0);
        left -= static_cast<std::int64_t>(listOf(*page, "rows").size());
        pages.push_back(listOf(*page, "rows"));
        found.more = goesOn;
    }
    std::for_each(pages.rbegin(), pages.rend(),
                  [&](const json& page) { found.rows.insert(found.rows.end(), page.begin(), page.end()); });
    return found;
}

Outcome follow(json params, std::int64_t after, bool asJson) {
    params["limit"] = kPage;
    params["wait"] = kFollowSeconds;
    for (;;) { // until somebody interrupts it, or nobody reads any more
        params["after"] = after;
        const auto page = askBroker(Start::Never, "audit.query", params);
        if (!page && page.error().kind == "no_broker") { // it was stopped, or is replaced; whoever watches starts none
            std::this_thread::sleep_for(kNoBrokerPause);
            continue;
        }
        if (!page) {
            return base::fail(page.error());
        }
        after = numberOf(*page, "reached").value_or(after);
        if (const auto printed = printRows(listOf(*page, "rows"), asJson); !printed) {
            return base::fail(printed.error());
        }
    }
}

Outcome audit(const AuditOptions& options, bool asJson) {
    if (options.limit < 0 || options.limit > kMostShown) {
        return base::fail(usageError("--limit takes a number from 0 to 1000000"));
    }
    const auto filter = filterOf(options);
    if (!filter) {
        return base::fail(filter.error());
    }
    // --limit 0 asks for the record's end alone.
    const auto newest = newestRows(*filter, std::max<std::int64_t>(options.limit, 1));
    if (!newest) {
        return base::fail(newest.error());
    }
    if (options.limit > 0) {
        if (const auto printed = printRows(newest->rows, asJson); !printed) {
            return base::fail(printed.error());
        }
    }
    if (options.follow) {
        return follow(*filter, newest->last, asJson);
    }
    if (!asJson && newest->rows.empty()) {
        note("No rows.\n");
    } else if (!asJson && newest->more) {
        note("These are the newest; --limit shows more.\n");
    }
    return 0;
}

Outcome verify(const VerifyOptions&, bool asJson) {
    const auto report = askBroker(Start::IfNeeded, "audit.verify");
    if (!report) {
        return base::fail(report.error());
    }
    const bool isWhole = report->value("ok", json()) == true;
    return print(asJson ? jsonText(*report) : verifyText(*report, colourOnStdout())).map([&] {
        return isWhole ? 0 : 1;
    });
}

} // namespace

void addAudit(CLI::App& root, Invocation& invocation) {
    CLI::App* verb = root.add_subcommand("audit", "Show which program got what, when and why");
    auto options = std::make_shared<AuditOptions>();
    verb->add_flag("--follow", options->follow, "Go on with rows as they come");
    verb->add_option("--since", options->since, "Only rows of this time and later: 2h, 3d, today, 2026-03-01")
        ->type_name("WHEN");
    verb->add_option("--client", options->client, "Only programs with this in their path")->type_name("PROGRAM");
    verb->add_option("--credential", options->credential, "Only this account, provider or PROVIDER/NAME")
        ->type_name("CREDENTIAL");
    verb->add_flag("--unusual", options->unusual,
                   "Only what is unusual: a new program, a burst, an hour of the day that is new");
    verb->add_option("--limit", options->limit, "Rows at most, the newest ones; 50 when left out")->type_name("N");
    addJsonFlag(*verb, invocation);
    verb->footer(helpFooter({"keybearer audit", "keybearer audit --since 2h --client git",
                             "keybearer audit --follow --unusual", "keybearer audit verify"},
                            {0, 2, 8}));
    // Its own callback runs for the verb below it, too.
    verb->callback([verb, &invocation, options] {
        if (verb->get_subcommands().empty()) {
            invocation.run = [&invocation, options] { return audit(*options, invocation.json); };
        }
    });
    CLI::App* check = verb->add_subcommand("verify", "Check the whole record: nothing changed, removed or cut off");
    addJsonFlag(*check, invocation);
    check->footer(helpFooter({"keybearer audit verify"}, {0, 1, 6, 8}));
    onRun(*check, invocation, std::make_shared<VerifyOptions>(), verify);
}

} // namespace keybearer::cli
