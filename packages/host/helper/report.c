/* Messages on standard error: plain text or, in the log of the waiter, events as lines of JSON (docs/reference/events.md). */
#define _GNU_SOURCE
#include "kata-helper.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { REST_OF_TEXT = 512, TIME_SIZE = 32 };

static int is_json;

void choose_report(void) {
  const char *progress = getenv("KATA_PROGRESS");
  is_json = progress != NULL && strcmp(progress, "json") == 0;
}

static void print_string(FILE *line, const char *text) {
  fputc('"', line);
  for (; *text != '\0'; text++) {
    if (*text == '"' || *text == '\\') fprintf(line, "\\%c", *text);
    else if ((unsigned char)*text < ' ') fprintf(line, "\\u%04x", *text);
    else fputc(*text, line);
  }
  fputc('"', line);
}

static void print_event(FILE *line, const char *message) {
  struct timespec now;
  struct tm utc;
  char second[TIME_SIZE];
  clock_gettime(CLOCK_REALTIME, &now);
  strftime(second, sizeof second, "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &utc));
  fprintf(line, "{\"time\":\"%s.%03ldZ\"", second, now.tv_nsec / 1000000);
  const char *node = getenv("NODE_NAME");
  if (node != NULL && *node != '\0') {
    fputs(",\"node\":", line);
    print_string(line, node);
  }
  fputs(",\"kind\":\"note\",\"message\":", line);
  print_string(line, message);
  fputs("}\n", line);
}

void report(const char *format, ...) {
  char message[2 * PATH_MAX + REST_OF_TEXT] = "kata-helper: ";
  size_t start = strlen(message);
  va_list values;
  va_start(values, format);
  vsnprintf(message + start, sizeof message - start, format, values);
  va_end(values);
  char *text = NULL;
  size_t size = 0;
  FILE *line = open_memstream(&text, &size);
  if (line == NULL) return;
  if (is_json) print_event(line, message);
  else fprintf(line, "%s\n", message);
  /* In one piece, because the programs that the waiter runs write to the same log. */
  if (fclose(line) == 0) fwrite(text, 1, size, stderr);
  free(text);
}
