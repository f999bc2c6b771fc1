#include "daemon/audit/verify.h"

#include "daemon/crypto/crypto.h"
#include "ipc/base/text.h"

#include <algorithm>
#include <utility>

namespace keybearer::audit {
namespace {

std::string numbers(std::uint64_t first, std::uint64_t last) {
    return first == last ? "row " + std::to_string(first)
                         : "rows " + std::to_string(first) + " to " + std::to_string(last);
}

} // namespace

Verification::Verification(std::vector<Segment> files, Expected expected)
    : m_files(std::move(files)), m_expected(std::move(expected)), m_fds(openToRead(m_files)) {
    readHead();
}

void Verification::readHead() {
    if (!m_expected.key) {
        return addNote("the seal cannot be checked: " + m_expected.whyNoKey);
    }
    if (!m_expected.head) {
        return add("the seal (audit.head) is missing, so the end of the record proves nothing");
    }
    auto head = parseHead(*m_expected.head);
    if (!head) {
        return add("the seal (audit.head) is not what a broker writes: it was changed");
    }
    if (!isSealedBy(*head, *m_expected.key)) {
        return add("the seal (audit.head) was not made with this record's key: it was changed, or belongs to another "
                   "record");
    }
    m_head = std::move(head);
}

void Verification::add(std::string text, std::uint64_t row) {
    if (m_report.problems.size() == kMostProblems) {
        m_report.hasMoreProblems = true;
        return;
    }
    const std::string path =
        m_files.empty() ? std::string() : m_files[m_next == 0 ? m_files.size() - 1 : m_next - 1].path;
    m_report.problems.push_back({path, m_line, row, std::move(text)});
}

void Verification::addNote(std::string text) {
    if (m_report.notes.size() < kMostNotes) {
        m_report.notes.push_back(std::move(text));
    }
}

void Verification::nextFile() {
    const base::UniqueFd& fd = m_fds[m_next++];
    m_line = 0;
    m_place = 0;
    m_inFile = static_cast<bool>(fd);
    if (!m_inFile) {
        add("this file cannot be opened, so its rows are missing");
    }
}

bool Verification::step() {
    if (!m_inFile) {
        if (m_next == m_files.size()) {
            finish();
            return false;
        }
        nextFile();
        return true;
    }
    const std::uint64_t size = m_files[m_next - 1].bytes;
    const Block block = blockFrom(m_fds[m_next - 1].get(), m_place, size);
    for (const std::string_view line : block.lines) {
        ++m_line;
        check(line);
    }
    m_place = block.end;
    if (block.isDamaged) {
        ++m_line;
        add(block.text.size() < kBlockBytes ? "this line is incomplete" : "this line is too long for a record");
    }
    if (block.lines.empty() || m_place == size) {
        m_inFile = false;
    }
    return true;
}

void Verification::check(std::string_view line) {
    const auto row = readLine(line);
    if (!row) {
        add("this line is not a record");
        return;
    }
    checkChain(*row);
    m_hash = crypto::sha256Hex(line);
    m_report.last = row->sequence;
    ++m_report.rows;
    checkAgainstExpected(*row);
    readNews(*row);
}

void Verification::checkChain(const Row& row) {
    if (m_report.rows == 0) {
        m_report.first = row.sequence;
        m_report.firstTime = row.time;
        m_base = Mark{row.sequence - 1, std::string(row.previousHash)};
        m_baseProblem = {m_files[m_next - 1].path, m_line, row.sequence, {}};
        return;
    }
    const std::uint64_t wanted = m_report.last + 1;
    if (row.sequence != wanted) {
        add("this line has another number, " + std::to_string(row.sequence) + " in the place of " +
                std::to_string(wanted) + ": " +
                (row.sequence > wanted ? numbers(wanted, row.sequence - 1) + " were taken out, or lines were moved"
                                       : "a line was put in, repeated or moved"),
            row.sequence);
    } else if (row.previousHash != m_hash) {
        add("this line does not follow from the one before it, row " + std::to_string(m_report.last) +
                ": one of them was changed",
            row.sequence);
    }
}

void Verification::checkAgainstExpected(const Row& row) {
    if (m_head && row.sequence == m_head->mark.count) {
        m_sawSealed = true;
        if (m_hash != m_head->mark.hash) {
            add("this is not the row that was sealed as number " + std::to_string(row.sequence) +
                    ": the rows up to it were written anew",
                row.sequence);
        }
    } else if (row.sequence == m_expected.written.count && m_hash != m_expected.written.hash) {
        add("this is not the row that the broker has written as number " + std::to_string(row.sequence), row.sequence);
    }
}

void Verification::readNews(const Row& row) {
    const std::string number = "row " + std::to_string(row.sequence) + ": ";
    const auto reason = [&] { return base::printable(unescaped(row.record.reason), 500); };
    if (row.record.event == "audit.tampered") {
        add("the broker found when it started: " + reason(), row.sequence);
    } else if (row.record.event == "audit.removed") {
        if (auto mark = parseRemoved(row.record.removed)) {
            m_removed.push_back(std::move(*mark));
        }
        addNote(number + reason());
    } else if (row.record.event == "audit.repair" || row.record.event == "audit.seal") {
        addNote(number + reason());
    }
}

/// The rows before the first one: there were none, or a row says that they were removed.
void Verification::finishBase() {
    const bool isFirst = m_base->count == 0 && m_base->hash == firstHash();
    const bool isExplained = std::ranges::any_of(m_removed, [this](const Mark& removed) {
        return removed.count == m_base->count && removed.hash == m_base->hash;
    });
    if (isFirst || isExplained) {
        return;
    }
    m_baseProblem.text = m_base->count == 0 ? "this line does not follow from nothing, as row 1 must: it was changed"
                                            : "this line has another number than 1: " + numbers(1, m_base->count) +
                                                  " are missing, and no row says that the broker removed them";
    m_report.problems.insert(m_report.problems.begin(), m_baseProblem);
}

void Verification::finishEnd() {
    const std::uint64_t last = m_report.last;
    const std::uint64_t written = m_expected.written.count;
    if (m_head && m_head->mark.count > last) {
        add("the record ends here, and the seal says that there were " + std::to_string(m_head->mark.count) +
                " rows: " + numbers(last + 1, m_head->mark.count) + " were cut off",
            last);
    } else if (written > last) {
        add("the record ends here, and the broker has written " + std::to_string(written) +
                " rows: " + numbers(last + 1, written) + " were cut off, or the file was replaced",
            last);
    }
    if (!m_head) {
        return;
    }
    m_report.sealed = m_sawSealed && m_report.problems.empty() ? m_head->mark.count : 0;
    if (m_head->mark.count < last) {
        addNote(numbers(m_head->mark.count + 1, last) + " not sealed yet");
    }
    if (!m_sawSealed && m_head->mark.count < m_report.first) {
        addNote("row " + std::to_string(m_head->mark.count) + ", which is sealed, was removed since then");
    }
}

void Verification::finish() {
    if (m_base) {
        finishBase();
    }
    finishEnd();
}

} // namespace keybearer::audit
