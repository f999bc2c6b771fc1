#pragma once
/// \file
/// A program that is run with secrets in its environment, and in files that go when it goes.

#include "app/cli/verbs.h"
#include "ipc/base/secret.h"

#include <map>
#include <string>
#include <vector>

namespace keybearer::cli {

/// Its environment is this program's with changes. The destructor wipes what was set and removes the files.
class Child {
public:
    /// Files are made in `folder`, which must be private; it is made when a file is.
    explicit Child(std::string folder);
    ~Child();
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
        std::string path;
    };
    [[nodiscard]] client::Result<void> writeFiles();
    void removeFiles();
    [[nodiscard]] std::vector<std::string> environment() const;

    std::string m_folder;
    std::map<std::string, base::Secret> m_set;
    std::vector<std::string> m_unset;
    std::vector<File> m_files;
};

} // namespace keybearer::cli
