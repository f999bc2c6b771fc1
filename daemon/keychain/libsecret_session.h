#pragma once
/// \file
/// What QtKeychain does not do with libsecret. Apart from the rest because GLib's headers and Qt's do not agree on the
/// word "signals".

namespace keybearer::keychain {

/// Makes the next call begin anew. To be called after each connect, and when the service or the bus was another one.
///
/// - libsecret keeps its session with the service for the life of the process; after a restart of the service every
/// call
///   with it fails with "The session does not exist".
/// - GIO shares one bus connection in the process and gives it out even when it is closed, as long as anybody holds it.
/// - GIO ends the whole process with SIGTERM when that connection is lost, unless it is told not to. The connection is
///   told, and held, so that libsecret gets no other.
void renewLibsecretSession();

/// True when the shared connection is closed although it was renewed: libsecret 0.20 does not let go of one that was
/// lost. Only a new process gets another.
[[nodiscard]] bool libsecretIsCutOff();

} // namespace keybearer::keychain
