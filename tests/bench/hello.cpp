/// \file
/// The least that a program can do.

#include <unistd.h>

int main() {
    return ::write(STDOUT_FILENO, "hello\n", 6) == 6 ? 0 : 1;
}
