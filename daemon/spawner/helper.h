#pragma once
/// \file
/// The process on the other side: forked before the broker opens anything, it does what the broker gives up for itself.

#include <functional>
#include <string>
#include <vector>

namespace keybearer::spawner {

/// Something of this program's own that must be done outside, in a process of its own each time: what it writes to
/// standard output is the answer. Anything that does it may load and start what it likes.
using Look = std::function<void(const std::string& what)>;

/// The program and arguments that a profile of this name has now, in files that the person edits while the broker runs;
/// empty when it has none. Called in a process of its own, too.
using Profiles = std::function<std::vector<std::string>(const std::string& name)>;

/// What the helper was given when it was forked.
struct Outside {
    Look look;
    Profiles profiles;
};

/// Serves the broker at the other end of `socket` until that end is closed, then kills every command that still runs.
/// A body for forkHelper().
void runHelper(int socket, const Outside& outside);

} // namespace keybearer::spawner
