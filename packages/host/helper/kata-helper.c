/* System calls that Node.js does not offer: flock(2), renameat2(2), syncfs(2), extended attributes. For `wait` see waiter.c. */
#define _GNU_SOURCE
#include "kata-helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

enum { RETRY_MS = 50, HOLDER_SIZE = 1024, XATTR_SIZE = 65536, LABEL_SIZE = 4096, EXCHANGE = 1 << 1 };

static const char usage[] =
    "usage: kata-helper lock PATH HOLDER               holds the lock until standard input ends\n"
    "       kata-helper exchange A B                   exchanges two paths atomically\n"
    "       kata-helper sync PATH                      syncs the file system that PATH is on\n"
    "       kata-helper copy-attributes FROM TO        copies extended attributes, ACLs and label to another file\n"
    "       kata-helper label PATH LABEL               sets the SELinux label; does not follow a link\n"
    "       kata-helper label-programs PATH            sets the SELinux type bin_t on a directory that has a label\n"
    "       kata-helper pause                          sleeps until SIGTERM or SIGINT\n"
    "       kata-helper wait [--ready-file F] [--watch LIST --root DIR --on-change WORD] -- ARGV\n"
    "         on SIGTERM or SIGINT, replaces itself with ARGV (exec); until then, when the content of a directory in LIST\n"
    "         (one a line, below DIR) has changed and stays changed, runs ARGV with its last word replaced by WORD;\n"
    "         with KATA_PROGRESS=json, its messages are lines of JSON\n";

/* The number is for programs, because texts differ between C libraries. */
int fail(const char *what, const char *path) {
  int number = errno;
  report("%s %s: %s (errno %d)", what, path, strerror(number), number);
  return FAILED;
}

/* Waits at most timeout_ms (-1: forever). Standard input ends when the process that started us ends. */
static int input_ended(int timeout_ms) {
  struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
  char ignored[256];
  if (poll(&input, 1, timeout_ms) <= 0) return 0;
  ssize_t length = read(STDIN_FILENO, ignored, sizeof ignored);
  return length == 0 || (length < 0 && errno != EINTR && errno != EAGAIN);
}

/* Prints one line with the holder's note in the file; in a file of another user anything could be written. */
static void print_holder(int lock) {
  struct stat info;
  char holder[HOLDER_SIZE];
  if (fstat(lock, &info) == 0 && info.st_uid != geteuid()) {
    printf("waiting an unknown process (the lock file belongs to user %u)\n", (unsigned)info.st_uid);
    fflush(stdout);
    return;
  }
  ssize_t length = pread(lock, holder, sizeof holder - 1, 0);
  holder[length < 0 ? 0 : length] = '\0';
  for (char *c = holder; *c != '\0'; c++) {
    if (*c == '\n' || *c == '\r') *c = c[1] == '\0' ? '\0' : ' ';
  }
  printf("waiting %s\n", holder);
  fflush(stdout);
}

/* Another process may have removed or replaced the file while we waited for its lock. */
static int is_at(int lock, const char *path) {
  struct stat ours, theirs;
  return fstat(lock, &ours) == 0 && lstat(path, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
         ours.st_ino == theirs.st_ino;
}

static int hold(int lock, const char *holder) {
  /* The note for waiting processes is best effort: a full disk must not prevent the lock. */
  if (ftruncate(lock, 0) == 0 && pwrite(lock, holder, strlen(holder), 0) > 0) {
    if (pwrite(lock, "\n", 1, (off_t)strlen(holder)) != 1) errno = 0;
  }
  puts("held");
  fflush(stdout);
  while (!input_ended(-1)) continue;
  return ftruncate(lock, 0) == 0 ? OK : FAILED;
}

static int command_lock(const char *path, const char *holder) {
  int has_printed = 0;
  /* Ends with its owner, which handles the signals. */
  signal(SIGTERM, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  for (;;) {
    /* Every process that can open the file can lock it, so only root may open it. */
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) return fail("lock", path);
    /* A blocking flock(2) would not notice the end of its owner. */
    while (flock(lock, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) return fail("lock", path);
      if (!has_printed) print_holder(lock);
      has_printed = 1;
      if (input_ended(RETRY_MS)) return TEMPORARY;
    }
    if (is_at(lock, path)) return hold(lock, holder);
    close(lock);
  }
}

static int command_exchange(const char *a, const char *b) {
  if (syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, EXCHANGE) == 0) return OK;
  int number = errno;
  char what[PATH_MAX + 16];
  snprintf(what, sizeof what, "exchange %s and", a);
  errno = number;
  return fail(what, b);
}

static int command_sync(const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 || syncfs(fd) != 0) return fail("sync", path);
  return OK;
}

static int command_label(const char *path, const char *label) {
  if (lsetxattr(path, "security.selinux", label, strlen(label) + 1, 0) != 0) return fail("label", path);
  return OK;
}

/* The kernel maintains digests and signatures of the content; without SELinux, setting its label can fail with EPERM. */
static int copy_attribute(const char *from, const char *to, const char *name) {
  if (strcmp(name, "security.ima") == 0 || strcmp(name, "security.evm") == 0) return OK;
  static char value[XATTR_SIZE], present[XATTR_SIZE];
  ssize_t size = lgetxattr(from, name, value, sizeof value);
  if (size < 0) return fail("read an attribute of", from);
  ssize_t old = lgetxattr(to, name, present, sizeof present);
  if (old == size && memcmp(value, present, (size_t)size) == 0) return OK;
  if (lsetxattr(to, name, value, (size_t)size, 0) == 0) return OK;
  return errno == EPERM && strncmp(name, "security.", 9) == 0 ? OK : fail("set an attribute of", to);
}

/* Removes what a default ACL of its directory added and the other file does not have. Attributes of the kernel, such as the label, stay. */
static int remove_surplus(const char *from, const char *to) {
  static char names[XATTR_SIZE];
  ssize_t length = llistxattr(to, names, sizeof names);
  if (length < 0) return errno == ENOTSUP ? OK : fail("list the attributes of", to);
  for (char *name = names; name < names + length; name += strlen(name) + 1) {
    if (strncmp(name, "security.", 9) == 0 || lgetxattr(from, name, NULL, 0) >= 0) continue;
    if (errno != ENODATA) return fail("read an attribute of", from);
    if (lremovexattr(to, name) != 0) return fail("remove an attribute of", to);
  }
  return OK;
}

static int command_copy_attributes(const char *from, const char *to) {
  static char names[XATTR_SIZE];
  if (remove_surplus(from, to) != OK) return FAILED;
  ssize_t length = llistxattr(from, names, sizeof names);
  if (length < 0) return errno == ENOTSUP ? OK : fail("list the attributes of", from);
  for (char *name = names; name < names + length; name += strlen(name) + 1) {
    if (copy_attribute(from, to, name) != OK) return FAILED;
  }
  return OK;
}

/* Sets only the type: user, role and level stay as the kernel set them. Without SELinux a file has no label and gets none. */
static int command_label_programs(const char *path) {
  static const char type[] = "bin_t";
  char label[LABEL_SIZE], changed[LABEL_SIZE + sizeof type];
  ssize_t length = lgetxattr(path, "security.selinux", label, sizeof label - 1);
  if (length < 0) return errno == ENODATA || errno == ENOTSUP ? OK : fail("read the label of", path);
  label[length] = '\0';
  char *role = strchr(label, ':');
  char *old = role == NULL ? NULL : strchr(role + 1, ':');
  if (old == NULL) return OK;
  const char *level = strchr(old + 1, ':');
  snprintf(changed, sizeof changed, "%.*s:%s%s", (int)(old - label), label, type, level == NULL ? "" : level);
  return command_label(path, changed);
}

int main(int argc, char **argv) {
  const char *command = argc > 1 ? argv[1] : "";
  if (strcmp(command, "wait") == 0) {
    int result = command_wait(argv + 2);
    if (result != USAGE) return result;
  }
  if (argc == 2 && strcmp(command, "pause") == 0) return command_pause();
  if (argc == 4 && strcmp(command, "lock") == 0) return command_lock(argv[2], argv[3]);
  if (argc == 4 && strcmp(command, "exchange") == 0) return command_exchange(argv[2], argv[3]);
  if (argc == 3 && strcmp(command, "sync") == 0) return command_sync(argv[2]);
  if (argc == 4 && strcmp(command, "copy-attributes") == 0) return command_copy_attributes(argv[2], argv[3]);
  if (argc == 3 && strcmp(command, "label-programs") == 0) return command_label_programs(argv[2]);
  if (argc == 4 && strcmp(command, "label") == 0) return command_label(argv[2], argv[3]);
  fputs(usage, stderr);
  return USAGE;
}
