#include "app/model/chain.h"

#include "app/model/reading.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace keybearer::model {
namespace {

using nlohmann::json;
using Fate = ChainEntry::Fate;

struct LayerWords {
    std::string_view layer;
    const char* name;
};
constexpr std::array kLayerWords{
    LayerWords{"call", QT_TRANSLATE_NOOP("Chain", "Given with the program's request")},
    LayerWords{"instance", QT_TRANSLATE_NOOP("Chain", "Given when the program began")},
    LayerWords{"environment", QT_TRANSLATE_NOOP("Chain", "Environment of the program")},
    LayerWords{"store", QT_TRANSLATE_NOOP("Chain", "Stored here")},
    LayerWords{"shared", QT_TRANSLATE_NOOP("Chain", "Shared by all tenants")},
    LayerWords{"broker_environment", QT_TRANSLATE_NOOP("Chain", "Environment of the broker")},
    LayerWords{"oauth", QT_TRANSLATE_NOOP("Chain", "Account that is signed in")},
    LayerWords{"file", QT_TRANSLATE_NOOP("Chain", "File")},
    LayerWords{"command", QT_TRANSLATE_NOOP("Chain", "Output of a command")},
    LayerWords{"aws_sdk", QT_TRANSLATE_NOOP("Chain", "Profile in the AWS files")},
    LayerWords{"none", QT_TRANSLATE_NOOP("Chain", "Configured: nothing is needed")},
    LayerWords{"default", QT_TRANSLATE_NOOP("Chain", "The provider's default")},
};

QString chainWords(const char* text) {
    return QCoreApplication::translate("Chain", text);
}

QString layerName(const std::string& layer) {
    const auto* const found = std::ranges::find(kLayerWords, layer, &LayerWords::layer);
    return found == kLayerWords.end() ? shownText(layer) : chainWords(found->name);
}

/// What a program brings itself is not known to anybody else.
bool isPrograms(const std::string& layer) {
    return layer == "call" || layer == "instance" || layer == "environment";
}

QString emptyNote(const std::string& layer) {
    if (isPrograms(layer)) {
        return chainWords(QT_TRANSLATE_NOOP("Chain", "known only when a program asks"));
    }
    return layer == "none" ? QString() : chainWords(QT_TRANSLATE_NOOP("Chain", "nothing there"));
}

/// The layers in their order, each once, and the words for its name.
class Layers {
public:
    void see(const std::string& layer) {
        if (std::ranges::find(m_ids, layer) == m_ids.end()) {
            m_ids.push_back(layer);
            m_layers << ChainLayer{layerName(layer), emptyNote(layer), {}};
        }
    }
    void add(const json& place, Fate fate, const QString& text) {
        const std::string layer = exactOf(place, "source");
        see(layer);
        ChainLayer& row = m_layers[std::ranges::find(m_ids, layer) - m_ids.begin()];
        const QString from = textOf(place, "from");
        row.note.clear();
        row.entries << ChainEntry{fate, textOf(place, "field"),
                                  from.isEmpty() ? text : QStringLiteral("(%1) %2").arg(from, text)};
    }
    QList<ChainLayer> take() { return std::move(m_layers); }

private:
    std::vector<std::string> m_ids;
    QList<ChainLayer> m_layers;
};

QString takenText(const json& field) {
    QString text = chainWords(QT_TRANSLATE_NOOP("Chain", "is used"));
    const QString fingerprint = textOf(field, "fingerprint");
    if (!fingerprint.isEmpty()) {
        text = chainWords(QT_TRANSLATE_NOOP("Chain", "is used, fingerprint %1")).arg(fingerprint);
    }
    return isTrue(field, "test") ? chainWords(QT_TRANSLATE_NOOP("Chain", "%1, for test")).arg(text) : text;
}

QString whyPassedOver(const json& place) {
    return exactOf(place, "why") == "incomplete"
               ? chainWords(QT_TRANSLATE_NOOP(
                     "Chain", "is passed over: this is a part of a credential, and another place has a whole one"))
               : chainWords(QT_TRANSLATE_NOOP("Chain", "is passed over: the secrets come from another place"));
}

/// The name of the place that a field is taken from.
QString takenFrom(const json& explained, const std::string& field) {
    for (const json& taken : listOf(explained, "fields")) {
        if (exactOf(taken, "field") == field) {
            return layerName(exactOf(taken, "source"));
        }
    }
    return {};
}

} // namespace

bool ChainLayer::isTakenFrom() const {
    return std::ranges::any_of(entries, [](const ChainEntry& entry) { return entry.fate == Fate::Taken; });
}

Chain chainFrom(const json& explained) {
    Layers layers;
    for (const json& layer : listOf(explained, "looked_at")) {
        if (layer.is_string()) {
            layers.see(layer.get<std::string>());
        }
    }
    for (const json& field : listOf(explained, "fields")) {
        layers.add(field, Fate::Taken, takenText(field));
    }
    for (const json& place : listOf(explained, "shadowed")) {
        layers.add(place, Fate::Hidden,
                   chainWords(QT_TRANSLATE_NOOP("Chain", "is hidden by: %1"))
                       .arg(takenFrom(explained, exactOf(place, "field"))));
    }
    for (const json& place : listOf(explained, "ignored")) {
        layers.add(place, Fate::PassedOver, whyPassedOver(place));
    }
    Chain chain;
    chain.title = QCoreApplication::translate("Credentials", "%1, %2")
                      .arg(textOf(explained, "provider"), textOf(explained, "name"));
    chain.isComplete = isTrue(explained, "complete");
    chain.verdict = chain.isComplete ? chainWords(QT_TRANSLATE_NOOP("Chain", "A program gets a whole credential."))
                                     : chainWords(QT_TRANSLATE_NOOP("Chain", "There is no whole credential."));
    chain.layers = layers.take();
    chain.warnings = textsOf(explained, "warnings");
    return chain;
}

QString chainText(const Chain& chain) {
    QStringList lines{chain.verdict};
    for (const ChainLayer& layer : chain.layers) {
        lines << (layer.note.isEmpty() ? layer.name : QStringLiteral("%1: %2").arg(layer.name, layer.note));
        for (const ChainEntry& entry : layer.entries) {
            lines << QStringLiteral("  %1 %2").arg(entry.field, entry.text);
        }
    }
    return (lines + chain.warnings).join(QLatin1Char('\n'));
}

} // namespace keybearer::model
