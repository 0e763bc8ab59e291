/* The side of connector.h that JavaScript calls, and what both sides share. */
#include "connector.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define STACK_SIZE (256 * 1024)
/* The shortest turn there is. */
#define TURN_NANOS 100000

static _Atomic pid_t connector_thread;
/* As the main thread is scheduled; written by that one only. */
static struct {
  int policy;
  struct sched_param parameter;
} scheduled;

void hf_connector_signal(int fd) {
  uint64_t once = 1;
  if (write(fd, &once, sizeof once) < 0) { /* Full: it is signalled already. */
  }
}

bool hf_connector_grow(void **memory, size_t *capacity, size_t wanted, size_t width) {
  if (wanted <= *capacity) return true;
  size_t next = *capacity ? *capacity * 2 : 64;
  while (next < wanted) next *= 2;
  void *grown = realloc(*memory, next * width);
  if (grown == NULL) return false;
  *memory = grown;
  *capacity = next;
  return true;
}

int hf_connector_open(hf_connector *shared, int told_fd) {
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = HF_COMMANDS };
  hf_slot teller = { .fd = -1, .phase = HF_TELLER, .deadline = UINT64_MAX, .limit = UINT64_MAX };
  int status = hf_pending_open(&shared->pending);
  if (status < 0) return status;
  pthread_mutex_init(&shared->lock, NULL);
  shared->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  /* Its own, so that it never writes into what has become another file. */
  shared->told_fd = fcntl(told_fd, F_DUPFD_CLOEXEC, 0);
  bool opened = shared->wake_fd >= 0 && shared->told_fd >= 0
                && epoll_ctl(shared->pending.epoll_fd, EPOLL_CTL_ADD, shared->wake_fd, &event) == 0;
  status = opened ? -ENOMEM : -errno;
  if (opened && hf_pending_reserve(&shared->pending)) {
    shared->teller = hf_pending_add(&shared->pending, teller, 0);
    return 0;
  }
  hf_connector_close(shared);
  return status;
}

bool hf_connector_push(hf_connector *shared, const hf_command *command) {
  pthread_mutex_lock(&shared->lock);
  bool pushed = hf_connector_grow((void **)&shared->commands, &shared->command_capacity, shared->command_count + 1, sizeof *command);
  if (pushed) shared->commands[shared->command_count++] = *command;
  bool pokes = pushed && shared->wakes_at != 0 && (command->kind == HF_ATTEND || command->at < shared->wakes_at);
  if (pokes) shared->wakes_at = 0;
  pthread_mutex_unlock(&shared->lock);
  if (pokes) hf_connector_signal(shared->wake_fd);
  return pushed;
}

size_t hf_connector_take(hf_connector *shared, double *results, size_t room) {
  pthread_mutex_lock(&shared->lock);
  size_t count = shared->result_count < room ? shared->result_count : room;
  shared->result_count -= count;
  if (count > 0) {
    memcpy(results, shared->results, count * HF_CONNECTOR_RESULT_WIDTH * sizeof *results);
    memmove(shared->results, shared->results + count * HF_CONNECTOR_RESULT_WIDTH, shared->result_count * HF_CONNECTOR_RESULT_WIDTH * sizeof *results);
  }
  pthread_mutex_unlock(&shared->lock);
  return count;
}

size_t hf_connector_look(hf_connector *shared, double *seen, size_t room, size_t first) {
  pthread_mutex_lock(&shared->lock);
  size_t known = shared->seen_capacity / HF_CONNECTOR_RESULT_WIDTH;
  size_t count = first >= known ? 0 : known - first < room ? known - first : room;
  if (count > 0) memcpy(seen, shared->seen + first * HF_CONNECTOR_RESULT_WIDTH, count * HF_CONNECTOR_RESULT_WIDTH * sizeof *seen);
  pthread_mutex_unlock(&shared->lock);
  return count;
}

bool hf_connector_beat(hf_connector *shared) {
  if (!shared->runs) return true;
  pthread_mutex_lock(&shared->lock);
  bool turned = shared->turns != shared->beaten;
  shared->beaten = shared->turns;
  pthread_mutex_unlock(&shared->lock);
  hf_connector_signal(shared->wake_fd);
  return turned;
}

/* struct sched_attr of linux/sched/types.h as far as every kernel knows it; the C library has none. */
typedef struct {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
} Schedule;

/* Of those that share a processor the one that asks for the shortest turns is let in first, with no more time in all. Linux 6.12 and
 * later; on others, and where it may not be said, nothing is different. */
static void take_short_turns(pid_t thread) {
  Schedule schedule = { .size = sizeof schedule };
  if (syscall(SYS_sched_getattr, thread, &schedule, sizeof schedule, 0) < 0 || schedule.policy != SCHED_OTHER) return;
  schedule.runtime = TURN_NANOS;
  syscall(SYS_sched_setattr, thread, &schedule, 0);
}

static void *run_named(void *data) {
  prctl(PR_SET_NAME, "connector");
  connector_thread = (pid_t)syscall(SYS_gettid);
  if (scheduled.policy != SCHED_OTHER) sched_setscheduler(0, scheduled.policy, &scheduled.parameter);
  else take_short_turns(connector_thread);
  return hf_connector_run(data);
}

/* Signals are the main thread's business. Started late, so that it inherits nice value and CPUs as configured. */
bool hf_connector_start(hf_connector *shared) {
  if (shared->runs) return true;
  sigset_t all, before;
  pthread_attr_t attributes;
  sigfillset(&all);
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, STACK_SIZE);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  shared->runs = pthread_create(&shared->thread, &attributes, run_named, shared) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return shared->runs;
}

void hf_connector_scheduler(int policy, const struct sched_param *parameter) {
  scheduled.policy = policy;
  scheduled.parameter = *parameter;
  if (connector_thread == 0) return;
  sched_setscheduler(connector_thread, policy, parameter);
  take_short_turns(connector_thread);
}

void hf_connector_close(hf_connector *shared) {
  if (shared->runs) {
    pthread_mutex_lock(&shared->lock);
    shared->stopping = true;
    pthread_mutex_unlock(&shared->lock);
    connector_thread = 0;
    hf_connector_signal(shared->wake_fd);
    pthread_join(shared->thread, NULL);
  }
  hf_pending_close(&shared->pending);
  close(shared->pending.epoll_fd);
  close(shared->wake_fd);
  close(shared->told_fd);
  pthread_mutex_destroy(&shared->lock);
  free(shared->commands);
  free(shared->results);
  free(shared->seen);
  free(shared->slots);
}
