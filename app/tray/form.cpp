#include "app/tray/form.h"

#include <QGridLayout>
#include <QLineEdit>
#include <QStyle>

namespace keybearer::tray {

Form::Form(QWidget* parent) : QWidget(parent) {
    auto* grid = new QGridLayout(this);
    grid->setContentsMargins({});
    grid->setColumnStretch(1, 1);
}

void Form::add(const QString& name, QWidget* field) {
    auto* label = new QLabel(name);
    label->setBuddy(field);
    m_names.insert(field, label);
    auto* grid = static_cast<QGridLayout*>(layout());
    const int row = grid->rowCount();
    const auto side = Qt::Alignment(style()->styleHint(QStyle::SH_FormLayoutLabelAlignment, nullptr, this));
    const bool isOneLine = qobject_cast<QLineEdit*>(field) != nullptr;
    grid->addWidget(label, row, 0, (side & Qt::AlignHorizontal_Mask) | (isOneLine ? Qt::AlignVCenter : Qt::AlignTop));
    grid->addWidget(field, row, 1);
}

void Form::setShown(QWidget* field, bool isShown) {
    m_names.value(field)->setVisible(isShown);
    field->setVisible(isShown);
}

void Form::setText(QLabel* field, const QString& text) {
    field->setText(text);
    setShown(field, !text.isEmpty());
}

} // namespace keybearer::tray
