#pragma once
/// \file
/// The picture of who used what when.

#include "app/model/timeline.h"

#include <QAbstractScrollArea>

#include <optional>

namespace keybearer::tray {

/// Main thread. A lane for each program, a mark for each use, or for several that are too close to be told apart. With
/// the keyboard: left and right go from mark to mark, up and down from lane to lane, Home and End to a lane's ends, and
/// Return opens the program. Thousands of rows cost what the marks cost that they become.
class TimelineView : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit TimelineView(QWidget* parent = nullptr);

    /// The oldest first. The mark that was looked at stays the one, if its row is still there.
    void setRows(std::vector<model::AuditRow> rows, model::TimeSpan span);
    /// Of `credentials` each has the mark of its place, so that it is the same elsewhere.
    void setCredentials(QStringList credentials);

    /// The rows of the mark that is looked at, the oldest first; empty: there is none.
    [[nodiscard]] std::vector<const model::AuditRow*> current() const;
    /// Looks at the mark of a row, by its number.
    void setCurrent(std::int64_t sequence);

Q_SIGNALS:
    void currentChanged();
    /// The person wants to know more about a program.
    void programWanted(const std::string& client, const QString& program);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

private:
    struct Place {
        std::size_t lane = 0;
        std::size_t mark = 0;
    };

    void layOut();
    void paintScale(QPainter& painter) const;
    void paintLane(QPainter& painter, std::size_t lane) const;
    [[nodiscard]] int markSide() const;
    [[nodiscard]] int laneHeight() const;
    [[nodiscard]] int scaleHeight() const;
    [[nodiscard]] QRect plot() const;
    [[nodiscard]] int screenX(int x) const;
    [[nodiscard]] QRect laneRect(std::size_t lane) const;
    [[nodiscard]] QRect markRect(Place place) const;
    [[nodiscard]] const model::TimelineMark& markAt(Place place) const;
    [[nodiscard]] std::optional<std::size_t> laneAt(QPoint point) const;
    [[nodiscard]] std::optional<Place> placeAt(QPoint point) const;
    [[nodiscard]] std::optional<Place> placeOf(std::int64_t sequence) const;
    [[nodiscard]] QString textOf(Place place) const;
    [[nodiscard]] std::optional<Place> next(int key) const;
    void look(std::optional<Place> place);
    void wantProgram(std::size_t lane);

    std::vector<model::AuditRow> m_rows;
    model::TimeSpan m_span;
    model::Timeline m_timeline;
    QStringList m_credentials;
    std::optional<Place> m_place;
    int m_labelWidth = 0;
};

} // namespace keybearer::tray
