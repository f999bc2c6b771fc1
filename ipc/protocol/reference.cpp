#include "ipc/protocol/reference.h"

#include "ipc/protocol/errors.h"
#include "ipc/protocol/methods.h"

#include <nlohmann/json.hpp>

namespace keybearer::protocol {
namespace {

using Json = nlohmann::ordered_json;

Json schemaOf(Type type) {
    switch (type) {
    case Type::String: return {{"type", "string"}};
    case Type::Integer: return {{"type", "integer"}};
    case Type::Boolean: return {{"type", "boolean"}};
    case Type::StringList: return {{"type", "array"}, {"items", {{"type", "string"}}}};
    case Type::Document: return {{"type", "string"}};
    case Type::SecretMap:
        return {{"type", "object"},
                {"additionalProperties", {{"type", "string"}, {"format", "password"}, {"writeOnly", true}}}};
    case Type::Secret: return {{"type", "string"}, {"format", "password"}, {"writeOnly", true}};
    }
    return {};
}

/// "integer or null" -> ["integer", "null"]
Json schemaOf(const Field& field) {
    const auto alternative = field.type.find(" or ");
    Json type = std::string(field.type.substr(0, alternative));
    if (alternative != std::string_view::npos) {
        type = Json::array({type, std::string(field.type.substr(alternative + 4))});
    }
    return {{"type", std::move(type)}, {"description", field.meaning}};
}

Json describe(const Method& method) {
    Json params = Json::array();
    for (const Param& param : method.params) {
        params.push_back({{"name", param.name},
                          {"description", param.meaning},
                          {"required", param.required},
                          {"schema", schemaOf(param.type)}});
    }
    Json properties = Json::object();
    Json names = Json::array();
    for (const Field& field : method.result) {
        properties[std::string(field.name)] = schemaOf(field);
        names.push_back(field.name);
    }
    return {{"name", method.name},
            {"summary", method.summary},
            {"paramStructure", "by-name"},
            {"params", std::move(params)},
            {"result",
             {{"name", "result"},
              {"schema", {{"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(names)}}}}},
            {"x-guard", toString(method.guard)}};
}

void addRow(std::string& out, std::string_view name, std::string_view type, std::string_view meaning) {
    out.append("| `").append(name).append("` | ").append(type).append(" | ").append(meaning).append(" |\n");
}

} // namespace

std::string openRpcDocument() {
    Json list = Json::array();
    for (const Method& method : methods()) {
        list.push_back(describe(method));
    }
    Json errors = Json::object();
    for (const ErrorInfo& error : kErrors) {
        errors[std::string(error.name)] = {{"code", error.code}, {"message", error.meaning}};
    }
    const Json document{{"openrpc", "1.3.2"},
                        {"info",
                         {{"title", "Keybearer broker"},
                          {"version", "1"},
                          {"description", "One JSON-RPC 2.0 object a line over a local socket; see PROTOCOL.md."},
                          {"license", {{"name", "Apache-2.0"}}}}},
                        {"methods", std::move(list)},
                        {"components", {{"errors", std::move(errors)}}}};
    return document.dump(2) + "\n";
}

std::string methodReference() {
    std::string out;
    for (const Method& method : methods()) {
        out.append("### ").append(method.name).append("\n\n").append(method.summary);
        out.append(" Guard: **").append(toString(method.guard)).append("**.");
        if (!method.auditEvent.empty()) {
            out.append(" Audit event: `").append(method.auditEvent).append("`");
            out.append(method.releases ? ", recorded when the answer is given." : ", recorded before it is done.");
        }
        out.append("\n\n");
        if (method.params.empty()) {
            out.append("No parameters.\n\n");
        } else {
            out.append("| parameter | type | meaning |\n|---|---|---|\n");
            for (const Param& param : method.params) {
                addRow(out, param.name, std::string(toString(param.type)) + (param.required ? ", required" : ""),
                       param.meaning);
            }
            out.append("\n");
        }
        out.append("| result | type | meaning |\n|---|---|---|\n");
        for (const Field& field : method.result) {
            addRow(out, field.name, field.type, field.meaning);
        }
        out.append("\n");
    }
    return out;
}

std::string errorReference() {
    std::string out = "| `data.kind` | code | exit | meaning |\n|---|---|---|---|\n";
    for (const ErrorInfo& error : kErrors) {
        out.append("| `").append(error.name).append("` | ").append(std::to_string(error.code)).append(" | ");
        out.append(std::to_string(error.exitCode)).append(" | ").append(error.meaning).append(" |\n");
    }
    return out;
}

} // namespace keybearer::protocol
