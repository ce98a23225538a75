/* Detects changes in our directories on the node. */
#ifndef KATA_WATCH_H
#define KATA_WATCH_H

#include <stdint.h>

/* `list` names one directory a line, below `root`; it may be missing at first. */
void watch_open(const char *list, const char *root);
/* The descriptor to poll, or -1; it can become -1 later, when the kernel has no more watches. */
int watch_fd(void);
/* Reads the list again, and watches directories that were created again. */
void watch_renew(void);
/* Reads all pending events; returns whether there were any. */
int watch_drain(void);
/* Of the list and of the content of its directories; differs when something has changed. 0 before there is a list. */
uint64_t watch_fingerprint(void);
/* Whether a mounted directory was removed: the mount then shows the removed one forever. */
int watch_is_orphaned(void);

#endif
