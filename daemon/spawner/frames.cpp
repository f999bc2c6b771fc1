#include "daemon/spawner/frames.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace keybearer::spawner {
namespace {

struct KindRow {
    FrameKind kind;
    Direction direction;
    std::size_t fewestWords;
    std::size_t mostWords;
};
constexpr std::array<KindRow, 18> kKinds{{
    {FrameKind::AllowCommand, Direction::ToHelper, 1, kMaxWords},
    {FrameKind::AllowProfile, Direction::ToHelper, 1, 1},
    {FrameKind::AllowFile, Direction::ToHelper, 1, 1},
    {FrameKind::Hide, Direction::ToHelper, 1, 1},
    {FrameKind::Seal, Direction::ToHelper, 0, 0},
    {FrameKind::Run, Direction::ToHelper, 1, kMaxWords},
    {FrameKind::End, Direction::ToHelper, 0, 0},
    {FrameKind::Open, Direction::ToHelper, 1, 1},
    {FrameKind::Executable, Direction::ToHelper, 0, 0},
    {FrameKind::Look, Direction::ToHelper, 1, 1},
    {FrameKind::Ask, Direction::ToHelper, 1, kMaxWords},
    {FrameKind::Started, Direction::ToBroker, 0, 0},
    {FrameKind::Exited, Direction::ToBroker, 0, 0},
    {FrameKind::Killed, Direction::ToBroker, 0, 0},
    {FrameKind::NotStarted, Direction::ToBroker, 0, 0},
    {FrameKind::Opened, Direction::ToBroker, 0, 0},
    {FrameKind::ExecutableIs, Direction::ToBroker, 0, 1},
    {FrameKind::Answer, Direction::ToBroker, 1, kMaxWords},
}};

const KindRow* rowOf(std::uint8_t kind) {
    const auto found = std::ranges::find(kKinds, static_cast<FrameKind>(kind), &KindRow::kind);
    return found == kKinds.end() ? nullptr : &*found;
}

bool hasItsWords(const KindRow& row, const std::vector<std::string>& words) {
    return words.size() >= row.fewestWords && words.size() <= row.mostWords &&
           std::ranges::none_of(words, [](const std::string& word) { return word.find('\0') != std::string::npos; }) &&
           (words.empty() || !words.front().empty());
}

void putNumber(std::vector<unsigned char>& out, std::uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
        out.push_back(static_cast<unsigned char>(value >> shift));
    }
}

/// Little endian; takes the bytes from the front. nullopt: there are fewer than four.
std::optional<std::uint32_t> takeNumber(std::span<const unsigned char>& bytes) {
    if (bytes.size() < 4) {
        return std::nullopt;
    }
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        value |= static_cast<std::uint32_t>(bytes[i]) << (8 * i);
    }
    bytes = bytes.subspan(4);
    return value;
}

/// Room for one descriptor, as recvmsg(2) and sendmsg(2) want it.
union ControlBuffer {
    char bytes[CMSG_SPACE(sizeof(int))];
    cmsghdr alignment;
};

/// Takes all descriptors of a message. The padding of a control message has room for one more than was asked for.
std::vector<base::UniqueFd> descriptorsOf(msghdr& message) {
    std::vector<base::UniqueFd> taken;
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_RIGHTS) {
            for (std::size_t at = CMSG_LEN(0); at + sizeof(int) <= part->cmsg_len; at += sizeof(int)) {
                int fd = -1;
                std::memcpy(&fd, CMSG_DATA(part) + (at - CMSG_LEN(0)), sizeof fd);
                taken.emplace_back(fd);
            }
        }
    }
    return taken;
}

} // namespace

std::optional<Frame> parseFrame(std::span<const unsigned char> bytes, Direction direction) {
    if (bytes.empty() || bytes.size() > kMaxFrame) {
        return std::nullopt;
    }
    const KindRow* row = rowOf(bytes.front());
    bytes = bytes.subspan(1);
    const auto id = takeNumber(bytes);
    const auto number = takeNumber(bytes);
    const auto count = takeNumber(bytes);
    if (row == nullptr || row->direction != direction || !count || *count > row->mostWords) {
        return std::nullopt;
    }
    Frame frame{row->kind, *id, static_cast<std::int32_t>(*number), {}};
    for (std::uint32_t i = 0; i < *count; ++i) {
        const auto size = takeNumber(bytes);
        if (!size || *size > bytes.size()) {
            return std::nullopt;
        }
        frame.words.emplace_back(bytes.begin(), bytes.begin() + *size);
        bytes = bytes.subspan(*size);
    }
    if (!bytes.empty() || !hasItsWords(*row, frame.words)) {
        return std::nullopt;
    }
    return frame;
}

std::optional<std::vector<unsigned char>> encodeFrame(const Frame& frame) {
    const KindRow* row = rowOf(static_cast<std::uint8_t>(frame.kind));
    if (row == nullptr || !hasItsWords(*row, frame.words)) {
        return std::nullopt;
    }
    std::vector<unsigned char> out{static_cast<unsigned char>(frame.kind)};
    putNumber(out, frame.id);
    putNumber(out, static_cast<std::uint32_t>(frame.number));
    putNumber(out, static_cast<std::uint32_t>(frame.words.size()));
    for (const std::string& word : frame.words) {
        if (word.size() > kMaxFrame) {
            return std::nullopt;
        }
        putNumber(out, static_cast<std::uint32_t>(word.size()));
        out.insert(out.end(), word.begin(), word.end());
    }
    if (out.size() > kMaxFrame) {
        return std::nullopt;
    }
    return out;
}

bool sendFrame(int socket, const Frame& frame, int descriptor) {
    auto bytes = encodeFrame(frame);
    if (!bytes) {
        errno = EMSGSIZE;
        return false;
    }
    iovec part{bytes->data(), bytes->size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ControlBuffer control{};
    if (descriptor >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        cmsghdr* head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
    }
    ssize_t sent = -1;
    do {
        sent = ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(bytes->size());
}

base::Result<Packet, Silence> receiveFrame(int socket, Direction direction) {
    std::array<unsigned char, kMaxFrame> buffer;
    iovec part{buffer.data(), buffer.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    ControlBuffer control{};
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    ssize_t size = -1;
    do {
        size = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        return base::fail(Silence::Nothing);
    }
    if (size <= 0) {
        return base::fail(Silence::Broken);
    }
    std::vector<base::UniqueFd> descriptors = descriptorsOf(message);
    auto frame = parseFrame({buffer.data(), static_cast<std::size_t>(size)}, direction);
    // MSG_CTRUNC: the kernel has closed descriptors that found no room.
    if (!frame || descriptors.size() > 1 || (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        return base::fail(Silence::Broken);
    }
    Packet packet{std::move(*frame), descriptors.empty() ? base::UniqueFd() : std::move(descriptors.front())};
    return packet;
}

} // namespace keybearer::spawner
