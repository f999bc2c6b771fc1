#pragma once
/// \file
/// Draws the chain of places that a key can come from.

#include "app/model/chain.h"

#include <QDialog>
#include <QWidget>

namespace keybearer::tray {

/// Main thread. The strongest place is at the top. What is taken has a filled mark and bold text, what is hidden a line
/// through it, what is passed over a cross: nothing is told by colour alone. Its accessible description is the same in
/// words.
class ExplainView : public QWidget {
    Q_OBJECT
public:
    explicit ExplainView(QWidget* parent = nullptr);

    void setChain(const model::Chain& chain);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    enum class Mark { Layer, EmptyLayer, Taken, Hidden, PassedOver };
    struct Line {
        Mark mark;
        QString text;
        QRect box;  ///< of the text, as if it went from left to right
        QRect sign; ///< of the mark
    };

    [[nodiscard]] QFont fontOf(Mark mark) const;
    [[nodiscard]] QList<Line> linesFor(int width) const;
    void paintMark(QPainter& painter, Mark mark, const QRect& box) const;

    model::Chain m_chain;
};

/// A dialog with the chain, its verdict and its warnings; it deletes itself.
[[nodiscard]] QDialog* explainDialog(const model::Chain& chain, QWidget* parent);

} // namespace keybearer::tray
