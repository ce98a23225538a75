/* Declarations that the parts of kata-helper share. */
#ifndef KATA_HELPER_H
#define KATA_HELPER_H

enum { OK = 0, FAILED = 1, USAGE = 2, TEMPORARY = 75 };

/* Prints one message on standard error, without a line break in the format. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Messages from now on are as KATA_PROGRESS says. Only for `wait`: programs read those of the other commands. */
void choose_report(void);

/* Prints operation, path and errno, and returns FAILED. */
int fail(const char *what, const char *path);

/* `words` ends with NULL; returns USAGE for unknown ones. */
int command_wait(char **words);
int command_pause(void);

#endif
