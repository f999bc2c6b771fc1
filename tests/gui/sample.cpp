// A small program with a window and a tray icon, for the tests of the tests' own desktop. Arguments: an address for
// "Open page".
#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDesktopServices>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QPixmap>
#include <QPushButton>
#include <QSpinBox>
#include <QSystemTrayIcon>
#include <QUrl>

namespace {

QIcon square() {
    QPixmap picture(32, 32);
    picture.fill(QColor(0x20, 0x80, 0xe0));
    return picture;
}

class Window : public QWidget {
public:
    explicit Window(const QUrl& page) {
        setWindowTitle(QStringLiteral("Sample"));
        setFixedSize(320, 300);
        auto* form = new QFormLayout(this);
        auto* name = new QLineEdit;
        form->addRow(QStringLiteral("Name"), name);
        auto* password = new QLineEdit;
        password->setEchoMode(QLineEdit::Password);
        form->addRow(QStringLiteral("Password"), password);
        form->addRow(new QCheckBox(QStringLiteral("Remember")));
        auto* color = new QComboBox;
        color->addItems({QStringLiteral("Red"), QStringLiteral("Green")});
        form->addRow(QStringLiteral("Color"), color);
        form->addRow(QStringLiteral("Count"), new QSpinBox);
        auto* said = new QLabel(QStringLiteral("nothing"));
        said->setAccessibleDescription(QStringLiteral("what happened last"));
        form->addRow(said);
        addButton("Greet", [=] { said->setText(QStringLiteral("Hello ") + name->text()); });
        addButton("Ask", [=, this] {
            const auto answer = QMessageBox::question(this, QStringLiteral("Sure"), QStringLiteral("Are you sure?"));
            said->setText(answer == QMessageBox::Yes ? QStringLiteral("sure") : QStringLiteral("unsure"));
        });
        addButton("Open page", [page] { QDesktopServices::openUrl(page); });
        addButton("", [] {});
        addButton("Refused", [] {})->setEnabled(false);
    }

private:
    template<typename Action>
    QPushButton* addButton(const char* text, Action action) {
        auto* button = new QPushButton(QString::fromLatin1(text));
        connect(button, &QPushButton::clicked, this, action);
        static_cast<QFormLayout*>(layout())->addRow(button);
        return button;
    }
};

} // namespace

int main(int argc, char** argv) {
    QApplication app(argc, argv);
    app.setQuitOnLastWindowClosed(false);
    Window window(QUrl(app.arguments().value(1)));
    QMenu menu;
    menu.addAction(QStringLiteral("&Show"), &window, &QWidget::show);
    auto* more = menu.addMenu(QStringLiteral("More"));
    more->addAction(QStringLiteral("Never"))->setEnabled(false);
    more->addAction(QStringLiteral("Choice"))->setCheckable(true);
    menu.addSeparator();
    menu.addAction(QStringLiteral("Quit"), &app, &QApplication::quit);
    QSystemTrayIcon icon(square());
    icon.setToolTip(QStringLiteral("A sample"));
    icon.setContextMenu(&menu);
    QObject::connect(&icon, &QSystemTrayIcon::activated, &window, [&](QSystemTrayIcon::ActivationReason reason) {
        if (reason == QSystemTrayIcon::Trigger) {
            window.setVisible(!window.isVisible());
        }
    });
    icon.show();
    window.show();
    return QApplication::exec();
}
