#pragma once
/// \file
/// The limits of the wire, in one place (PROTOCOL.md, "Limits").

#include <cstddef>

namespace keybearer::protocol {

/// Longest line, without its LF. A longer one ends the connection.
inline constexpr std::size_t kMaxLineBytes = 1U << 20;
/// Deepest nesting of objects and arrays; the request object itself is depth 1.
inline constexpr int kMaxDepth = 32;
/// Requests of one connection that wait for an answer at the same time; one more is answered "overloaded".
inline constexpr int kMaxRequestsInFlight = 64;
/// Answers that a client has not read; a client that lets more pile up loses the connection.
inline constexpr std::size_t kMaxUnsentBytes = 4U << 20;
/// Bytes of unsent answers above which no further request is read from that connection.
inline constexpr std::size_t kPauseReadingBytes = 256U << 10;
/// Longest string parameter that is not a list.
inline constexpr std::size_t kMaxStringBytes = 16U << 10;
/// Longest secret in an object of secrets: the key file of a service account fits.
inline constexpr std::size_t kMaxMapSecretBytes = 64U << 10;
/// Longest document: a sealed vault has to fit into a line.
inline constexpr std::size_t kMaxDocumentBytes = 768U << 10;
/// Most entries of a list parameter, and of an object of secrets.
inline constexpr std::size_t kMaxListEntries = 64;

} // namespace keybearer::protocol
