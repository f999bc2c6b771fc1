#ifndef KEYBEARER_HPP
#define KEYBEARER_HPP
/** \file
 *  The C++ face of the Keybearer client for other projects: C++17, and nothing but what keybearer.h and the standard
 *  library have. It is compiled into the program that includes it, so programs and library may come from different
 *  compilers. Link libkeybearer-client: `find_package(keybearer-client)` and `keybearer::client`, or pkg-config.
 */

#include <keybearer.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace keybearer {

/** What the library handed out. It is wiped at its end, so a copy that is made of it is the caller's to wipe. */
class Text {
public:
    explicit Text(char* text = nullptr) noexcept : m_text(text, &keybearer_free) {}
    [[nodiscard]] std::string_view view() const noexcept {
        return m_text ? std::string_view(m_text.get()) : std::string_view();
    }
    [[nodiscard]] const char* c_str() const noexcept { return m_text ? m_text.get() : ""; }

private:
    std::unique_ptr<char, void (*)(char*)> m_text;
};

/** what() is a sentence for the person. */
class Error : public std::runtime_error {
public:
    /** `exitCode` and `json` as keybearer_call() gives them. */
    Error(int exitCode, const char* json)
        : std::runtime_error(member(json, "message")),
          m_kind(member(json, "kind")),
          m_json(json),
          m_exitCode(exitCode) {}
    /** Of a connection that failed: `json` as keybearer_connect() gives it. */
    explicit Error(const char* json) : Error(exitCodeOf(json), json) {}
    /** `data.kind` of PROTOCOL.md, or "no_broker", "connection_lost", "timeout", "unsafe". */
    [[nodiscard]] const std::string& kind() const noexcept { return m_kind; }
    [[nodiscard]] const std::string& json() const noexcept { return m_json; }
    /** What a command-line program should exit with. */
    [[nodiscard]] int exitCode() const noexcept { return m_exitCode; }

private:
    static int exitCodeOf(const char* json) {
        const std::string code = member(json, "exit_code");
        return code.empty() ? 8 : std::stoi(code); // 8: there is no broker
    }
    static std::string member(const char* json, const char* name) {
        return std::string(Text(keybearer_error_member(json, name)).view());
    }

    std::string m_kind;
    std::string m_json;
    int m_exitCode;
};

/** One connection to this user's broker, which is started when none runs. Every function throws Error. Any thread; one
 *  call at a time. */
class Client {
public:
    Client() : m_connection(nullptr, &keybearer_close) {
        char* error = nullptr;
        m_connection.reset(keybearer_connect(&error));
        const Text why(error);
        if (!m_connection) {
            throw Error(why.c_str());
        }
    }

    /** An access token of an account, good for `minValid` (0: the broker's default, a minute). */
    [[nodiscard]] Text token(const std::string& account, std::chrono::seconds minValid = {}) {
        return answer([&](char** result, char** error) {
            return keybearer_token(get(), account.c_str(), static_cast<int>(minValid.count()), result, error);
        });
    }
    /** A field of a provider's credential: its key. */
    [[nodiscard]] Text resolve(const std::string& provider, const std::string& field = "api_key") {
        return answer([&](char** result, char** error) {
            return keybearer_resolve(get(), provider.c_str(), field.c_str(), result, error);
        });
    }
    /** A method of PROTOCOL.md: parameters and result are JSON objects. */
    [[nodiscard]] Text call(const std::string& method, const std::string& params = "{}",
                            std::chrono::milliseconds timeout = std::chrono::seconds(120)) {
        return answer([&](char** result, char** error) {
            return keybearer_call(get(), method.c_str(), params.c_str(), static_cast<int>(timeout.count()), result,
                                  error);
        });
    }

private:
    [[nodiscard]] keybearer_connection* get() const noexcept { return m_connection.get(); }

    template<class Call>
    static Text answer(const Call& call) {
        char* result = nullptr;
        char* error = nullptr;
        const int code = call(&result, &error);
        Text given(result);
        const Text why(error);
        if (code != 0) {
            throw Error(code, why.c_str());
        }
        return given;
    }

    std::unique_ptr<keybearer_connection, void (*)(keybearer_connection*)> m_connection;
};

} // namespace keybearer
#endif
