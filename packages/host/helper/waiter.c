/* Waits in little memory for the end of its pod, and runs a program when our files on the node change in the meantime. */
#define _GNU_SOURCE
#include "kata-helper.h"
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* In seconds. */
enum { QUIET = 2, LONGEST_UNREST = 8, LOOK = 10, LOOK_WITHOUT_EVENTS = 5, STOP_TIMEOUT = 10, BUSY_PAUSE = 5, LONGEST_WAIT = 60, LONGEST_PAUSE = 600 };
/* Runs the program also when no file has changed: the node object in the cluster may have. */
enum { EVERY = 3600 };
/* Exit codes of the program: it found drift; it was terminated. */
enum { FOUND = 10, TERMINATED = 143 };

/* Milliseconds; fewer in tests. */
static int64_t second = 1000;

struct waiter {
  const char *ready_file, *list, *root, *word;
  char **argv;
  sigset_t before;
  pid_t child;
  uint64_t known;
  /* Milliseconds on the monotonic clock; 0: not set. */
  int64_t changed, first, earliest, due;
  /* Each pause is twice the one before, until `calm`. */
  int64_t pause, calm;
};

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static void block(sigset_t *before) {
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGTERM);
  sigaddset(&awaited, SIGINT);
  sigaddset(&awaited, SIGCHLD);
  /* Blocked signals stay pending until they are read, so none is lost. */
  sigprocmask(SIG_BLOCK, &awaited, before);
  /* Process 1 may inherit SIG_IGN, with which the end of children goes unnoticed. */
  signal(SIGCHLD, SIG_DFL);
}

static int signals(void) {
  sigset_t awaited;
  sigemptyset(&awaited);
  sigaddset(&awaited, SIGTERM);
  sigaddset(&awaited, SIGINT);
  sigaddset(&awaited, SIGCHLD);
  return signalfd(-1, &awaited, SFD_CLOEXEC | SFD_NONBLOCK);
}

int command_pause(void) {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  sigprocmask(SIG_BLOCK, &ending, NULL);
  while (sigwaitinfo(&ending, NULL) < 0) continue;
  return OK;
}

static void start(struct waiter *self) {
  char *argv[32];
  size_t count = 0;
  while (self->argv[count] != NULL && count < sizeof argv / sizeof *argv - 1) {
    argv[count] = self->argv[count];
    count++;
  }
  argv[count] = NULL;
  argv[count - 1] = (char *)self->word;
  self->known = watch_fingerprint();
  self->changed = 0;
  self->child = fork();
  if (self->child > 0) return;
  if (self->child < 0) {
    fail("start", argv[0]);
    self->child = 0;
    self->earliest = now() + BUSY_PAUSE * second;
    self->known = 0;
    return;
  }
  sigprocmask(SIG_SETMASK, &self->before, NULL);
  execve(argv[0], argv, environ);
  _exit(fail("start", argv[0]));
}

/* A program that keeps undoing our repairs would otherwise keep the node busy, and so would a run that always fails. */
static void back_off(struct waiter *self, int64_t shortest, int64_t calm) {
  int64_t time = now();
  int64_t pause = time < self->calm ? self->pause * 2 : 0;
  if (pause < shortest * second) pause = shortest * second;
  if (pause > LONGEST_PAUSE * second) pause = LONGEST_PAUSE * second;
  self->pause = pause;
  self->earliest = time + pause;
  /* Not counted from now: the longest pause would be longer. */
  self->calm = self->earliest + calm * second;
}

static void ended(struct waiter *self, int status) {
  int64_t time = now();
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
  self->child = 0;
  self->due = time + EVERY * second;
  self->earliest = time + second;
  watch_renew();
  if (code == FOUND) {
    back_off(self, QUIET, LONGEST_PAUSE);
  } else if (code == TEMPORARY || code == TERMINATED) {
    self->known = 0;
    self->earliest = time + BUSY_PAUSE * second;
  } else if (code != OK) {
    /* The cause may be temporary, such as a lock; after a lasting one, the next run waits for a change, or an hour. */
    back_off(self, BUSY_PAUSE, EVERY + LONGEST_PAUSE);
    if (self->pause < LONGEST_PAUSE * second) self->due = self->earliest;
    /* A change may be the one that fixes the cause. */
    if (self->pause > LONGEST_WAIT * second) self->earliest = time + LONGEST_WAIT * second;
  }
}

static void reap(struct waiter *self) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
    if (pid == self->child) ended(self, status);
}

/* Returns whether it was terminated. */
static int take_signals(struct waiter *self, int fd) {
  struct signalfd_siginfo info;
  int is_terminated = 0;
  while (read(fd, &info, sizeof info) == sizeof info)
    if (info.ssi_signo != SIGCHLD) is_terminated = 1;
  reap(self);
  return is_terminated;
}

/* Each further change delays the run, up to LONGEST_UNREST. */
static void note_change(struct waiter *self) {
  int64_t time = now();
  if (self->changed == 0) self->first = time;
  if (time < self->first + LONGEST_UNREST * second) self->changed = time;
}

/* Returns how long to sleep, or -1 when this container must be restarted. */
static int look(struct waiter *self, int64_t *next_look) {
  int64_t time = now();
  int is_idle = self->child == 0 && self->changed == 0;
  if (time >= *next_look || (is_idle && time >= self->due)) {
    if (watch_is_orphaned()) return -1;
    watch_renew();
    *next_look = time + (watch_fd() >= 0 ? LOOK : LOOK_WITHOUT_EVENTS) * second;
    uint64_t seen = watch_fingerprint();
    if (self->changed == 0 && seen != 0 && (seen != self->known || time >= self->due)) self->changed = time - QUIET * second;
  }
  if (self->child == 0 && self->changed != 0 && time >= self->changed + QUIET * second && time >= self->earliest) {
    uint64_t seen = watch_fingerprint();
    if (seen != 0 && (seen != self->known || time >= self->due)) start(self);
    self->changed = 0;
  }
  int64_t until = *next_look;
  if (self->child == 0 && self->due > time && self->due < until) until = self->due;
  if (self->child == 0 && self->changed != 0) {
    int64_t ready = self->changed + QUIET * second > self->earliest ? self->changed + QUIET * second : self->earliest;
    if (ready < until) until = ready;
  }
  return until > time ? (int)(until - time) : 0;
}

/* The ready file exists as long as we wait. */
static int make_ready_file(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  return fd < 0 ? -1 : close(fd);
}

/* The running program releases the lock before the decision needs it. */
static void stop_child(struct waiter *self, int fd) {
  int64_t end = now() + STOP_TIMEOUT * second;
  if (self->child > 0) kill(self->child, SIGTERM);
  while (self->child > 0 && now() < end) {
    struct pollfd wake = {.fd = fd, .events = POLLIN};
    poll(&wake, 1, (int)(end - now()));
    take_signals(self, fd);
  }
}

static int wait_for_end(struct waiter *self) {
  int64_t next_look = 0;
  block(&self->before);
  struct pollfd wakes[2] = {{.fd = signals(), .events = POLLIN}, {.fd = -1, .events = POLLIN}};
  if (wakes[0].fd < 0) return fail("wait for", "signals");
  if (self->list != NULL) watch_open(self->list, self->root);
  if (self->ready_file != NULL && make_ready_file(self->ready_file) != 0) return fail("make", self->ready_file);
  for (;;) {
    int timeout = self->list == NULL ? -1 : look(self, &next_look);
    if (self->list != NULL && timeout < 0) {
      stop_child(self, wakes[0].fd);
      report("a mounted directory of the node was replaced; exiting so that kubelet restarts this container and mounts it again");
      return TEMPORARY;
    }
    /* It may have been closed in the meantime; poll(2) would always return at once for a closed one. */
    wakes[1].fd = watch_fd();
    poll(wakes, 2, timeout);
    if (watch_drain()) note_change(self);
    if (take_signals(self, wakes[0].fd)) break;
  }
  stop_child(self, wakes[0].fd);
  if (self->ready_file != NULL) unlink(self->ready_file);
  /* An ignored signal stays ignored across execve(2), a blocked one would stay blocked. */
  signal(SIGTERM, SIG_IGN);
  sigprocmask(SIG_SETMASK, &self->before, NULL);
  execve(self->argv[0], self->argv, environ);
  return fail("exec", self->argv[0]);
}

int command_wait(char **words) {
  struct waiter self = {.root = ""};
  for (; words[0] != NULL && strcmp(words[0], "--") != 0; words += 2) {
    if (words[1] == NULL) return USAGE;
    if (strcmp(words[0], "--ready-file") == 0) self.ready_file = words[1];
    else if (strcmp(words[0], "--watch") == 0) self.list = words[1];
    else if (strcmp(words[0], "--root") == 0) self.root = words[1];
    else if (strcmp(words[0], "--on-change") == 0) self.word = words[1];
    else if (strcmp(words[0], "--second") == 0) second = atoi(words[1]);
    else return USAGE;
  }
  if (words[0] == NULL || words[1] == NULL || (self.list != NULL && self.word == NULL)) return USAGE;
  self.argv = words + 1;
  choose_report();
  return wait_for_end(&self);
}
