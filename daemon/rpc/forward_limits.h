#pragma once
/// \file
/// The limits of what is forwarded to other machines and containers, in one place (PROTOCOL.md, "Forwarding").

#include <chrono>
#include <cstddef>

namespace keybearer::rpc {

/// Sessions that are open at the same time, of all connections.
inline constexpr std::size_t kMaxForwards = 16;
/// Connections to the socket of one session.
inline constexpr std::size_t kMaxForwardConnections = 64;
/// How long a session lives.
inline constexpr std::chrono::seconds kMinForward{1};
inline constexpr std::chrono::hours kDefaultForward{8};
inline constexpr std::chrono::hours kMaxForward{24};
/// Longest name of a host or container, in bytes.
inline constexpr std::size_t kMaxForwardHost = 255;
/// Longest wait for something to happen in a session.
inline constexpr std::chrono::seconds kMaxForwardWait{300};

} // namespace keybearer::rpc
