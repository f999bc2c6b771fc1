#pragma once
/// \file
/// Why a call of the vault failed.

#include "daemon/keychain/keychain.h"

#include <optional>
#include <string>

namespace keybearer::vault {

enum class ErrorKind {
    NotFound,   ///< the vault was read, and there is no such credential
    KeyMissing, ///< rows are here and the keychain has lost the key to them
    Damaged,    ///< the file, or a row, is not what was written
    Storage,    ///< the disk is full, read-only or failing
    Keychain,   ///< the keychain refused; `keychain` says how
    Misused,    ///< a name that cannot be one
};

struct Error {
    ErrorKind kind;
    std::string detail; ///< a sentence; never a value
    std::optional<keychain::Error> keychain = {};
};

template<class T>
using Result = base::Result<T, Error>;

} // namespace keybearer::vault
