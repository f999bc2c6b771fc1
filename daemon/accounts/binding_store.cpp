#include "daemon/accounts/binding_store.h"

#include "ipc/base/ascii.h"
#include "ipc/base/private_file.h"
#include "ipc/protocol/strict_json.h"

#include <algorithm>

namespace keybearer::accounts {
namespace {

using nlohmann::json;

constexpr int kBindingsVersion = 1;
constexpr std::size_t kMaxBindingsBytes = 8U << 20;
constexpr std::size_t kMaxDirectory = 4096;
constexpr std::size_t kMaxAccountId = 128;
constexpr int kMaxBindingsDepth = 4;

std::string textOf(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

} // namespace

bool isDirectoryPath(std::string_view path) {
    if (path == "/") {
        return true;
    }
    if (path.size() > kMaxDirectory || !path.starts_with('/') || std::ranges::any_of(path, base::isControl)) {
        return false;
    }
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string_view part = path.substr(0, path.find('/'));
        if (part.empty() || part == "." || part == "..") {
            return false;
        }
        path.remove_prefix(part.size());
    }
    return true;
}

std::string formatBindings(const std::vector<Binding>& bindings) {
    json list = json::array();
    for (const Binding& binding : bindings) {
        list.push_back({{"directory", binding.directory}, {"account_id", binding.accountId}});
    }
    return json{{"version", kBindingsVersion}, {"bindings", std::move(list)}}.dump(1) + "\n";
}

base::Result<std::vector<Binding>, std::string> parseBindings(std::string_view text) {
    const auto document = protocol::parseStrictJson(text, kMaxBindingsDepth);
    if (!document || !document->is_object() || document->value("version", json()) != kBindingsVersion) {
        return base::fail(std::string("is not a list of bindings of this version"));
    }
    const json list = document->value("bindings", json());
    if (!list.is_array() || list.size() > kMaxBindings) {
        return base::fail(std::string("has no list of bindings"));
    }
    std::vector<Binding> bindings;
    for (const json& entry : list) {
        Binding binding;
        if (entry.is_object()) {
            binding = {textOf(entry, "directory"), textOf(entry, "account_id")};
        }
        const bool isNew = bindings.empty() || bindings.back().directory < binding.directory;
        if (!isDirectoryPath(binding.directory) || binding.accountId.empty() ||
            binding.accountId.size() > kMaxAccountId || !isNew) {
            return base::fail(std::string("holds a binding without a proper directory and account, or out of order"));
        }
        bindings.push_back(std::move(binding));
    }
    return bindings;
}

base::Result<BindingStore, std::string> BindingStore::open(const std::string& folder) {
    BindingStore store(folder + "/bindings.json");
    const auto text = base::readPrivateFile(store.m_path, kMaxBindingsBytes);
    if (!text) {
        return base::fail(text.error());
    }
    if (!*text) {
        return store;
    }
    auto bindings = parseBindings((*text)->reveal());
    if (!bindings) {
        return base::fail(store.m_path + " " + bindings.error());
    }
    store.m_bindings = std::move(*bindings);
    return store;
}

const Binding* BindingStore::find(std::string_view directory) const {
    while (!directory.empty()) {
        const auto found = std::ranges::find(m_bindings, directory, &Binding::directory);
        if (found != m_bindings.end()) {
            return &*found;
        }
        const std::size_t slash = directory.rfind('/');
        directory = slash == 0 && directory.size() > 1 ? directory.substr(0, 1) : directory.substr(0, slash);
        if (directory == "/" && slash == 0) {
            const auto root = std::ranges::find(m_bindings, directory, &Binding::directory);
            return root == m_bindings.end() ? nullptr : &*root;
        }
    }
    return nullptr;
}

base::Result<void, std::string> BindingStore::put(Binding binding) {
    std::vector<Binding> bindings = m_bindings;
    const auto at = std::ranges::lower_bound(bindings, binding.directory, {}, &Binding::directory);
    if (at != bindings.end() && at->directory == binding.directory) {
        *at = std::move(binding);
    } else if (bindings.size() == kMaxBindings) {
        return base::fail(std::string("1000 folders are bound already; remove some"));
    } else {
        bindings.insert(at, std::move(binding));
    }
    return save(std::move(bindings));
}

base::Result<bool, std::string> BindingStore::remove(std::string_view directory) {
    std::vector<Binding> bindings = m_bindings;
    if (std::erase_if(bindings, [&](const Binding& one) { return one.directory == directory; }) == 0) {
        return false;
    }
    return save(std::move(bindings)).map([] { return true; });
}

base::Result<void, std::string> BindingStore::save(std::vector<Binding> bindings) {
    if (auto written = base::writePrivateFile(m_path, formatBindings(bindings)); !written) {
        return written;
    }
    m_bindings = std::move(bindings);
    return {};
}

} // namespace keybearer::accounts
