/*
 * LD_PRELOAD for BlueZ's controller emulator:
 *  - its server sockets, which have fixed names in /tmp, are made in the folder of GALET_AIR, so that several airs can
 *    exist side by side;
 *  - on a kernel without AF_ALG its crypto context opens sockets that do nothing, instead of refusing every client.
 * Enough for advertising, scanning and unencrypted connections; never for anything that encrypts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int socket(int domain, int type, int protocol) {
  int (*real)(int, int, int) = dlsym(RTLD_NEXT, "socket");
  return domain == AF_ALG ? real(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) : real(domain, type, protocol);
}

int bind(int fd, const struct sockaddr *address, socklen_t length) {
  int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "bind");
  const char *folder = getenv("GALET_AIR");
  if (address->sa_family == AF_ALG) return 0;
  if (folder && address->sa_family == AF_UNIX) {
    const char *name = strrchr(((const struct sockaddr_un *)address)->sun_path, '/');
    struct sockaddr_un moved = {.sun_family = AF_UNIX};
    if (name && snprintf(moved.sun_path, sizeof moved.sun_path, "%s%s", folder, name) < (int)sizeof moved.sun_path)
      return real(fd, (struct sockaddr *)&moved, sizeof moved);
  }
  return real(fd, address, length);
}
