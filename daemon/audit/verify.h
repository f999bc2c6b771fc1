#pragma once
/// \file
/// Checks the whole record: every line, and its end against the seal. FORMAT.md says what that proves.

#include "daemon/audit/head.h"
#include "daemon/audit/lines.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace keybearer::audit {

/// What the record is held against.
struct Expected {
    /// What this broker has written: the record must end so. count 0: nobody knows.
    Mark written;
    /// nullopt: the key cannot be had, and `whyNoKey` says why.
    std::optional<SealKey> key;
    std::string whyNoKey;
    /// audit.head as it is; nullopt: there is no such file.
    std::optional<std::string> head;
};

/// "audit.log:3: sentence"
struct Problem {
    std::string file;       ///< its path
    std::uint64_t line = 0; ///< 0: the file as a whole
    std::uint64_t row = 0;  ///< the row's number, as far as one can be read; else 0
    std::string text;
};

struct Report {
    std::uint64_t rows = 0; ///< lines that are rows
    std::uint64_t first = 0;
    std::int64_t firstTime = 0; ///< UTC seconds
    std::uint64_t last = 0;
    std::uint64_t sealed = 0;      ///< the row that the seal names, when the seal holds; else 0
    std::vector<Problem> problems; ///< at most kMostProblems
    std::vector<std::string> notes;
    bool hasMoreProblems = false;
};

/// Main thread. Reads the files only as far as they went when it was made; what is appended meanwhile is not looked at.
class Verification {
public:
    static constexpr std::size_t kMostProblems = 50;
    static constexpr std::size_t kMostNotes = 100;

    /// `files` oldest first.
    Verification(std::vector<Segment> files, Expected expected);

    /// Checks one block of a file; false when all is done, and report() is whole.
    bool step();
    [[nodiscard]] const Report& report() const noexcept { return m_report; }

private:
    void readHead();
    void nextFile();
    void check(std::string_view line);
    void checkChain(const Row& row);
    void checkAgainstExpected(const Row& row);
    /// Rows that the broker itself wrote about the record.
    void readNews(const Row& row);
    void finish();
    void finishBase();
    void finishEnd();
    void add(std::string text, std::uint64_t row = 0);
    void addNote(std::string text);

    std::vector<Segment> m_files;
    Expected m_expected;
    std::optional<Head> m_head;        ///< when it is sealed with the key
    std::vector<base::UniqueFd> m_fds; ///< of the files
    std::size_t m_next = 0;            ///< the next file
    bool m_inFile = false;             ///< in the one before it
    std::uint64_t m_place = 0;
    std::uint64_t m_line = 0; ///< in the file
    std::string m_hash = firstHash();
    std::optional<Mark> m_base; ///< what comes before the first row
    Problem m_baseProblem;      ///< unless a row explains it
    std::vector<Mark> m_removed;
    bool m_sawSealed = false;
    Report m_report;
};

} // namespace keybearer::audit
