#pragma once
/// \file
/// Where a key comes from, as a chain of places: what credential.explain says, ready to be drawn.

#include <QList>
#include <QString>
#include <QStringList>

#include <nlohmann/json.hpp>

namespace keybearer::model {

/// A field that a place has.
struct ChainEntry {
    enum class Fate {
        Taken,
        Hidden,     ///< a stronger place has it, too
        PassedOver, ///< it is stronger, and yet not taken
    };

    Fate fate = Fate::Taken;
    QString field;
    QString text; ///< a sentence: what became of it, and why
};

struct ChainLayer {
    QString name;
    QString note; ///< why there is no entry
    QList<ChainEntry> entries;

    [[nodiscard]] bool isTakenFrom() const;
};

struct Chain {
    QString title;
    QString verdict;
    bool isComplete = false;
    QList<ChainLayer> layers; ///< the strongest first
    QStringList warnings;
};

/// From the result of credential.explain; members that are missing say nothing. Pure.
[[nodiscard]] Chain chainFrom(const nlohmann::json& explained);
/// The same in words, a line for each layer and entry.
[[nodiscard]] QString chainText(const Chain& chain);

} // namespace keybearer::model
