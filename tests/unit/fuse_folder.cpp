#include "tests/unit/fuse_folder.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

namespace keybearer::test {
namespace {

constexpr std::uint64_t kFolderNode = FUSE_ROOT_ID;
constexpr std::uint64_t kFileNode = 2;
constexpr std::uint64_t kForAnHour = 3600; // s

/// The protocol of linux/fuse.h, as far as looking, reading and executing go.
class Server {
public:
    Server(int device, std::string name, std::string content)
        : m_device(device), m_name(std::move(name)), m_content(std::move(content)) {}

    void serve() {
        std::string buffer(FUSE_MIN_READ_BUFFER + 128 * 1024, '\0');
        ssize_t size = 0;
        while ((size = ::read(m_device, buffer.data(), buffer.size())) > 0 || errno == EINTR || errno == ENOENT) {
            if (size >= static_cast<ssize_t>(sizeof(fuse_in_header))) {
                std::memcpy(&m_in, buffer.data(), sizeof m_in);
                answer(buffer.data() + sizeof m_in);
            }
        }
    }

private:
    [[nodiscard]] fuse_attr attributes(std::uint64_t node) const {
        fuse_attr attr{}; // uid and gid 0
        attr.ino = node;
        attr.mode = node == kFolderNode ? S_IFDIR | 0755U : S_IFREG | 0755U;
        attr.nlink = 1;
        attr.size = node == kFolderNode ? 0 : m_content.size();
        attr.blksize = 4096;
        attr.ctime = 1;
        return attr;
    }

    void answer(const char* body) {
        switch (m_in.opcode) {
        case FUSE_INIT: {
            fuse_init_out out{};
            out.major = FUSE_KERNEL_VERSION;
            out.minor = FUSE_KERNEL_MINOR_VERSION;
            out.max_readahead = 65536;
            out.max_write = 4096;
            return send(&out, sizeof out);
        }
        case FUSE_LOOKUP: {
            fuse_entry_out out{};
            out.nodeid = kFileNode;
            out.entry_valid = out.attr_valid = kForAnHour;
            out.attr = attributes(kFileNode);
            return m_name == body ? send(&out, sizeof out) : refuse(ENOENT);
        }
        case FUSE_GETATTR: {
            fuse_attr_out out{};
            out.attr_valid = kForAnHour;
            out.attr = attributes(m_in.nodeid);
            return send(&out, sizeof out);
        }
        case FUSE_STATFS: {
            const fuse_statfs_out out{};
            return send(&out, sizeof out);
        }
        case FUSE_OPEN: {
            const fuse_open_out out{};
            return send(&out, sizeof out);
        }
        case FUSE_READ: {
            fuse_read_in in{};
            std::memcpy(&in, body, sizeof in);
            const std::size_t offset = std::min<std::size_t>(in.offset, m_content.size());
            return send(m_content.data() + offset, std::min<std::size_t>(in.size, m_content.size() - offset));
        }
        case FUSE_FLUSH:
        case FUSE_RELEASE: return send(nullptr, 0);
        case FUSE_FORGET:
        case FUSE_BATCH_FORGET:
        case FUSE_INTERRUPT: return; // answered by nothing
        default: return refuse(ENOSYS);
        }
    }

    void refuse(int number) { reply(-number, {}); }
    void send(const void* data, std::size_t size) { reply(0, std::string(static_cast<const char*>(data), size)); }

    void reply(int error, const std::string& data) {
        fuse_out_header header{};
        header.len = static_cast<std::uint32_t>(sizeof header + data.size());
        header.error = error;
        header.unique = m_in.unique;
        const std::string out = std::string(reinterpret_cast<const char*>(&header), sizeof header) + data;
        static_cast<void>(::write(m_device, out.data(), out.size()) == 0);
    }

    int m_device;
    std::string m_name;
    std::string m_content;
    fuse_in_header m_in{};
};

} // namespace

FuseFolder::FuseFolder(std::string folder, std::string name, std::string content) : m_folder(std::move(folder)) {
    const base::UniqueFd device(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    const std::string options = "fd=" + std::to_string(device.get()) + ",rootmode=40000,user_id=0,group_id=0";
    if (!device || ::mount("test", m_folder.c_str(), "fuse.test", MS_NOSUID | MS_NODEV, options.c_str()) != 0) {
        return;
    }
    Child server = Child::forked([&] {
        std::thread([&] { Server(device.get(), name, content).serve(); }).detach();
        return true;
    });
    if (server.isReady()) {
        m_server.emplace(std::move(server));
    }
}

FuseFolder::~FuseFolder() {
    if (m_server) {
        ::umount2(m_folder.c_str(), MNT_DETACH);
    }
}

} // namespace keybearer::test
