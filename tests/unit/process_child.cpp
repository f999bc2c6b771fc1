// A program for the tests of who asks. It ends by itself after a minute, should its test have died.
//   process_child wait ROLL        writes its process id there
//   process_child connect SOCKET   connects
//   process_child handover SOCKET  connects, and ends while a child of it keeps the connection
//   process_child start WORDS...   starts the words and stays
//   process_child leave WORDS...   starts the words and ends at once
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <string_view>

namespace {

int connectTo(const char* path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    return ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? fd : -1;
}

} // namespace

int main(int argc, char** argv) {
    ::alarm(60);
    const std::string_view mode = argc > 2 ? argv[1] : "";
    if (mode == "wait") {
        char line[32];
        const int size = std::snprintf(line, sizeof line, "%d\n", ::getpid());
        const int roll = ::open(argv[2], O_WRONLY);
        if (::write(roll, line, static_cast<std::size_t>(size)) != size) {
            return 1;
        }
    } else if (mode == "connect" || mode == "handover") {
        const int fd = connectTo(argv[2]);
        if (fd < 0 || (mode == "handover" && ::fork() != 0)) {
            return fd < 0 ? 1 : 0;
        }
        char c = 0;
        return ::read(fd, &c, 1) == 0 ? 0 : 1; // the test closes its end
    } else if (mode == "start" || mode == "leave") {
        if (::fork() == 0) {
            ::execvp(argv[2], argv + 2);
            return 1;
        }
        if (mode == "leave") {
            return 0;
        }
    } else {
        return 2;
    }
    while (true) {
        ::pause();
    }
}
