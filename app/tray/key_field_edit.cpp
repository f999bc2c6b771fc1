#include "app/tray/key_field_edit.h"

#include <QClipboard>
#include <QFile>
#include <QFileDialog>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include <utility>

namespace keybearer::tray {
namespace {

using namespace Qt::Literals::StringLiterals;

constexpr qint64 kMostOfAFile = (64 << 10) + 1; // one more than a value may have, so that a longer one is noticed

base::Secret absorbed(QByteArray bytes) {
    base::Secret kept(std::string_view(bytes.constData(), static_cast<std::size_t>(bytes.size())));
    base::wipe(bytes.data(), static_cast<std::size_t>(bytes.size()));
    return kept;
}

} // namespace

KeyFieldEdit::KeyFieldEdit(model::KeyField field, const QString& present, QWidget* parent)
    : QWidget(parent), m_field(std::move(field)), m_problem(new QLabel) {
    m_problem->setObjectName(QString::fromStdString(m_field.name) + u"Problem"_s);
    m_problem->setTextFormat(Qt::PlainText);
    m_problem->setWordWrap(true);
    m_problem->hide();
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins({});
    if (m_field.isBlock()) {
        buildBlock(present);
    } else {
        buildLine(present);
    }
    all->addWidget(m_problem);
}

void KeyFieldEdit::buildLine(const QString& present) {
    m_line = new QLineEdit;
    m_line->setObjectName(QString::fromStdString(m_field.name));
    m_line->setAccessibleName(model::labelOf(m_field));
    m_line->setPlaceholderText(present);
    if (m_field.isSecret) {
        m_line->setEchoMode(QLineEdit::Password);
    }
    layout()->addWidget(m_line);
    setFocusProxy(m_line);
    connect(m_line, &QLineEdit::textChanged, this, &KeyFieldEdit::check);
}

void KeyFieldEdit::buildBlock(const QString& present) {
    m_summary = new QLabel(present.isEmpty() ? tr("Nothing yet") : present);
    m_summary->setObjectName(QString::fromStdString(m_field.name));
    m_summary->setTextFormat(Qt::PlainText);
    auto* fromClipboard = new QPushButton(tr("&Paste"));
    fromClipboard->setObjectName(QString::fromStdString(m_field.name) + u"Paste"_s);
    fromClipboard->setAccessibleDescription(model::labelOf(m_field));
    auto* fromFile = new QPushButton(tr("&Choose a file ..."));
    fromFile->setObjectName(QString::fromStdString(m_field.name) + u"File"_s);
    fromFile->setAccessibleDescription(model::labelOf(m_field));
    auto* line = new QHBoxLayout;
    line->addWidget(m_summary, 1);
    for (QPushButton* button : {fromClipboard, fromFile}) {
        button->setAutoDefault(false);
        line->addWidget(button);
    }
    qobject_cast<QVBoxLayout*>(layout())->addLayout(line);
    setFocusProxy(fromClipboard);
    connect(fromClipboard, &QPushButton::clicked, this, &KeyFieldEdit::paste);
    connect(fromFile, &QPushButton::clicked, this, &KeyFieldEdit::chooseFile);
}

void KeyFieldEdit::paste() {
    take(absorbed(QGuiApplication::clipboard()->text().toUtf8()));
}

void KeyFieldEdit::chooseFile() {
    auto* dialog = new QFileDialog(this, tr("File with the %1").arg(model::labelOf(m_field)));
    dialog->setObjectName(u"keyFile"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, this, &KeyFieldEdit::readFile);
    dialog->open();
}

void KeyFieldEdit::readFile(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        clear();
        m_problem->setText(tr("The file cannot be read: %1").arg(file.errorString()));
        m_problem->show();
        return;
    }
    take(absorbed(file.read(kMostOfAFile)));
}

void KeyFieldEdit::take(base::Secret block) {
    m_block = std::move(block);
    m_summary->setText(m_block.empty() ? tr("Nothing yet")
                                       : tr("%n byte(s), not shown", nullptr, static_cast<int>(m_block.size())));
    check();
}

bool KeyFieldEdit::isEmpty() const {
    return m_line == nullptr ? m_block.empty() : m_line->text().trimmed().isEmpty();
}

base::Secret KeyFieldEdit::value() const {
    if (m_line == nullptr) {
        return m_block.clone();
    }
    const base::Secret typed = absorbed(m_line->text().toUtf8());
    return base::Secret(model::trimmed(typed.reveal()));
}

bool KeyFieldEdit::isGood() const {
    return isEmpty() || model::problemWith(m_field, value().reveal()).isEmpty();
}

void KeyFieldEdit::clear() {
    if (m_line != nullptr) {
        m_line->clear();
    } else {
        take({});
    }
}

void KeyFieldEdit::check() {
    QString text;
    if (!isEmpty()) {
        const base::Secret typed = value();
        text = model::problemWith(m_field, typed.reveal());
        text = text.isEmpty() ? model::doubtAbout(m_field, typed.reveal()) : text;
    }
    m_problem->setText(text);
    m_problem->setVisible(!text.isEmpty());
    focusProxy()->setAccessibleDescription(text.isEmpty() && m_line == nullptr ? model::labelOf(m_field) : text);
    Q_EMIT changed();
}

} // namespace keybearer::tray
