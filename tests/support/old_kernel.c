/* A kernel that has neither Landlock nor seccomp: LD_PRELOAD=tests/old-kernel.so. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>

enum { CREATE_RULESET = 444 };

long syscall(long number, ...)
{
    va_list list;
    long argument[6];
    va_start(list, number);
    for (int i = 0; i < 6; ++i)
        argument[i] = va_arg(list, long);
    va_end(list);
    if (number == CREATE_RULESET) {
        errno = ENOSYS;
        return -1;
    }
    long (*real)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    return real(number, argument[0], argument[1], argument[2], argument[3], argument[4], argument[5]);
}

int seccomp_load(void *filter)
{
    (void)filter;
    return -ENOSYS;
}
