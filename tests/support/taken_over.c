/* What a broker would try that somebody has taken over: LD_PRELOAD=tests/taken-over.so.
 *
 * SIGUSR1 tries each line of the file named by TAKEN_OVER, "WHAT ARGUMENT", and writes "WHAT ARGUMENT errno" to
 * standard error, which is the broker's log. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char orders[4096];

/* Some files of /proc can be opened by anybody and tell only when they are read who may. */
static int read_one(const char *path)
{
    char byte;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t count = fd < 0 ? 0 : read(fd, &byte, 1);
    if (fd >= 0 && count <= 0) {
        const int why = count == 0 ? ENODATA : errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

static int try_one(const char *what, char *argument)
{
    char target[PATH_MAX];
    int fd = -1;
    if (strcmp(what, "read") == 0)
        fd = read_one(argument);
    else if (strcmp(what, "write") == 0)
        fd = open(argument, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    else if (strcmp(what, "readlink") == 0)
        return readlink(argument, target, sizeof target) < 0 ? -1 : 0;
    else if (strcmp(what, "kill") == 0)
        return kill(atoi(argument), 0);
    else if (strcmp(what, "fork") == 0) {
        const pid_t child = fork();
        if (child == 0)
            _exit(0);
        return child < 0 ? -1 : (waitpid(child, NULL, 0), 0);
    } else if (strcmp(what, "execute") == 0) {
        char *arguments[] = {argument, NULL};
        return execv(argument, arguments); /* as the last order: where it works, nothing comes after it */
    } else if (strcmp(what, "packet") == 0)
        fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        close(fd);
    return fd;
}

static void try_all(int signal)
{
    (void)signal;
    const int saved = errno;
    char *rest = orders;
    for (char *line = strsep(&rest, "\n"); line != NULL; line = strsep(&rest, "\n")) {
        char *argument = line;
        const char *what = strsep(&argument, " ");
        if (argument == NULL)
            continue;
        errno = 0;
        const int result = try_one(what, argument);
        dprintf(STDERR_FILENO, "tried %s %s: %d\n", what, argument, result < 0 ? errno : 0);
    }
    dprintf(STDERR_FILENO, "tried all\n");
    errno = saved;
}

__attribute__((constructor)) static void prepare(void)
{
    const char *path = getenv("TAKEN_OVER");
    const int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    if (read(fd, orders, sizeof orders - 1) > 0)
        signal(SIGUSR1, try_all);
    close(fd);
}
