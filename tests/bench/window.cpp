/// \file
/// What a window without anything of ours costs: Qt Widgets, a main window, and a line of text in it.

#include <QApplication>
#include <QLabel>
#include <QMainWindow>

int main(int argc, char** argv) {
    const QApplication application(argc, argv);
    QMainWindow window;
    window.setCentralWidget(new QLabel(QStringLiteral("nothing")));
    window.resize(900, 600);
    window.show();
    return QApplication::exec();
}
