#include "daemon/broker/options.h"

#include <charconv>

namespace keybearer::broker {

base::Result<Options, std::string> parseOptions(const std::vector<std::string>& arguments) {
    Options options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& name = arguments[i];
        const bool wantsValue = name == "--ready-fd" || name == "--log-file";
        if (wantsValue && i + 1 == arguments.size()) {
            return base::fail(name + " needs a value");
        }
        if (name == "--ready-fd") {
            const std::string& text = arguments[++i];
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), options.readyFd);
            if (error != std::errc() || end != text.data() + text.size() || options.readyFd < 3) {
                return base::fail(std::string("--ready-fd needs the number of an open descriptor from 3 up"));
            }
        } else if (name == "--log-file") {
            options.logFile = arguments[++i];
        } else if (name == "--version") {
            options.showVersion = true;
        } else if (name == "--help" || name == "-h") {
            options.showHelp = true;
        } else {
            return base::fail("unknown option " + name + "; --help shows those there are");
        }
    }
    return options;
}

const char* helpText() {
    return "keybearerd: the Keybearer broker. Front ends start it when they need it; you rarely do.\n"
           "\n"
           "  --ready-fd N     write \"ready\" to descriptor N when serving, or one line that says why not\n"
           "  --log-file PATH  write the log there instead of standard error\n"
           "  --version        print the version\n"
           "\n"
           "KEYBEARER_HOME puts configuration, data, state and socket under one folder; KEYBEARER_SOCKET names the\n"
           "socket. SIGTERM ends it after the requests that are under way.\n";
}

} // namespace keybearer::broker
