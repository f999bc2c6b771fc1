#include "daemon/providers/profile_file.h"

#include "daemon/providers/profile_fields.h"
#include "daemon/providers/redirect.h"
#include "daemon/providers/toml_reader.h"
#include "ipc/base/ascii.h"
#include "ipc/base/url.h"

#include <algorithm>
#include <array>

namespace keybearer::providers {
namespace {

constexpr std::size_t kMaxId = 64;
constexpr std::size_t kMaxText = 200;
constexpr std::size_t kMaxScopes = 100;
constexpr std::size_t kMaxPorts = 16;
constexpr std::int64_t kMaxRefreshDays = 3650;

bool isLowerOrDigit(char c) {
    return base::isLower(c) || base::isDigit(c);
}

/// RFC 6749 section 3.3: scope-token
bool isScopeCharacter(char c) {
    return base::isVisible(c) && c != '"' && c != '\\';
}

/// The bytes of UTF-8 text with no C0 or C1 control character: it goes to terminals.
bool isPlainText(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (byte < 0x20 || byte == 0x7F || c1) {
            return false;
        }
    }
    return text.size() <= kMaxText;
}

void readNames(TableReader& reader, Profile& profile) {
    profile.id = reader.string("id", R"(id = "example")");
    if (profile.id.empty()) {
        reader.refuse("id", R"(`id` is missing; write a short name like id = "example")");
    } else if (profile.id.size() > kMaxId || !isLowerOrDigit(profile.id.front()) ||
               !std::ranges::all_of(profile.id, [](char c) { return isLowerOrDigit(c) || c == '-'; })) {
        reader.refuse("id", "`id` is at most 64 characters of a-z, 0-9 and -, beginning with a letter or digit");
    }
    profile.displayName = reader.string("display_name", R"(display_name = "Example")");
    if (!isPlainText(profile.displayName)) {
        reader.refuse("display_name", "`display_name` is at most 200 bytes of text without control characters");
    }
    if (profile.displayName.empty()) {
        profile.displayName = profile.id;
    }
}

void readIssuer(TableReader& reader, Profile& profile) {
    profile.issuer = reader.string("issuer", R"(issuer = "https://login.example.com")");
    if (profile.issuer.empty()) {
        if (reader.find("fields") == nullptr) {
            reader.refuse("issuer",
                          R"(`issuer` is missing; write issuer = "https://login.example.com", or [fields.NAME] )"
                          "for a provider that has keys only");
        }
        return;
    }
    const auto url = base::parseUrl(profile.issuer);
    // An issuer is compared byte by byte, so its scheme has one spelling.
    if (!url || url->hasQuery || url->hasFragment || !profile.issuer.starts_with("http")) {
        reader.refuse("issuer", "`issuer` must be a URL like \"https://login.example.com\", without user name, query "
                                "(?) and fragment (#)");
    } else if (!url->https && !base::isLoopback(*url)) {
        reader.refuse("issuer", "`issuer` must begin with https://; http:// is for 127.0.0.1, [::1] and localhost");
    }
}

/// RFC 8707 section 2.
bool isResourceUri(std::string_view text) {
    const auto colon = text.find(':');
    return text.size() <= base::kMaxUrl && colon != std::string::npos && colon > 0 &&
           text.find('#') == std::string::npos && std::ranges::all_of(text, base::isVisible);
}

bool isScope(std::string_view text) {
    return text.size() <= kMaxText && std::ranges::all_of(text, isScopeCharacter);
}

/// RFC 8693 section 2.1: a name that the server knows. One that a form and a message can show.
bool isAudience(std::string_view text) {
    return text.size() <= kMaxText && std::ranges::all_of(text, base::isVisible);
}

/// A list of different words in a profile.
struct WordList {
    const char* name;
    const char* what; ///< one of them
    std::vector<std::string> Profile::*words;
    bool (*isWord)(std::string_view);
    const char* rule;
    const char* example;
};
constexpr std::array kWordLists{
    WordList{"scopes", "scope", &Profile::scopes, isScope,
             "a scope has no spaces, quotes or backslashes; write each one by itself",
             R"(scopes = ["openid", "email"])"},
    WordList{"resources", "resource", &Profile::resources, isResourceUri,
             "a resource is an absolute URI without a fragment", R"(resources = ["https://api.example.com/"])"},
    WordList{"audiences", "audience", &Profile::audiences, isAudience, "an audience is a name without spaces",
             R"(audiences = ["https://api.example.com/"])"},
};

void readWords(TableReader& reader, const WordList& list, Profile& profile) {
    std::vector<std::string>& words = profile.*list.words;
    for (const auto& [word, node] : reader.list<std::string>(list.name, list.example)) {
        if (word.empty() || !list.isWord(word)) {
            reader.refuseAt(node->source().begin, std::string(list.rule) + ": " + list.example);
        } else if (std::ranges::find(words, word) != words.end()) {
            reader.refuseAt(node->source().begin,
                            std::string("this ") + list.what + " is already in the list; remove it");
        } else if (words.size() == kMaxScopes) {
            reader.refuseAt(node->source().begin, std::string("100 ") + list.name + " are enough; remove some");
        }
        words.push_back(word);
    }
}

void readClient(TableReader& reader, Profile& profile) {
    profile.clientId = reader.string("client_id", R"(client_id = "the id that the provider gave you")");
    if (profile.clientId.size() > base::kMaxUrl || !std::ranges::all_of(profile.clientId, base::isVisible)) {
        reader.refuse("client_id",
                      "`client_id` holds a space or another character that no client id has; copy it again");
    }
    if (const toml::node* secret = reader.find("client_secret"); secret != nullptr && !secret->is_boolean()) {
        reader.refuse("client_secret",
                      "a client secret does not belong in a file, where every program and backup can read it; write "
                      "client_secret = true, and keybearer login asks for it once and keeps it in the keychain");
    }
    profile.clientSecret = reader.boolean("client_secret");
    profile.assumePkce = reader.boolean("assume_pkce");
    profile.dpop = reader.boolean("dpop");
    profile.revocationEndsSignIn = reader.boolean("revocation_ends_sign_in");
    if (const auto days = reader.integer("refresh_lifetime_days", "refresh_lifetime_days = 180")) {
        if (*days < 1 || *days > kMaxRefreshDays) {
            reader.refuse("refresh_lifetime_days", "`refresh_lifetime_days` is a number of days from 1 to 3650");
        } else {
            profile.refreshLifetime = std::chrono::hours(24 * *days);
        }
    }
    for (const WordList& list : kWordLists) {
        readWords(reader, list, profile);
    }
}

void readRedirect(TableReader& reader, Profile& profile) {
    constexpr const char* kExample = R"(redirect = "http://127.0.0.1/callback")";
    if (const std::string uri = reader.string("redirect", kExample); !uri.empty()) {
        auto redirect = parseRedirect(uri);
        if (!redirect) {
            reader.refuse("redirect", redirect.error());
            return;
        }
        profile.redirect = std::move(*redirect);
    }
    const bool hasPort = !profile.redirect.ports.empty();
    for (const auto& [port, node] : reader.list<std::int64_t>("redirect_ports", "redirect_ports = [8400, 8401]")) {
        auto& ports = profile.redirect.ports;
        if (hasPort) {
            reader.refuse("redirect_ports", "`redirect` names a port already; say it in one place only");
            return;
        }
        if (port < kFirstRedirectPort || port > 65535) {
            reader.refuseAt(node->source().begin, "a port is a number from 1024 to 65535");
        } else if (std::ranges::find(ports, port) != ports.end()) {
            reader.refuseAt(node->source().begin, "this port is already in the list; remove it");
        } else if (ports.size() == kMaxPorts) {
            reader.refuseAt(node->source().begin, "16 ports are enough; remove some");
        }
        ports.push_back(static_cast<std::uint16_t>(port));
    }
}

void readAddresses(TableReader& reader, Profile& profile) {
    profile.caFile = reader.string("ca_file", R"(ca_file = "/etc/ssl/company.pem")");
    if (!profile.caFile.empty() && (profile.caFile.front() != '/' || profile.caFile.find('\0') != std::string::npos)) {
        reader.refuse("ca_file", R"(`ca_file` must be an absolute path like "/etc/ssl/company.pem")");
    }
    profile.registerUrl = reader.string("register_url", R"(register_url = "https://login.example.com/apps")");
    if (!profile.registerUrl.empty()) {
        const auto url = base::parseUrl(profile.registerUrl);
        if (!url || !url->https) {
            reader.refuse("register_url", R"(`register_url` must be a URL like "https://login.example.com/apps")");
        }
    }
}

/// https, or this machine.
bool isUsableUrl(const std::string& text) {
    const auto url = base::parseUrl(text);
    return url && !url->hasFragment && (url->https || base::isLoopback(*url));
}

void readProvisioning(TableReader& reader, std::string_view filename, Profile& profile) {
    const toml::node* node = reader.find("provision");
    if (node == nullptr) {
        return;
    }
    if (!node->is_table()) {
        reader.refuse("provision", "`provision` is a section; write [provision]");
        return;
    }
    TableReader section(*node->as_table(), filename, {"authorize_url", "exchange_url", "field"});
    Provisioning provisioning;
    provisioning.authorizeUrl = section.string("authorize_url", R"(authorize_url = "https://example.com/auth")");
    provisioning.exchangeUrl = section.string("exchange_url", R"(exchange_url = "https://example.com/api/keys")");
    provisioning.field = section.string("field", R"(field = "api_key")");
    if (provisioning.field.empty()) {
        provisioning.field = profile.mainField;
    }
    for (const auto& [key, url] : {std::pair("authorize_url", &provisioning.authorizeUrl),
                                   std::pair("exchange_url", &provisioning.exchangeUrl)}) {
        if (!isUsableUrl(*url)) {
            section.refuse(key, "`" + std::string(key) + "` is an https:// address; http:// is for this machine");
        }
    }
    const auto field = std::ranges::find(profile.fields, provisioning.field, &Field::name);
    if (field == profile.fields.end() || !field->secret || field->type != FieldType::Token) {
        section.refuse("field", "`field` names the secret of type token that the key becomes");
    }
    if (!profile.issuer.empty()) {
        section.refuse("authorize_url", "signing in leads to an issuer's account or to a key, not to both");
    }
    if (!profile.redirect.path.ends_with("/*")) {
        section.refuse("authorize_url", "there is no `state` here, so the redirect's path must end with /*");
    }
    reader.adopt(section.problem());
    profile.provisioning = std::move(provisioning);
}

void readEndpoints(TableReader& reader, std::string_view filename, Profile& profile) {
    const toml::node* node = reader.find("endpoints");
    if (node == nullptr) {
        return;
    }
    if (!node->is_table()) {
        reader.refuse("endpoints", "`endpoints` is a section; write [endpoints]");
        return;
    }
    struct Row {
        const char* key;
        std::string Endpoints::*member;
        bool isRequired;
    };
    constexpr std::array kRows{
        Row{"authorization", &Endpoints::authorization, true}, Row{"token", &Endpoints::tokenUrl, true},
        Row{"device_authorization", &Endpoints::deviceAuthorization, false},
        Row{"revocation", &Endpoints::revocation, false}, Row{"userinfo", &Endpoints::userinfo, false}};
    TableReader section(*node->as_table(), filename,
                        {"authorization", "token", "device_authorization", "revocation", "userinfo"});
    Endpoints endpoints;
    for (const Row& row : kRows) {
        std::string url = section.string(row.key, "an https:// address");
        if ((row.isRequired || section.find(row.key) != nullptr) && !isUsableUrl(url)) {
            section.refuse(row.key,
                           "`" + std::string(row.key) + "` is an https:// address; http:// is for this machine");
        }
        endpoints.*row.member = std::move(url);
    }
    if (profile.issuer.empty()) {
        section.refuse("token", "endpoints belong to an `issuer`, which names the account's server");
    }
    reader.adopt(section.problem());
    profile.endpoints = std::move(endpoints);
}

/// Belongs to one profile alone.
bool isOwn(std::string_view key) {
    return key == "id" || key == "extends" || key == "display_name" || key == "aliases";
}

std::string textAt(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    return node == nullptr ? std::string() : node->value_exact<std::string>().value_or(std::string());
}

/// Places of errors are those of `into`: its nodes are never copied, which would lose them.
void takeOver(toml::table& into, const toml::table& from, bool withOwn) {
    // Another server's endpoints would get this one's codes and tokens.
    const bool isOtherServer = into.contains("issuer") && textAt(into, "issuer") != textAt(from, "issuer");
    for (const auto& [key, node] : from) {
        toml::node* mine = into.get(key.str());
        if (isOtherServer && (key.str() == "endpoints" || key.str() == "provision")) {
            continue;
        }
        if (mine == nullptr && (withOwn || !isOwn(key.str()))) {
            into.insert(key.str(), node);
        } else if (mine != nullptr && mine->is_table() && node.is_table()) {
            takeOver(*mine->as_table(), *node.as_table(), true);
        }
    }
}

} // namespace

ProfileHead profileHead(std::string_view text) {
    const auto table = parseToml(text, {});
    return table ? ProfileHead{textAt(*table, "id"), textAt(*table, "extends")} : ProfileHead{};
}

base::Result<Profile, std::string> parseProfile(std::string_view text, std::string_view filename,
                                                const std::vector<std::string>& extended) {
    auto table = parseToml(text, filename);
    if (!table) {
        return base::fail(table.error());
    }
    for (const std::string& parentText : extended) {
        const auto parent = parseToml(parentText, {});
        if (!parent) {
            return base::fail(std::string(filename) + ":1:1: the profile that it extends cannot be read");
        }
        takeOver(*table, *parent, textAt(*parent, "id") == textAt(*table, "id"));
    }
    TableReader reader(*table, filename,
                       {"id",
                        "display_name",
                        "issuer",
                        "client_id",
                        "client_secret",
                        "scopes",
                        "resources",
                        "audiences",
                        "redirect",
                        "redirect_ports",
                        "ca_file",
                        "register_url",
                        "assume_pkce",
                        "dpop",
                        "revocation_ends_sign_in",
                        "aliases",
                        "dashboard_url",
                        "fields",
                        "needs",
                        "main",
                        "extends",
                        "provision",
                        "endpoints",
                        "refresh_lifetime_days"});
    Profile profile;
    profile.source = filename;
    readNames(reader, profile);
    if (reader.string("extends", R"(extends = "openai")").empty() != extended.empty()) {
        reader.refuse("extends", "only a profile of a folder can extend another");
    }
    readIssuer(reader, profile);
    readClient(reader, profile);
    readRedirect(reader, profile);
    readAddresses(reader, profile);
    readFields(reader, filename, profile);
    readProvisioning(reader, filename, profile);
    readEndpoints(reader, filename, profile);
    if (!reader.problem().empty()) {
        return base::fail(reader.problem());
    }
    return profile;
}

} // namespace keybearer::providers
