#include "daemon/rpc/account_choice.h"
#include "daemon/rpc/handlers.h"
#include "daemon/rpc/or_null.h"
#include "ipc/base/text.h"

namespace keybearer::rpc {
namespace {

using accounts::failure;
using nlohmann::json;
using protocol::ErrorKind;

constexpr std::size_t kMaxShownDirectory = 200;

/// Empty when the call names none.
protocol::Result<std::string> directoryOf(const protocol::Params& params) {
    auto directory = params.string("directory");
    if (directory && !accounts::isDirectoryPath(*directory)) {
        return base::fail(failure(ErrorKind::InvalidValue,
                                  "`directory` is an absolute path without . and .. and without a slash at its end"));
    }
    return std::move(directory).value_or(std::string());
}

protocol::Error storageError(const std::string& why) {
    return failure(ErrorKind::StorageError, why);
}

} // namespace

protocol::Result<AccountChoice> chooseAccount(const Services& services, const protocol::Params& params) {
    if (auto name = params.string("account")) {
        // No name of an account has such characters: it is what the account was signed in for.
        const accounts::Account* of =
            name->find("://") == std::string::npos ? nullptr : services.authority.accounts().byResource(*name);
        return AccountChoice{of == nullptr ? *name : of->name, "named", {}};
    }
    const auto directory = directoryOf(params);
    if (!directory) {
        return base::fail(directory.error());
    }
    const accounts::AccountStore& known = services.authority.accounts();
    if (const accounts::Binding* binding = services.bindings.find(*directory)) {
        const accounts::Account* account = known.byId(binding->accountId);
        if (account == nullptr) {
            return base::fail(
                failure(ErrorKind::UnknownAccount,
                        "the account that " + base::printable(binding->directory, kMaxShownDirectory) +
                            " is bound to is not there any more; bind it to another one, or run: keybearer "
                            "account unbind"));
        }
        return AccountChoice{account->name, "bound", binding->directory};
    }
    if (known.all().size() == 1) {
        return AccountChoice{known.all().front().name, "only", {}};
    }
    return base::fail(failure(ErrorKind::UnknownAccount,
                              known.all().empty() ? "there is no account yet; sign in with: keybearer login PROVIDER"
                                                  : "there are several accounts: name one, or bind the folder with: "
                                                    "keybearer account bind DIRECTORY ACCOUNT"));
}

QCoro::Task<Reply> accountBind(Services& services, Call call) {
    const std::string name = call.params.requiredString("account");
    const auto directory = directoryOf(call.params);
    const accounts::Account* account = services.authority.accounts().byName(name);
    if (!directory || account == nullptr) {
        co_return base::fail(!directory ? directory.error() : accounts::unknownAccount(name));
    }
    if (const auto put = services.bindings.put({*directory, account->id}); !put) {
        co_return base::fail(storageError(put.error()));
    }
    co_return json{{"directory", *directory}, {"account", account->name}};
}

QCoro::Task<Reply> accountUnbind(Services& services, Call call) {
    const auto directory = directoryOf(call.params);
    if (!directory) {
        co_return base::fail(directory.error());
    }
    const auto removed = services.bindings.remove(*directory);
    if (!removed) {
        co_return base::fail(storageError(removed.error()));
    }
    co_return json{{"directory", *directory}, {"removed", *removed}};
}

QCoro::Task<Reply> accountWhich(Services& services, Call call) {
    const auto choice = chooseAccount(services, call.params);
    if (!choice) {
        co_return base::fail(choice.error());
    }
    json bindings = json::array();
    for (const accounts::Binding& binding : services.bindings.all()) {
        const accounts::Account* account = services.authority.accounts().byId(binding.accountId);
        bindings.push_back(
            {{"directory", binding.directory}, {"account", account == nullptr ? json() : json(account->name)}});
    }
    co_return json{{"account", choice->account},
                   {"why", choice->why},
                   {"bound_by", orNull(choice->boundBy)},
                   {"bindings", std::move(bindings)}};
}

} // namespace keybearer::rpc
