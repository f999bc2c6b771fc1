#include "daemon/oauth/server_json.h"

#include "daemon/oauth/http_client.h"
#include "ipc/base/text.h"

#include <string>
#include <utility>
#include <vector>

namespace keybearer::oauth {
namespace {

using nlohmann::json;

/// Builds the document while it checks what nlohmann's own reader lets through: depth and repeated names. Strings are
/// moved, not copied: they may be tokens.
class Builder final : public nlohmann::json_sax<json> {
public:
    bool null() override { return add(nullptr); }
    bool boolean(bool value) override { return add(value); }
    bool number_integer(number_integer_t value) override { return add(value); }
    bool number_unsigned(number_unsigned_t value) override { return add(value); }
    bool number_float(number_float_t value, const string_t&) override { return add(value); }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t&) override { return refuse("is not JSON"); }
    bool start_object(std::size_t) override { return open(json::object()); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        if (m_open.back()->contains(name)) {
            return refuse("has a member twice");
        }
        m_key = std::move(name);
        return true;
    }

    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return refuse("is not JSON");
    }

    json root;
    std::string_view problem;

private:
    bool refuse(std::string_view why) {
        problem = why;
        return false;
    }

    bool add(json value) {
        place(std::move(value));
        return true;
    }

    json& place(json value) {
        if (m_open.empty()) {
            root = std::move(value);
            return root;
        }
        json& parent = *m_open.back();
        if (parent.is_array()) {
            parent.push_back(std::move(value));
            return parent.back();
        }
        return parent[m_key] = std::move(value);
    }

    bool open(json container) {
        if (m_open.size() == kMaxJsonDepth) {
            return refuse("is nested too deeply");
        }
        m_open.push_back(&place(std::move(container)));
        return true;
    }

    bool close() {
        m_open.pop_back();
        return true;
    }

    std::vector<json*> m_open;
    std::string m_key;
};

} // namespace

Result<json> parseServerObject(std::string_view text, std::string_view what) {
    const auto bad = [what](std::string_view why) {
        return base::fail(Error{ErrorKind::BadResponse, std::string(what) + " " + std::string(why)});
    };
    if (text.empty()) {
        return bad("is empty");
    }
    if (text.size() > kMaxBodyBytes) {
        return bad("is too large");
    }
    // nlohmann takes a NUL byte for the end of the input and would not see what follows it.
    if (text.find('\0') != std::string_view::npos || !base::isUtf8(text)) {
        return bad("is not JSON");
    }
    Builder builder;
    if (!json::sax_parse(text.begin(), text.end(), &builder)) {
        wipeStrings(builder.root);
        return bad(builder.problem);
    }
    if (!builder.root.is_object()) {
        wipeStrings(builder.root);
        return bad("is not a JSON object");
    }
    return std::move(builder.root);
}

void wipeStrings(json& document) {
    if (document.is_string()) {
        base::wipe(document.get_ref<std::string&>());
    } else if (document.is_structured()) {
        for (json& element : document) {
            wipeStrings(element);
        }
    }
}

const json& memberOrNull(const json& object, const char* name) {
    static const json kNull;
    const auto found = object.find(name);
    return found == object.end() ? kNull : *found;
}

std::optional<std::vector<std::string>> textsAt(const json& object, const char* name, std::size_t most) {
    const json& member = memberOrNull(object, name);
    std::vector<std::string> texts;
    if (member.is_null()) {
        return texts;
    }
    if (!member.is_array() || member.size() > most) {
        return std::nullopt;
    }
    for (const json& element : member) {
        if (!element.is_string()) {
            return std::nullopt;
        }
        texts.push_back(element.get<std::string>());
    }
    return texts;
}

} // namespace keybearer::oauth
