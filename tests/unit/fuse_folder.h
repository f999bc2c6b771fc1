#pragma once
/// \file
/// A FUSE mount with one executable file that claims to be root's, as any user's program can serve one.

#include "tests/unit/process_children.h"

#include <linux/fuse.h>

#include <optional>
#include <string>

namespace keybearer::test {

/// Needs root, to mount it without libfuse's helper. Unmounted at the end.
class FuseFolder {
public:
    /// `folder` exists; below it will be `name` with this content.
    FuseFolder(std::string folder, std::string name, std::string content);
    FuseFolder(const FuseFolder&) = delete;
    FuseFolder& operator=(const FuseFolder&) = delete;
    ~FuseFolder();

    [[nodiscard]] bool isThere() const { return m_server.has_value(); }

private:
    std::string m_folder;
    std::optional<Child> m_server;
};

} // namespace keybearer::test
