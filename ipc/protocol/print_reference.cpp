// Prints what is generated from the method table: `protocol-reference openrpc|methods|errors`. tests/protocol-documents
// writes it into PROTOCOL.md and openrpc.json.

#include "ipc/protocol/reference.h"

#include <cstdio>
#include <string_view>

int main(int argc, char** argv) {
    const std::string_view what = argc == 2 ? argv[1] : "";
    const std::string text = what == "openrpc"   ? keybearer::protocol::openRpcDocument()
                             : what == "methods" ? keybearer::protocol::methodReference()
                             : what == "errors"  ? keybearer::protocol::errorReference()
                                                 : std::string();
    std::fputs(text.c_str(), stdout);
    return text.empty() ? 2 : 0;
}
