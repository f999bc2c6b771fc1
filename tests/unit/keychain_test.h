#pragma once
/// \file
/// Waiting for the coroutines of a keychain, and naming what they gave back.

#include "daemon/keychain/keychain.h"

#include <QByteArray>
#include <QCoroTask>
#include <QTest>

#include <memory>
#include <optional>
#include <utility>

namespace keybearer::keychain {

/// Where the result of a task lands, for a test that does something else meanwhile.
template<class T>
using Slot = std::shared_ptr<std::optional<T>>;

template<class T>
QCoro::Task<void> putInto(Slot<T> slot, QCoro::Task<T> task) {
    slot->emplace(co_await task);
}

template<class T>
Slot<T> startTask(QCoro::Task<T> task) {
    auto slot = std::make_shared<std::optional<T>>();
    putInto(slot, std::move(task));
    return slot;
}

template<class T>
T await(QCoro::Task<T> task) {
    const auto slot = startTask(std::move(task));
    if (!QTest::qWaitFor([&slot] { return slot->has_value(); }, 20'000)) {
        qFatal("a keychain call did not end");
    }
    return std::move(**slot);
}

/// "success" or the kind of the error.
template<class T>
QByteArray outcome(const Result<T>& result) {
    if (result) {
        return "success";
    }
    switch (result.error().kind) {
    case ErrorKind::NotFound: return "NotFound";
    case ErrorKind::Locked: return "Locked";
    case ErrorKind::Unavailable: return "Unavailable";
    case ErrorKind::Denied: return "Denied";
    case ErrorKind::Timeout: return "Timeout";
    case ErrorKind::Unset: return "Unset";
    case ErrorKind::Misused: return "Misused";
    case ErrorKind::Failed: return "Failed";
    }
    return {};
}

inline base::Passphrase passphrase(std::string_view text) {
    return base::Passphrase{base::Secret(text)};
}

} // namespace keybearer::keychain
