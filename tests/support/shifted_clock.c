/* Preloaded into a program, this stands for what cannot be done to a machine in a test: its wall clock is set, or it is
 * suspended (CLOCK_BOOTTIME goes on, CLOCK_MONOTONIC does not). SHIFTED_CLOCK names a file of two 64-bit integers in
 * the machine's byte order: seconds to add to the wall clock and seconds to add to the boot clock. Whoever holds the
 * file may change them at any moment. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* shifts;

__attribute__((constructor)) static void map_shifts(void) {
    const char* path = getenv("SHIFTED_CLOCK");
    const int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    void* const place = fd < 0 ? MAP_FAILED : mmap(NULL, 2 * sizeof *shifts, PROT_READ, MAP_SHARED, fd, 0);
    if (place == MAP_FAILED) {
        abort();
    }
    shifts = place;
    close(fd);
}

static int64_t shift_of(clockid_t id) {
    if (shifts == NULL) { /* the sanitizers ask for the time before any constructor runs */
        return 0;
    }
    switch (id) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE: return shifts[0];
    case CLOCK_BOOTTIME: return shifts[1];
    default: return 0;
    }
}

int clock_gettime(clockid_t id, struct timespec* now) {
    const int result = (int)syscall(SYS_clock_gettime, id, now);
    if (result == 0) {
        now->tv_sec += shift_of(id);
    }
    return result;
}

time_t time(time_t* out) {
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}

int gettimeofday(struct timeval* restrict out, void* restrict zone) {
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    (void)zone;
    return 0;
}
