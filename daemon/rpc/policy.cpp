#include "daemon/rpc/policy.h"

#include "ipc/base/private_file.h"
#include "ipc/protocol/strict_json.h"

namespace keybearer::rpc {
namespace {

constexpr std::size_t kMaxPolicyBytes = 4096;
constexpr int kMaxPolicyDepth = 2;
constexpr int kPolicyVersion = 1; ///< another policy is another version; files from before there was one have this
constexpr access::Policy kDefaultPolicy = access::Policy::Ask;

} // namespace

base::Result<PolicySetting, std::string> PolicySetting::open(const std::string& folder,
                                                             std::optional<access::Policy> configured) {
    PolicySetting setting;
    setting.m_path = folder + "/policy.json";
    setting.m_current = kDefaultPolicy;
    const auto text = base::readPrivateFile(setting.m_path, kMaxPolicyBytes);
    if (!text) {
        return base::fail(text.error());
    }
    if (configured) {
        setting.m_current = *configured;
        setting.m_source = "config.toml";
    } else if (*text) {
        const auto document = protocol::parseStrictJson((*text)->reveal(), kMaxPolicyDepth);
        const auto named =
            document && document->is_object() ? document->value("policy", nlohmann::json()) : nlohmann::json();
        const auto policy = named.is_string() ? access::policyOf(named.get<std::string>()) : std::nullopt;
        if (!policy) {
            return base::fail(setting.m_path + " names no policy; remove it to go back to the default");
        }
        setting.m_current = *policy;
        setting.m_source = "command";
    }
    return setting;
}

base::Result<void, std::string> PolicySetting::set(access::Policy policy) {
    if (m_source == "config.toml") {
        return base::fail(std::string("config.toml names the policy; change it there and restart the broker"));
    }
    const nlohmann::json document{{"version", kPolicyVersion}, {"policy", access::toString(policy)}};
    return base::writePrivateFile(m_path, document.dump() + "\n").map([this, policy] {
        m_current = policy;
        m_source = "command";
    });
}

} // namespace keybearer::rpc
