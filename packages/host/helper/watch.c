/* Watches directories with inotify(7), and compares their content by a fingerprint, which also finds changes without an event. */
#define _GNU_SOURCE
#include "watch.h"

#include "kata-helper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* All handlers with their variants under a long prefix take 21 KiB. */
enum { LIST_SIZE = 128 * 1024 };
enum { EVENTS = IN_CREATE | IN_DELETE | IN_MOVE | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR };

static const char *list_path, *root_path;
static char list[LIST_SIZE];
static size_t list_length;
static int is_lost;
static int events = -1;

static void warn_polling(const char *why) {
  report("%s: %s; polling every few seconds instead", why, strerror(errno));
}

/* A list can be lost together with a directory that it names: then the directories of the last list are still watched. */
static void read_list(void) {
  int fd = open(list_path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, list, sizeof list - 1);
  if (fd >= 0) close(fd);
  is_lost = length <= 0;
  if (is_lost) return;
  list_length = (size_t)length;
  list[list_length] = '\0';
}

/* Writes the next line of the list into `path`; `place` begins at 0. */
static int next_path(size_t *place, char path[PATH_MAX]) {
  while (*place < list_length) {
    size_t length = strcspn(list + *place, "\n");
    int written = snprintf(path, PATH_MAX, "%s%.*s", root_path, (int)length, list + *place);
    *place += length + 1;
    if (length > 0 && written < PATH_MAX) return 1;
  }
  return 0;
}

void watch_open(const char *list_file, const char *root) {
  list_path = list_file;
  root_path = root;
  events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (events < 0) warn_polling("inotify");
  watch_renew();
}

int watch_fd(void) {
  return events;
}

void watch_renew(void) {
  char path[PATH_MAX];
  read_list();
  /* A watched directory keeps its watch, which belongs to the inode. */
  for (size_t place = 0; events >= 0 && next_path(&place, path);) {
    if (inotify_add_watch(events, path, EVENTS) >= 0 || errno == ENOENT || errno == ENOTDIR) continue;
    warn_polling(path);
    close(events);
    events = -1;
  }
}

int watch_drain(void) {
  char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
  int found = 0;
  while (events >= 0 && read(events, buffer, sizeof buffer) > 0) found = 1;
  return found;
}

static uint64_t mix(uint64_t hash, const void *data, size_t length) {
  for (const unsigned char *byte = data; length > 0; byte++, length--) hash = (hash ^ *byte) * 0x100000001b3;
  return hash;
}

/* Of a subdirectory only its identity counts: its content is not watched. */
static uint64_t of_entry(int directory, const char *name) {
  struct stat info;
  uint64_t hash = mix(0xcbf29ce484222325, name, strlen(name));
  if (fstatat(directory, name, &info, AT_SYMLINK_NOFOLLOW) != 0) return hash;
  hash = mix(hash, &info.st_ino, sizeof info.st_ino);
  hash = mix(hash, &info.st_mode, sizeof info.st_mode);
  if (S_ISDIR(info.st_mode)) return hash;
  hash = mix(hash, &info.st_mtim, sizeof info.st_mtim);
  return mix(hash, &info.st_size, sizeof info.st_size);
}

static uint64_t of_path(const char *path) {
  DIR *directory = opendir(path);
  if (directory == NULL) return of_entry(AT_FDCWD, path);
  uint64_t sum = 2;
  /* A sum, because the order of entries must not count. */
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    sum += of_entry(dirfd(directory), entry->d_name);
  }
  closedir(directory);
  return sum;
}

uint64_t watch_fingerprint(void) {
  char path[PATH_MAX];
  read_list();
  if (list_length == 0) return 0;
  uint64_t hash = mix(0xcbf29ce484222325, list, list_length);
  hash = mix(hash, &is_lost, sizeof is_lost);
  for (size_t place = 0; next_path(&place, path);) {
    uint64_t of = of_path(path);
    hash = mix(hash, &of, sizeof of);
  }
  return hash | 1;
}

int watch_is_orphaned(void) {
  char path[PATH_MAX];
  struct stat info;
  for (size_t place = 0; next_path(&place, path);) {
    /* Where it is missing, one of its parents may have been removed. */
    for (;;) {
      if (stat(path, &info) == 0 && info.st_nlink == 0) return 1;
      char *end = strrchr(path, '/');
      if (end == NULL || end == path || strlen(path) <= strlen(root_path)) break;
      *end = '\0';
    }
  }
  return 0;
}
