#pragma once
/// \file
/// The method table: everything that can be called, as data. PROTOCOL.md and openrpc.json are checked against it.

#include <array>
#include <span>
#include <string_view>

namespace keybearer::protocol {

/// Who may call. There is no default: a method without a guard does not compile.
enum class Guard {
    Greet,    ///< says who calls: possible before anything else is
    Metadata, ///< any program of this user: no secret, nothing about other clients
    Use,      ///< hands out or uses a credential: what policy allows
    Own,      ///< what this connection itself began
    Propose,  ///< asks the person for something, who decides elsewhere: a sign-in
    Manage,   ///< changes or lists what the person owns
    Widen,    ///< manages, and may let programs get more than before
    Person,   ///< what a person does at a terminal or in our window, or is asked about, whatever the policy says
    Approve,  ///< answers for the person: our own front ends at a terminal, and our window
};

/// Whether the method may be called freely: by a fuzzer, and by a client that does not know whether its first call
/// arrived.
enum class Fuzz { Free, SideEffects };

enum class Type {
    String,
    Integer,
    Boolean,
    StringList,
    Secret,
    SecretMap, ///< an object of names and secret strings
    Document,  ///< a long string that is no secret, because it is sealed
};

struct Param {
    std::string_view name;
    Type type;
    bool required;
    std::string_view meaning;
};

struct Field {
    std::string_view name;
    std::string_view type; ///< as PROTOCOL.md writes it
    std::string_view meaning;
};

struct Method {
    std::string_view name;
    Guard guard;
    Fuzz fuzz;
    std::string_view auditEvent; ///< empty: the call leaves no audit record (it neither releases nor changes anything)
    bool releases;               ///< the answer holds a credential: recorded when it is given, not when it is asked for
    std::string_view summary;
    std::span<const Param> params;
    std::span<const Field> result;
};

[[nodiscard]] std::span<const Method> methods();
[[nodiscard]] const Method* findMethod(std::string_view name);
[[nodiscard]] std::string_view toString(Guard guard);
[[nodiscard]] std::string_view toString(Type type);

} // namespace keybearer::protocol
