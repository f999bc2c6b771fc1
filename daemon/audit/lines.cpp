#include "daemon/audit/lines.h"

#include "daemon/crypto/crypto.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

namespace keybearer::audit {
namespace {

constexpr std::uint64_t kSeekBytes = 64U << 10;

/// As much as there is of [begin, begin + size).
std::string readSome(int fd, std::uint64_t begin, std::uint64_t size) {
    std::string text(size, '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t n = ::pread(fd, text.data() + done, text.size() - done, static_cast<off_t>(begin + done));
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            break;
        }
        done += static_cast<std::size_t>(n);
    }
    text.resize(done);
    return text;
}

void cutIntoLines(Block& block, std::size_t from, std::size_t to) {
    const std::string_view text(block.text);
    while (from < to) {
        const std::size_t lf = text.find('\n', from);
        block.lines.push_back(text.substr(from, lf - from));
        from = lf + 1;
    }
}

/// The number of the line that the text begins with: rows begin with it.
std::optional<std::uint64_t> numberAt(std::string_view text) {
    constexpr std::string_view kRowBegin = R"({"seq":)";
    std::uint64_t number = 0;
    if (!text.starts_with(kRowBegin)) {
        return std::nullopt;
    }
    const auto [stop, error] = std::from_chars(text.data() + kRowBegin.size(), text.data() + text.size(), number);
    return error == std::errc() ? std::optional(number) : std::nullopt;
}

} // namespace

Block blockFrom(int fd, std::uint64_t begin, std::uint64_t end) {
    Block block;
    block.begin = block.end = begin;
    if (begin >= end) {
        return block;
    }
    block.text = readSome(fd, begin, std::min<std::uint64_t>(end - begin, kBlockBytes));
    const std::size_t last = block.text.rfind('\n');
    const std::size_t whole = last == std::string::npos ? 0 : last + 1;
    block.isDamaged = whole == 0 && !block.text.empty();
    block.end = begin + whole;
    cutIntoLines(block, 0, whole);
    return block;
}

Block blockUpTo(int fd, std::uint64_t end) {
    Block block;
    const std::uint64_t size = std::min<std::uint64_t>(end, kBlockBytes + 1); // with the LF before the first line
    block.begin = end - size;
    block.end = end;
    block.text = readSome(fd, block.begin, size);
    if (block.text.size() < size || size == 0 || !block.text.ends_with('\n')) {
        block.isDamaged = size != 0;
        return block;
    }
    std::size_t from = 0;
    if (block.begin != 0) {
        from = block.text.find('\n') + 1;
        block.begin += from;
    }
    block.isDamaged = block.begin == end;
    cutIntoLines(block, from, block.text.size());
    return block;
}

std::uint64_t placeOfRow(int fd, std::uint64_t size, std::uint64_t sequence) {
    std::uint64_t low = 0;
    std::uint64_t high = size;
    while (high - low > kSeekBytes) {
        const std::uint64_t middle = low + (high - low) / 2;
        const std::string text = readSome(fd, middle, kBlockBytes);
        const std::size_t lf = text.find('\n');
        const auto number = lf == std::string::npos ? std::nullopt : numberAt(std::string_view(text).substr(lf + 1));
        if (!number || *number >= sequence) {
            high = middle;
        } else {
            low = middle + lf + 1;
        }
    }
    return low;
}

std::optional<std::string> hashOfRow(const std::vector<Segment>& files, std::uint64_t sequence) {
    for (const Segment& file : files) {
        if (file.first == 0 || sequence < file.first || sequence > file.last) {
            continue;
        }
        const base::UniqueFd fd = openToRead(file.path);
        std::uint64_t place = placeOfRow(fd.get(), file.bytes, sequence);
        for (Block block = blockFrom(fd.get(), place, file.bytes); !block.lines.empty();
             block = blockFrom(fd.get(), place, file.bytes)) {
            for (const std::string_view line : block.lines) {
                const auto row = readLine(line);
                if (row && row->sequence == sequence) {
                    return crypto::sha256Hex(line);
                }
                if (row && row->sequence > sequence) {
                    return std::nullopt;
                }
            }
            place = block.end;
        }
    }
    return std::nullopt;
}

} // namespace keybearer::audit
