/* The directories that are ours on the node: whether something in them changed. */
#ifndef KATA_WATCH_H
#define KATA_WATCH_H

#include <stdint.h>

/* `list` names a directory a line, below `root`; it may be missing, and come later. */
void watch_open(const char *list, const char *root);
/* The descriptor to poll, or -1: also later, as when the kernel has no more watches. */
int watch_fd(void);
/* Reads the list anew, and watches directories that were made anew. */
void watch_renew(void);
/* Takes all events that are there; returns whether there were any. */
int watch_drain(void);
/* Of the list and of what stands in the directories; the same only when nothing changed. 0 before there is a list. */
uint64_t watch_fingerprint(void);
/* Whether a directory was removed under our mount, which then shows the removed one for ever. */
int watch_is_orphaned(void);

#endif
