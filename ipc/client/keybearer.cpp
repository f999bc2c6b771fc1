#include "ipc/client/keybearer.h"

#include "ipc/base/secret.h"
#include "ipc/client/autostart.h"
#include "ipc/client/credentials.h"

#include <cstdlib>
#include <cstring>
#include <mutex>

using keybearer::client::Client;
using keybearer::client::Error;
using nlohmann::json;

struct keybearer_connection {
    Client client;
    std::mutex mutex;
};

namespace {

void put(char** where, const std::string& text) {
    if (where != nullptr) {
        *where = ::strdup(text.c_str());
    }
}

/// Messages quote what callers and environments gave, which need not be UTF-8.
int refuse(char** where, const Error& error) {
    const json object{
        {"kind", error.kind}, {"message", error.message}, {"data", error.data}, {"exit_code", error.exitCode}};
    put(where, object.dump(-1, ' ', false, json::error_handler_t::replace));
    return error.exitCode;
}

/// No exception may leave through C.
template<class Body>
int guarded(char** error, const Body& body) {
    try {
        return body();
    } catch (const json::exception&) {
        return refuse(error, Error{"connection_lost", "the broker's answer is not what was asked for", {}, 8});
    } catch (const std::exception& failed) {
        return refuse(error, Error{"internal", failed.what(), {}, 1});
    }
}

int call(keybearer_connection* connection, const char* method, const json& params, int timeoutMs, json& out,
         char** error) {
    if (connection == nullptr || method == nullptr || !params.is_object()) {
        return refuse(error, Error{"invalid_params", "a connection, a method and an object are needed", {}, 2});
    }
    const std::scoped_lock lock(connection->mutex);
    auto result =
        connection->client.call(method, params, std::chrono::milliseconds(timeoutMs > 0 ? timeoutMs : 120'000));
    if (!result) {
        return refuse(error, result.error());
    }
    out = std::move(*result);
    return 0;
}

} // namespace

keybearer_connection* keybearer_connect(char** error) {
    keybearer_connection* made = nullptr;
    guarded(error, [&] {
        const auto paths = keybearer::base::currentPaths();
        if (!paths) {
            return refuse(error, Error{"no_broker", paths.error(), json::object(), 8});
        }
        auto client = keybearer::client::connectOrStart(*paths);
        if (!client) {
            return refuse(error, client.error());
        }
        made = new keybearer_connection{std::move(*client), {}};
        return 0;
    });
    return made;
}

int keybearer_call(keybearer_connection* connection, const char* method, const char* params, int timeout_ms,
                   char** result, char** error) {
    return guarded(error, [&] {
        json out;
        const json in = params == nullptr ? json::object() : json::parse(params, nullptr, false);
        const int code = call(connection, method, in, timeout_ms, out, error);
        if (code == 0) {
            std::string text = out.dump();
            put(result, text);
            keybearer::base::wipe(text);
        }
        return code;
    });
}

int keybearer_token(keybearer_connection* connection, const char* account, int min_valid, char** token, char** error) {
    return guarded(error, [&] {
        json params{{"account", account == nullptr ? "" : account}};
        if (min_valid > 0) {
            params["min_valid"] = min_valid;
        }
        json out;
        const int code = call(connection, "token.get", params, 0, out, error);
        if (code == 0) {
            put(token, out.at("access_token").get_ref<const std::string&>());
            keybearer::base::wipe(out.at("access_token").get_ref<std::string&>());
        }
        return code;
    });
}

int keybearer_resolve(keybearer_connection* connection, const char* provider, const char* field, char** value,
                      char** error) {
    if (connection == nullptr || provider == nullptr || field == nullptr) {
        return refuse(error, Error{"invalid_params", "a connection, a provider and a field are needed", {}, 2});
    }
    return guarded(error, [&] {
        keybearer::client::CredentialRequest request;
        request.provider = provider;
        request.fields = {field};
        const std::scoped_lock lock(connection->mutex);
        const auto credential =
            keybearer::client::resolveCredential(connection->client, request, keybearer::base::processEnvironment());
        if (!credential) {
            return refuse(error, credential.error());
        }
        const keybearer::client::CredentialField* found = credential->field(field);
        if (found == nullptr) {
            return refuse(error, Error{"no_credential", "the credential has no " + std::string(field), {}, 4});
        }
        std::string text(found->value.reveal());
        put(value, text);
        keybearer::base::wipe(text);
        return 0;
    });
}

char* keybearer_error_member(const char* error, const char* member) {
    const json object = json::parse(error == nullptr ? "" : error, nullptr, false);
    if (!object.is_object() || member == nullptr) {
        return nullptr;
    }
    const auto found = object.find(member);
    if (found == object.end()) {
        return nullptr;
    }
    if (found->is_number_integer()) {
        return ::strdup(std::to_string(found->get<int>()).c_str());
    }
    return found->is_string() ? ::strdup(found->get_ref<const std::string&>().c_str()) : nullptr;
}

const char* keybearer_version(void) {
    return KEYBEARER_VERSION;
}

void keybearer_close(keybearer_connection* connection) {
    delete connection;
}

void keybearer_free(char* text) {
    if (text != nullptr) {
        keybearer::base::wipe(text, std::strlen(text));
        std::free(text);
    }
}
