/* TCP connects on a thread of their own: each begins at its instant and is judged by its deadline, however busy the event
 * loop is. No byte is ever sent. What is to be asked is handed over ahead of its time, a whole series of the same question at once,
 * and answers are taken in bulk; the loop is woken at once for all but a quiet question that passes, and hears nothing at all of
 * the passes within a series. */
#ifndef HOLDFAST_CONNECTOR_H
#define HOLDFAST_CONNECTOR_H

#include "addon.h"
#include "pending.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>

/* The epoll data of the descriptor that says: there are commands. */
#define HF_COMMANDS (HF_TIMER - 1)
/* The phase of the slot that has JavaScript woken for quiet answers that have waited long enough. */
#define HF_TELLER (-1)
/* id, status, microseconds from its start to its end, instant of its end */
#define HF_CONNECTOR_RESULT_WIDTH 4

typedef struct {
  struct sockaddr_in6 destination, source; /* of either family; source.sin6_family 0 = none */
  uint32_t mark;
  uint8_t device_length;
  char device[16];
  uint64_t every, until; /* after a pass it is asked again, so long after it and not after that instant; 0 = once */
  uint64_t planned; /* the thread's: when it was to begin the last time */
} hf_question;

typedef struct {
  enum { HF_START, HF_CANCEL, HF_ATTEND } kind;
  uint32_t ticket;
  double id;
  uint64_t at, timeout;
  bool quiet;
  hf_question question;
} hf_command;

/* Both sides'. The lock guards what stands under it; the rest is the thread's once it runs. */
typedef struct {
  pthread_mutex_t lock;
  hf_command *commands;
  double *results;
  double *seen; /* by ticket, as wide as results: the last pass that was not told */
  size_t seen_capacity;
  size_t command_count, command_capacity, result_count, result_capacity;
  uint64_t wakes_at; /* the thread sleeps until then; 0 = it is awake, or has been poked */
  uint64_t turns; /* of the thread, each after something woke it */
  uint64_t beaten; /* turns at the last beat */
  uint64_t oldest; /* when the first of the results came about */
  bool stopping;

  pthread_t thread;
  bool runs;
  int wake_fd, told_fd; /* eventfds: to the thread, and to JavaScript */
  hf_pending pending;
  uint32_t *slots; /* by ticket */
  size_t ticket_capacity;
  uint64_t series_rate; /* of all series under way, questions in a thousand seconds */
  uint32_t teller;
  bool tells; /* the teller has been set */
} hf_connector;

/* 0 or -errno. `told_fd` is signalled when answers are to be taken; it is duplicated. */
int hf_connector_open(hf_connector *shared, int told_fd);

/* Runs the thread if it does not run yet: it inherits nice value and CPUs. */
bool hf_connector_start(hf_connector *shared);

/* Hands a command over; false when there is no memory. Commands are obeyed in order. */
bool hf_connector_push(hf_connector *shared, const hf_command *command);

/* Moves answers into `results`, the oldest first; how many. */
size_t hf_connector_take(hf_connector *shared, double *results, size_t room);

/* Copies what has been passed and not told of the tickets from `first` on; how many, the untold and the unused ones (instant 0)
 * among them. */
size_t hf_connector_look(hf_connector *shared, double *seen, size_t room, size_t first);

/* Wakes the thread. Whether it has taken a turn since it was woken so before; true of one that does not run yet. */
bool hf_connector_beat(hf_connector *shared);

/* Ends everything without an answer. */
void hf_connector_close(hf_connector *shared);

/* Schedules the thread as the main thread, now or once it starts. */
void hf_connector_scheduler(int policy, const struct sched_param *parameter);

/* Between the two sides: the thread itself (data: the hf_connector), an eventfd that wakes, and room for `wanted` elements (false
 * when there is no memory). */
void *hf_connector_run(void *data);
void hf_connector_signal(int fd);
bool hf_connector_grow(void **memory, size_t *capacity, size_t wanted, size_t width);

#endif
