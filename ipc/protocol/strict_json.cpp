#include "ipc/protocol/strict_json.h"

#include "ipc/base/text.h"

#include <vector>

namespace keybearer::protocol {
namespace {

using nlohmann::json;

/// Builds the value while checking what nlohmann's own parser lets through.
class StrictHandler final : public nlohmann::json_sax<json> {
public:
    explicit StrictHandler(int maxDepth) : m_maxDepth(maxDepth) {}

    json result;
    const char* problem = nullptr;

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override { return put(value); }
    bool number_float(number_float_t value, const string_t&) override { return put(value); }
    bool string(string_t& value) override {
        if (value.find('\0') != std::string::npos) {
            return stop("a string holds NUL");
        }
        return put(std::move(value));
    }
    bool binary(binary_t&) override { return stop("binary value"); }

    bool start_object(std::size_t) override { return push(json::object()); }
    bool key(string_t& name) override {
        if (m_stack.back()->contains(name)) {
            return stop("a member name stands twice in one object");
        }
        if (name.find('\0') != std::string::npos) {
            return stop("a member name holds NUL");
        }
        m_key = std::move(name);
        return true;
    }
    bool end_object() override { return pop(); }
    bool start_array(std::size_t) override { return push(json::array()); }
    bool end_array() override { return pop(); }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return stop("not well-formed JSON");
    }

private:
    bool stop(const char* why) {
        problem = problem != nullptr ? problem : why;
        return false;
    }
    json* place(json&& value) {
        if (m_stack.empty()) {
            result = std::move(value);
            return &result;
        }
        json& parent = *m_stack.back();
        if (parent.is_array()) {
            return &parent.emplace_back(std::move(value));
        }
        return &(parent[m_key] = std::move(value));
    }
    template<class T>
    bool put(T&& value) {
        place(json(std::forward<T>(value)));
        return true;
    }
    bool push(json&& container) {
        if (static_cast<int>(m_stack.size()) == m_maxDepth) {
            return stop("nested too deeply");
        }
        m_stack.push_back(place(std::move(container)));
        return true;
    }
    bool pop() {
        m_stack.pop_back();
        return true;
    }

    int m_maxDepth;
    std::vector<json*> m_stack; // addresses stay valid: a container is filled only while it is the innermost one
    std::string m_key;
};

} // namespace

base::Result<json, std::string> parseStrictJson(std::string_view text, int maxDepth) {
    if (!base::isUtf8(text)) {
        return base::fail(std::string("not UTF-8"));
    }
    if (text.substr(0, 3) == "\xEF\xBB\xBF") {
        return base::fail(std::string("begins with a byte order mark"));
    }
    StrictHandler handler(maxDepth);
    if (!json::sax_parse(text.begin(), text.end(), &handler) || handler.problem != nullptr) {
        return base::fail(std::string(handler.problem != nullptr ? handler.problem : "not well-formed JSON"));
    }
    return std::move(handler.result);
}

} // namespace keybearer::protocol
