#pragma once
/// \file
/// Text that may be somebody else's words.

#include <QLabel>

namespace keybearer::tray {

/// Shows text as it is, follows nothing in it, wraps it, and lets a person select it. `name` is its object name.
[[nodiscard]] inline QLabel* plainLabel(const QString& name) {
    auto* label = new QLabel;
    label->setObjectName(name);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    return label;
}

} // namespace keybearer::tray
