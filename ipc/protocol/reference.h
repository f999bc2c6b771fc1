#pragma once
/// \file
/// The documents that are made from the method table, so that they cannot tell another story.

#include <string>

namespace keybearer::protocol {

/// openrpc.json (OpenRPC 1.3.2).
[[nodiscard]] std::string openRpcDocument();
/// The section "Methods" of PROTOCOL.md.
[[nodiscard]] std::string methodReference();
/// The section "Errors" of PROTOCOL.md.
[[nodiscard]] std::string errorReference();

} // namespace keybearer::protocol
