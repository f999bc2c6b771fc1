#include "app/model/key_form.h"

#include "app/common/browser.h"
#include "app/model/reading.h"
#include "ipc/base/ascii.h"
#include "ipc/base/text.h"
#include "ipc/base/url.h"
#include "ipc/protocol/strict_json.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>
#include <array>
#include <utility>

namespace keybearer::model {
namespace {

using nlohmann::json;

constexpr int kDepth = 16; // of a key that is JSON, as in the broker
constexpr std::size_t kMostOfAToken = 16U << 10;
constexpr std::size_t kMostOfABlock = 64U << 10;
constexpr std::size_t kMostOfALine = 4U << 10;
constexpr std::size_t kLongestName = 64;
constexpr std::array<std::pair<const char*, const char*>, 4> kAbbreviations{
    {{"api", "API"}, {"url", "URL"}, {"id", "ID"}, {"aws", "AWS"}}};

QString words(const char* text) {
    return QCoreApplication::translate("KeyForm", text);
}

std::vector<std::string> exactTexts(const json& list) {
    std::vector<std::string> texts;
    for (const json& text : list) {
        if (text.is_string()) {
            texts.push_back(text.get<std::string>());
        }
    }
    return texts;
}

/// RFC 7468: the broker looks at every line, this at the first and the last.
bool looksLikePem(std::string_view value) {
    const std::string_view text = trimmed(value);
    const std::size_t end = text.rfind("-----END ");
    return text.starts_with("-----BEGIN ") && text.ends_with("-----") && end != std::string_view::npos &&
           text[end - 1] == '\n';
}

QString problemWithText(const KeyField& field, std::string_view value) {
    const bool hasControls = std::ranges::any_of(value, base::isControl);
    if (field.type == "token") {
        return std::ranges::all_of(value, base::isVisible)
                   ? QString()
                   : words(QT_TRANSLATE_NOOP("KeyForm", "A key is one line without spaces."));
    }
    if (field.type == "pem") {
        return looksLikePem(value)
                   ? QString()
                   : words(QT_TRANSLATE_NOOP("KeyForm", "PEM goes from -----BEGIN ...----- to -----END ...-----."));
    }
    if (field.type == "json") {
        const auto parsed = protocol::parseStrictJson(value, kDepth);
        return parsed && parsed->is_object() ? QString()
                                             : words(QT_TRANSLATE_NOOP("KeyForm", "This is not one JSON object."));
    }
    if (field.type == "url") {
        const auto url = base::parseUrl(value);
        return url && !url->hasFragment
                   ? QString()
                   : words(QT_TRANSLATE_NOOP("KeyForm", "An address looks like https://api.example.com."));
    }
    if (field.type == "path" && !value.starts_with('/')) {
        return words(QT_TRANSLATE_NOOP("KeyForm", "A path begins with a slash."));
    }
    return hasControls ? words(QT_TRANSLATE_NOOP("KeyForm", "This is one line of plain text.")) : QString();
}

} // namespace

bool KeyForm::isWhole(const std::vector<std::string>& given) const {
    const auto isGiven = [&given](const std::string& field) { return std::ranges::find(given, field) != given.end(); };
    return needs.empty() ||
           std::ranges::any_of(needs, [&isGiven](const auto& need) { return std::ranges::all_of(need, isGiven); });
}

KeyForm keyFormFrom(const json& described) {
    KeyForm form;
    form.provider = exactOf(described, "provider");
    form.displayName = textOf(described, "display_name");
    form.dashboardUrl = exactOf(described, "dashboard_url");
    if (!common::isWebUrl(form.dashboardUrl)) {
        form.dashboardUrl.clear();
    }
    for (const json& need : listOf(described, "needs")) {
        if (need.is_array() && !need.empty()) {
            form.needs.push_back(exactTexts(need));
        }
    }
    for (const json& row : listOf(described, "fields")) {
        KeyField field;
        field.name = exactOf(row, "field");
        field.type = exactOf(row, "type");
        field.isSecret = isTrue(row, "secret");
        field.isNeeded = std::ranges::any_of(
            form.needs, [&field](const auto& need) { return std::ranges::find(need, field.name) != need.end(); });
        field.prefixes = exactTexts(listOf(row, "prefixes"));
        field.fallback = textOf(row, "default");
        if (!field.name.empty()) {
            form.fields.push_back(std::move(field));
        }
    }
    std::stable_partition(form.fields.begin(), form.fields.end(), [](const KeyField& field) { return field.isNeeded; });
    return form;
}

QString labelOf(const KeyField& field) {
    QStringList parts = shownText(field.name).split(QLatin1Char('_'), Qt::SkipEmptyParts);
    for (QString& part : parts) {
        for (const auto& [plain, shown] : kAbbreviations) {
            if (part == QLatin1String(plain)) {
                part = QLatin1String(shown);
            }
        }
    }
    QString label = parts.join(QLatin1Char(' '));
    if (!label.isEmpty()) {
        label[0] = label[0].toUpper();
    }
    return label;
}

std::string_view trimmed(std::string_view value) {
    constexpr std::string_view kWhite = " \t\r\n\v\f";
    const std::size_t begin = value.find_first_not_of(kWhite);
    return begin == std::string_view::npos ? std::string_view()
                                           : value.substr(begin, value.find_last_not_of(kWhite) - begin + 1);
}

QString problemWith(const KeyField& field, std::string_view value) {
    const std::size_t most = field.isBlock() ? kMostOfABlock : field.type == "token" ? kMostOfAToken : kMostOfALine;
    if (value.empty()) {
        return words(QT_TRANSLATE_NOOP("KeyForm", "It is empty."));
    }
    if (value.size() > most) {
        return words(QT_TRANSLATE_NOOP("KeyForm", "It is too long for a key."));
    }
    if (!base::isUtf8(value) || value.find('\0') != std::string_view::npos) {
        return words(QT_TRANSLATE_NOOP("KeyForm", "It is not text."));
    }
    return problemWithText(field, value);
}

QString doubtAbout(const KeyField& field, std::string_view value) {
    const auto begins = [value](const std::string& prefix) { return value.starts_with(prefix); };
    if (field.prefixes.empty() || std::ranges::any_of(field.prefixes, begins)) {
        return {};
    }
    QStringList known;
    for (const std::string& prefix : field.prefixes) {
        known << shownText(prefix);
    }
    return words(QT_TRANSLATE_NOOP("KeyForm", "It does not begin with %1, as others do."))
        .arg(known.join(words(QT_TRANSLATE_NOOP("KeyForm", " or "))));
}

QString problemWithName(std::string_view name) {
    const auto isAllowed = [](char c) { return base::isAlnum(c) || c == '.' || c == '_' || c == '-' || c == '@'; };
    return !name.empty() && name.size() <= kLongestName && base::isAlnum(name.front()) &&
                   std::ranges::all_of(name, isAllowed)
               ? QString()
               : words(QT_TRANSLATE_NOOP("KeyForm", "A name is 1 to 64 letters, digits, '.', '_', '@' and '-', and "
                                                    "begins with a letter or digit."));
}

} // namespace keybearer::model
