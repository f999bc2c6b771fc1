#pragma once
/// \file
/// One thing that the broker has given up, or that the system did not let it give up.

#include <string>

namespace keybearer::platform {

struct Measure {
    std::string name;    ///< as doctor shows it
    bool inForce = true; ///< false: the broker goes on without it
    std::string message; ///< what holds, or what does not and why
};

} // namespace keybearer::platform
