#include "app/tray/notice_bar.h"

#include <utility>

namespace keybearer::tray {

using namespace Qt::Literals::StringLiterals;

NoticeBar::NoticeBar(const QString& name, QWidget* parent)
    : QFrame(parent), m_text(new QLabel), m_line(new QHBoxLayout(this)) {
    setObjectName(name);
    setFrameShape(QFrame::StyledPanel);
    m_text->setObjectName(name + u"Text"_s);
    m_text->setTextFormat(Qt::PlainText); // some of it is a server's words
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_line->addWidget(m_text, 1);
    hide();
}

void NoticeBar::showText(const QString& text, const QList<Answer>& answers) {
    for (QPushButton* before : std::exchange(m_buttons, {})) {
        before->hide();
        before->deleteLater(); // this may be its own call
    }
    m_text->setText(text);
    for (const Answer& answer : answers) {
        auto* button = new QPushButton(answer.text);
        button->setObjectName(answer.name);
        button->setAutoDefault(false);
        m_line->addWidget(button);
        m_buttons << button;
        connect(button, &QPushButton::clicked, this, [this, run = answer.run] {
            hide();
            if (run) {
                run();
            }
        });
    }
    show();
}

} // namespace keybearer::tray
