#pragma once
/// \file
/// Where one field of a key is typed, pasted or read from a file.

#include "app/model/key_form.h"
#include "ipc/base/secret.h"

#include <QLabel>
#include <QLineEdit>
#include <QWidget>

namespace keybearer::tray {

/// Main thread. What is a secret is never shown: of a line there are dots, of PEM and JSON only its size, and no text
/// widget holds those. Below it stands what is wrong with the value.
class KeyFieldEdit : public QWidget {
    Q_OBJECT
public:
    /// `present` says, in an empty line, what holds now.
    KeyFieldEdit(model::KeyField field, const QString& present, QWidget* parent = nullptr);

    [[nodiscard]] const model::KeyField& field() const noexcept { return m_field; }
    [[nodiscard]] bool isEmpty() const;
    /// Whether it is empty, or a value that the field can have.
    [[nodiscard]] bool isGood() const;
    /// Without white space around it, where that cannot be a part of it.
    [[nodiscard]] base::Secret value() const;
    void clear();

Q_SIGNALS:
    void changed();

private:
    void buildLine(const QString& present);
    void buildBlock(const QString& present);
    void paste();
    void chooseFile();
    void readFile(const QString& path);
    void take(base::Secret block);
    void check();

    model::KeyField m_field;
    QLineEdit* m_line = nullptr; ///< null: a block
    QLabel* m_summary = nullptr; ///< of the block
    base::Secret m_block;
    QLabel* m_problem;
};

} // namespace keybearer::tray
