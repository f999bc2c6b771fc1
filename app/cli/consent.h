#pragma once
/// \file
/// Asking the person at this terminal, where no other front end is there to do it.

#include "ipc/client/client.h"

#include <nlohmann/json.hpp>

#include <string>

namespace keybearer::cli {

/// A question as a person reads it, without the choices. Escaped.
[[nodiscard]] std::string questionText(const nlohmann::json& question);

/// Shows the question at the terminal and takes the answer to the broker. Nothing typed means no. False: there was no
/// question, no terminal, or the person wants to be asked no more.
[[nodiscard]] client::Result<bool> answerAtTerminal(client::Client& broker, const nlohmann::json& question);

/// For a call that failed with `consent_required`: true when the person has just answered, so that repeating it shows
/// what the answer is worth.
[[nodiscard]] bool consentAtTerminal(client::Client& broker, const client::Error& error);

} // namespace keybearer::cli
