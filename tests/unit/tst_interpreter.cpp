// Command lines of interpreters, and the script that they name.
#include "daemon/identity/interpreter.h"

#include <QTest>

using namespace keybearer::identity;

class tst_Interpreter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void knowsNames_data();
    void knowsNames();
    void findsTheScript_data();
    void findsTheScript();
    void findsNoScript_data();
    void findsNoScript();
    void believesNoCutCommandLine();
};

namespace {

std::vector<std::string> wordsOf(const QByteArray& line) {
    std::vector<std::string> words;
    for (const QByteArray& word : line.split(' ')) {
        words.push_back(word.toStdString());
    }
    return words;
}

Code codeOfLine(const QByteArray& line, bool isCut = false) {
    const auto words = wordsOf(line);
    return codeOf(*findInterpreter(words.front()), words, isCut);
}

} // namespace

void tst_Interpreter::knowsNames_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<int>("kind"); // -1: no interpreter
    for (const char* name : {"python", "python3", "python3.11", "python3.11-dbg", "pypy3", "node", "nodejs", "node20",
                             "perl5.36.0", "ruby3.1", "php8.2", "lua5.4", "tclsh8.6", "java"}) {
        QTest::newRow(name) << QByteArray(name) << int(Interpreter::Kind::Script);
    }
    for (const char* name : {"bash", "sh", "dash", "zsh", "fish", "zsh5", "mksh", "tcsh"}) {
        QTest::newRow(name) << QByteArray(name) << int(Interpreter::Kind::Shell);
    }
    for (const char* name :
         {"ld-linux-x86-64.so.2", "ld-2.31.so", "busybox", "qemu-aarch64", "wine64", "gdb", "mono-sgen", "make", "R"}) {
        QTest::newRow(name) << QByteArray(name) << int(Interpreter::Kind::Opaque);
    }
    for (const char* name : {"git", "node_exporter", "bashful", "shred", "3.11", "", "javac", "Rustup", "ash-x"}) {
        QTest::newRow(name) << QByteArray(name) << -1;
    }
}

void tst_Interpreter::knowsNames() {
    QFETCH(QByteArray, name);
    QFETCH(int, kind);
    const Interpreter* row = findInterpreter(name.toStdString());
    QCOMPARE(row == nullptr ? -1 : int(row->kind), kind);
}

void tst_Interpreter::findsTheScript_data() {
    QTest::addColumn<QByteArray>("line");
    for (const char* line : {"python3 S",
                             "python3 S -c x",
                             "python3 -I S",
                             "python3 -IBu S x",
                             "python3 -W ignore S",
                             "python3 -Wignore S",
                             "python3 -IX dev S",
                             "python3 -- S",
                             "python3 --check-hash-based-pycs always S",
                             "python3 --check-hash-based-pycs=always S",
                             "node S --eval x",
                             "node --inspect S",
                             "node --inspect=9229 S",
                             "node --max-old-space-size=4096 S",
                             "node -i S",
                             "node -- S",
                             "perl S",
                             "perl -w S",
                             "perl -wT S",
                             "perl -0777 S",
                             "perl -l012n S",
                             "perl -i.bak S",
                             "perl -I lib S",
                             "perl -Ilib S",
                             "perl -CSDA S",
                             "perl -nF: S",
                             "ruby S",
                             "ruby -W0 S",
                             "ruby -W2w S",
                             "ruby -I lib S",
                             "ruby --disable-gems S",
                             "ruby --disable=gems S",
                             "php S",
                             "php -f S",
                             "php --file S",
                             "php -d x=y S",
                             "php -dx=y S",
                             "lua5.4 S",
                             "lua5.4 -W S",
                             "tclsh S x",
                             "bash S",
                             "bash -e S -c x",
                             "bash -eu -o pipefail S",
                             "bash -euo pipefail S",
                             "bash +x S",
                             "bash +o posix S",
                             "bash -O extglob S",
                             "bash --posix S",
                             "bash --rcfile x S",
                             "bash --rcfile=x S",
                             "bash - S",
                             "bash -- S",
                             "sh S",
                             "dash -e S",
                             "sh - S",
                             "zsh -f S",
                             "zsh --emulate sh S",
                             "fish S",
                             "fish --no-config S",
                             "tcsh -f S",
                             "java -jar S x",
                             "java -Dx=y -Xmx1g -jar S",
                             "java -cp x -jar S",
                             "java --add-opens x=y -jar S"}) {
        QTest::newRow(line) << QByteArray(line);
    }
}

void tst_Interpreter::findsTheScript() {
    QFETCH(QByteArray, line);
    const Code code = codeOfLine(line);
    QCOMPARE(code.from, CodeFrom::File);
    QCOMPARE(code.path, std::string("S"));
}

void tst_Interpreter::findsNoScript_data() {
    QTest::addColumn<QByteArray>("line");
    QTest::addColumn<CodeFrom>("from");
    const auto rows = [](CodeFrom from, std::initializer_list<const char*> lines) {
        for (const char* line : lines) {
            QTest::newRow(line) << QByteArray(line) << from;
        }
    };
    rows(CodeFrom::Inline, {"python3 -c S",     "python3 -Ic S",
                            "python3 -cS x",    "node -e S",
                            "node --eval S",    "node --eval=S",
                            "node -pe S",       "node --print S",
                            "perl -e S",        "perl -lne S",
                            "perl -l012e S",    "perl -0777ne S",
                            "perl -wE S",       "ruby -e S",
                            "ruby -W0e S",      "php -r S",
                            "lua -e S",         "bash -c S",
                            "bash -lc S",       "bash -ec S x",
                            "bash -cs S",       "bash -euco pipefail S",
                            "bash --norc -c S", "sh -c S",
                            "sh -xc S",         "zsh -fc S",
                            "fish -c S",        "fish --command S",
                            "tcsh -c S"});
    rows(CodeFrom::Elsewhere, {"python3 -m S",
                               "python3 -mS",
                               "python3 -Im S",
                               "node -r x S",
                               "node --require x S",
                               "node --require=x S",
                               "node --import x S",
                               "node --loader=x S",
                               "node --experimental-loader x S",
                               "node --test S",
                               "perl -Mx S",
                               "perl -S S",
                               "perl -d S",
                               "perl -wd:x S",
                               "ruby -r x S",
                               "ruby -S S",
                               "php -- S",
                               "lua -l x S",
                               "fish --init-command x S",
                               "java S",
                               "java -cp x S",
                               "java -javaagent:x -jar S",
                               "java -m S",
                               "java -Xbootclasspath/a:x -jar S",
                               "java @x"});
    rows(CodeFrom::Input, {"python3 -", "python3 - S", "python3 -u -", "python3 -- -", "node -", "perl - S", "bash -s",
                           "bash -s S", "bash -es S", "bash -s -- S", "sh -se"});
    rows(CodeFrom::Nothing, {"python3", "python3 -i", "python3 --", "node", "perl", "bash", "bash -i", "bash --login",
                             "bash -l -i", "sh", "zsh -l", "fish -l", "bash --", "bash -", "bash -e --", "java"});
    rows(CodeFrom::Unknown, {"python3 -Z S",
                             "python3 --unknown S",
                             "python3 ",
                             "node --unknown S",
                             "node --title x S",
                             "node --env-file=x S",
                             "node --snapshot-blob=x S",
                             "node --max-old-space-size 4096 S",
                             "perl -Z S",
                             "perl --unknown S",
                             "ruby -C x S",
                             "ruby --disable gems S",
                             "php --unknown S",
                             "php -f",
                             "php --file=S",
                             "tclsh -encoding utf-8 S",
                             "bash -Z S",
                             "bash --unknown S",
                             "bash -oe posix S",
                             "bash +c S",
                             "bash -so posix S",
                             "zsh -oextendedglob S",
                             "zsh -b S",
                             "java -jar",
                             "java --unknown -jar S",
                             "java -unknown -jar S",
                             "busybox sh S",
                             "ld-linux-x86-64.so.2 S",
                             "gdb S"});
}

void tst_Interpreter::findsNoScript() {
    QFETCH(QByteArray, line);
    QFETCH(CodeFrom, from);
    const Code code = codeOfLine(line);
    QCOMPARE(code.from, from);
    QVERIFY(code.path.empty());
}

void tst_Interpreter::believesNoCutCommandLine() {
    QCOMPARE(codeOfLine("bash -e", true).from, CodeFrom::Unknown);
    QCOMPARE(codeOfLine("bash -e S", true).path, std::string("S")); // it stood before the cut
    QCOMPARE(codeOf(*findInterpreter("bash"), {}, false).from, CodeFrom::Unknown);
}

QTEST_GUILESS_MAIN(tst_Interpreter)
#include "tst_interpreter.moc"
