/*
 * Notes each write and each sync of a file under GALET_TRACE_UNDER in the file GALET_TRACE, a line each: "W path" or "S path".
 * Loaded with LD_PRELOAD into the process that is watched.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static void note(char what, int fd) {
  static int trace = -1;
  const char *under = getenv("GALET_TRACE_UNDER");
  const char *to = getenv("GALET_TRACE");
  char link[64], line[4200], path[4096];
  if (!under || !to) return;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return;
  path[length] = 0;
  if (strncmp(path, under, strlen(under))) return;
  if (trace < 0) trace = open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  int count = snprintf(line, sizeof line, "%c %s\n", what, path);
  syscall(SYS_write, trace, line, (size_t)count);
}

#define WATCHED(what, type, name, parameters, arguments)              \
  type name parameters {                                              \
    static type(*real) parameters;                                    \
    if (!real) real = (type(*) parameters)dlsym(RTLD_NEXT, #name);    \
    type result = real arguments;                                     \
    if (result >= 0) note(what, fd);                                  \
    return result;                                                    \
  }

WATCHED('W', ssize_t, write, (int fd, const void *data, size_t count), (fd, data, count))
WATCHED('W', ssize_t, pwrite, (int fd, const void *data, size_t count, off_t at), (fd, data, count, at))
WATCHED('W', ssize_t, pwrite64, (int fd, const void *data, size_t count, off64_t at), (fd, data, count, at))
WATCHED('W', ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count))
WATCHED('W', ssize_t, pwritev, (int fd, const struct iovec *parts, int count, off_t at), (fd, parts, count, at))
WATCHED('W', ssize_t, pwritev64, (int fd, const struct iovec *parts, int count, off64_t at), (fd, parts, count, at))
WATCHED('S', int, fsync, (int fd), (fd))
WATCHED('S', int, fdatasync, (int fd), (fd))
