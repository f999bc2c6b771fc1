#pragma once
/// \file
/// Clients and grants to vary.

#include "daemon/access/grant.h"

namespace keybearer::test {

inline const std::string kDigest(64, 'a');
inline const std::string kOtherDigest(64, 'b');

/// A program of the person's own.
inline access::Client ownProgram() {
    access::Client client;
    client.kind = access::ClientKind::Program;
    client.pid = 4242;
    client.name = "deploy";
    client.path = "/opt/own/deploy";
    client.digest = kDigest;
    client.session = "4242:1000";
    return client;
}

inline access::Client rootsProgram() {
    access::Client client = ownProgram();
    client.name = "git";
    client.path = "/usr/bin/git";
    client.isRootOwned = true;
    return client;
}

inline access::Client terminal() {
    access::Client client = rootsProgram();
    client.kind = access::ClientKind::Terminal;
    client.name = "bash";
    client.path = "/usr/bin/bash";
    client.session = "tty:34816:77";
    client.isFrontEnd = true;
    return client;
}

inline access::Wanted aToken() {
    return {"account:work", {}, {}, {}};
}

/// A grant for good that covers aToken() for this client.
inline access::Grant grantFor(const access::Client& client) {
    access::Grant grant;
    grant.id = "g_1";
    grant.kind = client.kind;
    grant.path = client.path;
    grant.digest = client.isRootOwned ? std::string() : client.digest;
    grant.session = client.session;
    grant.credential = "account:work";
    grant.createdBy = "terminal";
    grant.createdAt = 1'700'000'000;
    return grant;
}

} // namespace keybearer::test
