/// \file
/// Any bytes as accounts.json, as refresh-journal.json and as a grant's keychain item. What is taken is written and
/// read again unchanged.

#include "daemon/accounts/account_store.h"
#include "daemon/accounts/refresh_journal.h"
#include "daemon/accounts/stored_grant.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace keybearer;
using namespace keybearer::accounts;

namespace {

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto accounts = parseAccounts(text)) {
        const auto again = parseAccounts(formatAccounts(*accounts));
        require(again && formatAccounts(*again) == formatAccounts(*accounts));
    }
    if (const auto entries = parseJournal(text)) {
        const auto again = parseJournal(formatJournal(*entries));
        require(again && formatJournal(*again) == formatJournal(*entries));
    }
    if (const auto grant = parseGrant(base::Secret(text))) {
        const auto again = parseGrant(formatGrant(*grant));
        require(again && formatGrant(*again) == formatGrant(*grant));
    }
    return 0;
}
