/* Declarations that the parts of kata-helper share. */
#ifndef KATA_HELPER_H
#define KATA_HELPER_H

enum { OK = 0, FAILED = 1, USAGE = 2, TEMPORARY = 75 };

/* Prints operation, path and errno, and returns FAILED. */
int fail(const char *what, const char *path);

/* `words` ends with NULL; returns USAGE for unknown ones. */
int command_wait(char **words);
int command_pause(void);

#endif
