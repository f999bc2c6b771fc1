#pragma once
/// \file
/// Clients and grants in words, as JSON, and as what a person would type to allow something. What a program chose by
/// itself (names, paths, purposes) is escaped.

#include "daemon/access/key_scope.h"
#include "daemon/rpc/approvals.h"

#include <nlohmann/json.hpp>

#include <string>

namespace keybearer::rpc {

/// "deploy.py (/opt/own/deploy.py)"
[[nodiscard]] std::string clientText(const access::Client& client);
/// "a token of account work for read, write", "openai's key (default)"
[[nodiscard]] std::string wantedText(const access::Wanted& wanted);
/// "keybearer grant allow account:work --program /usr/bin/curl"
[[nodiscard]] std::string grantCommand(const access::Client& client, const access::Wanted& wanted);
/// What a person does so that a client key may have it: the sentence's end, with the command.
[[nodiscard]] std::string scopeMend(const access::Wanted& wanted);
/// The same for a client key for test, and what is not marked for test.
[[nodiscard]] std::string testMend(const access::Wanted& wanted);
/// The same for config.toml: a [[grant]] section.
[[nodiscard]] std::string grantToml(const access::Client& client, const access::Wanted& wanted);

[[nodiscard]] nlohmann::json clientJson(const access::Client& client);
[[nodiscard]] nlohmann::json grantJson(const access::Grant& grant);
[[nodiscard]] nlohmann::json questionJson(const Question& question);

} // namespace keybearer::rpc
