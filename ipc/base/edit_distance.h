#pragma once
/// \file
/// How far a mistyped word is from one that is known.

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace keybearer::base {

/// Restricted edit distance in bytes: insertions, deletions, replacements, and swaps of neighbours. Time and memory
/// grow with the product of the lengths: cut what came from outside.
[[nodiscard]] inline std::size_t editDistance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) {
        for (std::size_t k = 0; k <= b.size(); ++k) {
            if (i == 0 || k == 0) {
                cost[i][k] = i + k;
                continue;
            }
            const std::size_t replaced = cost[i - 1][k - 1] + (a[i - 1] == b[k - 1] ? 0 : 1);
            cost[i][k] = std::min({cost[i - 1][k] + 1, cost[i][k - 1] + 1, replaced});
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1]) {
                cost[i][k] = std::min(cost[i][k], cost[i - 2][k - 2] + 1);
            }
        }
    }
    return cost[a.size()][b.size()];
}

} // namespace keybearer::base
