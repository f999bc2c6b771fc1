#include "app/cli/audit_text.h"

#include "app/cli/output.h"
#include "app/cli/when.h"

#include <algorithm>

namespace keybearer::cli {
namespace {

using nlohmann::json;

constexpr const char* kGap = "  ";

std::string programOf(const json& row) {
    const std::string exe = textOf(row, "exe");
    const std::string name = shown(exe.substr(exe.rfind('/') + 1), 40);
    const std::string pid = std::to_string(numberOf(row, "pid").value_or(0));
    return name.empty() ? "process " + pid : name + "[" + pid + "]";
}

/// "apiKey from store, baseURL from default"
std::string originsOf(const json& row) {
    std::string fields = textOf(row, "fields");
    std::string layers = textOf(row, "layers");
    const auto next = [](std::string& list) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string first = list.substr(0, comma);
        list.erase(0, comma + 1);
        return first;
    };
    std::string out;
    while (!fields.empty()) {
        const std::string field = next(fields);
        const std::string layer = next(layers);
        out.append(out.empty() ? "" : ", ").append(field).append(" from ").append(layer.empty() ? "?" : layer);
    }
    return out;
}

std::string whatOf(const json& row) {
    std::string what = textOf(row, "event");
    const std::string credential = textOf(row, "credential");
    const std::string account = textOf(row, "account");
    const std::string source = textOf(row, "source");
    const std::string origins = originsOf(row);
    what.append(credential.empty() ? "" : " ").append(credential);
    if (!account.empty() && account != credential) {
        what.append(" of ").append(account);
    }
    if (!source.empty() || !origins.empty()) {
        what.append(" (").append(source).append(origins).append(")");
    }
    return shown(what, 200);
}

std::string whyOf(const json& row) {
    std::string why = textOf(row, "reason");
    for (const char* name : {"grant", "client_key", "purpose"}) {
        if (const std::string text = textOf(row, name); !text.empty()) {
            why.append(why.empty() ? "" : "; ").append(name).append(" ").append(text);
        }
    }
    return shown(why, 300);
}

} // namespace

std::string auditLine(const json& row, bool colour) {
    const std::string verdict = shown(textOf(row, "verdict"), 20);
    const std::string unusual = shown(joinedOf(row, "unusual", ", "));
    std::string line = localSecond(numberOf(row, "time").value_or(0));
    line.append(kGap).append(programOf(row)).append(kGap).append(whatOf(row));
    if (!verdict.empty()) {
        line.append(kGap).append(styled(verdict, verdict == "allow" ? Style::Good : Style::Bad, colour));
    }
    if (!unusual.empty()) {
        line.append(kGap).append(styled("unusual: " + unusual, Style::Warning, colour));
    }
    if (const std::string why = whyOf(row); !why.empty()) {
        line.append(kGap).append(why);
    }
    return line.append("\n");
}

std::string auditJsonLine(const json& row) {
    return row.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
}

std::string verifyText(const json& report, bool colour) {
    const json& problems = listOf(report, "problems");
    std::string out;
    if (problems.empty()) {
        const auto rows = numberOf(report, "rows").value_or(0);
        const auto firstTime = numberOf(report, "first_time");
        const auto sealed = numberOf(report, "sealed");
        out = styled("The record is whole.", Style::Good, colour) + " " + std::to_string(rows) +
              (rows == 1 ? " row" : " rows") + (firstTime ? " since " + localSecond(*firstTime) : "") +
              (sealed ? ", sealed up to row " + std::to_string(*sealed) : ", not sealed") + ".\n";
    } else {
        out = styled("The record is not as it was written:", Style::Bad, colour) + "\n";
    }
    for (const json& problem : problems) {
        const auto line = numberOf(problem, "line").value_or(0);
        out += kGap + shown(textOf(problem, "file")) + (line == 0 ? "" : ":" + std::to_string(line)) + ": " +
               shown(textOf(problem, "message")) + "\n";
    }
    if (report.value("more_problems", json()) == true) {
        out += "  ... and more.\n";
    }
    for (const json& note : listOf(report, "notes")) {
        out += "Note: " + shown(note.is_string() ? note.get<std::string>() : std::string()) + ".\n";
    }
    return out;
}

} // namespace keybearer::cli
