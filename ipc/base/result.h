#pragma once
/// \file
/// The one way in which anything here fails: a value or an error, never an exception across one of our own borders.
/// `std::expected` is missing from both compilers that we build with; tl::expected has its shape.

#include <tl/expected.hpp>

#include <utility>

namespace keybearer::base {

template<class T, class E>
using Result = tl::expected<T, E>;

/// Wraps an error for return from a function that returns Result.
template<class E>
[[nodiscard]] auto fail(E&& error) {
    return tl::make_unexpected(std::forward<E>(error));
}

} // namespace keybearer::base
