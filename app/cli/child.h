#pragma once
/// \file
/// A program that is run with secrets in its environment, and in files that go when it goes.

#include "app/cli/verbs.h"
#include "ipc/base/secret.h"

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace keybearer::cli {

/// Its environment is this program's with changes. What was set is wiped with this object.
class Child {
public:
    /// Files are made in `folder`, which must be private; it is made when a file is.
    explicit Child(std::string folder);
    ~Child() = default;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void set(const std::string& name, const base::Secret& value);
    void unset(const std::string& name);
    /// A file of mode 0600 with this content, named by each of the variables.
    void setFile(const std::vector<std::string>& names, const base::Secret& content);

    /// Runs the program to its end and gives back its exit code; a program that a signal ended ends this one by the
    /// same signal. Terminal, standard streams and job control are the child's; signals that arrive here are passed on.
    /// Without files this program becomes that one.
    [[nodiscard]] Outcome run(const std::vector<std::string>& command);

private:
    struct File {
        std::vector<std::string> names;
        base::Secret content;
    };
    /// In the process that they are for, whose number their names have: whoever comes later sees whether it has ended.
    [[nodiscard]] client::Result<void> writeFiles(pid_t owner);
    void removeFiles(const std::function<bool(pid_t owner)>& isOver) const;
    [[nodiscard]] std::vector<std::string> environment() const;

    std::string m_folder;
    std::map<std::string, base::Secret> m_set;
    std::vector<std::string> m_unset;
    std::vector<File> m_files;
};

/// Becomes the program; comes back only when that is impossible. `environment` holds "NAME=VALUE".
[[nodiscard]] client::Error become(const std::vector<std::string>& command,
                                   const std::vector<std::string>& environment);
/// How a shell would put what waitpid(2) said, except that a program that a signal ended ends this one by the same.
[[nodiscard]] int exitCodeOf(int status);

} // namespace keybearer::cli
