/* Starting programs: Node's spawn forks the whole process image and drops supplementary groups. World errors come back as
 * negative errno. */
#include "watch.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_GROUPS 1024
#define NAME_BUFFER 16384
/* What systemd and login shells give. Node raises its own limit to the maximum, and some programs visit every descriptor. */
#define DESCRIPTORS 1024

/* accountOf(user: bytes with NUL, group: bytes with NUL | null, ids: Int32Array) -> how many ids: uid, gid, then every
 * supplementary group; -ENOENT when there is no such user or group. May ask a directory server. */
static napi_value account_of(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(3);
  size_t user_length, group_length, ids_length;
  const char *user = hf_bytes(env, arguments[0], &user_length);
  const char *group = hf_bytes(env, arguments[1], &group_length);
  int32_t *ids = hf_bytes(env, arguments[2], &ids_length);
  char buffer[NAME_BUFFER];
  struct passwd entry, *found = NULL;
  struct group group_entry, *group_found = NULL;
  gid_t groups[MAX_GROUPS];
  int count = MAX_GROUPS;
  if (user == NULL || user_length < 2 || ids == NULL) return hf_number(env, -EINVAL);
  if (getpwnam_r(user, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL) return hf_number(env, -ENOENT);
  uid_t uid = entry.pw_uid;
  gid_t gid = entry.pw_gid;
  if (group != NULL) {
    if (getgrnam_r(group, &group_entry, buffer, sizeof buffer, &group_found) != 0 || group_found == NULL)
      return hf_number(env, -ENOENT);
    gid = group_entry.gr_gid;
  }
  if (getgrouplist(user, gid, groups, &count) < 0 || (size_t)count + 2 > ids_length / sizeof *ids)
    return hf_number(env, -E2BIG);
  ids[0] = (int32_t)uid;
  ids[1] = (int32_t)gid;
  for (int i = 0; i < count; i++) ids[2 + i] = (int32_t)groups[i];
  return hf_number(env, 2 + count);
}

/* Pointers to the NUL-terminated strings in `bytes`, NULL at the end; to be freed. */
static char **strings_of(char *bytes, size_t length) {
  size_t count = 0;
  for (size_t i = 0; i < length; i++) count += bytes[i] == 0;
  char **strings = calloc(count + 1, sizeof *strings);
  if (strings == NULL) return NULL;
  for (size_t i = 0, start = 0, at = 0; i < length; i++) {
    if (bytes[i] != 0) continue;
    strings[at++] = bytes + start;
    start = i + 1;
  }
  return strings;
}

typedef struct {
  char **arguments, **environment;
  const int32_t *ids; /* uid, gid, groups; NULL = stay who we are */
  size_t id_count;
  int null_fd;
  const struct rlimit *core; /* NULL = as it is */
} Program;

/* In the child, which still shares its parent's memory: system calls only, credentials by the raw calls because the
 * library's would change every thread of the parent. Returns when something failed. */
static void become(const Program *program) {
  struct sched_param normal = { .sched_priority = 0 };
  struct rlimit descriptors, real_time;
  sigset_t none;
  setpgid(0, 0);
  for (int number = 1; number < NSIG; number++) {
    struct sigaction standard = { .sa_handler = SIG_DFL };
    sigaction(number, &standard, NULL);
  }
  sched_setscheduler(0, SCHED_OTHER, &normal);
  if (getpriority(PRIO_PROCESS, 0) < 0) setpriority(PRIO_PROCESS, 0, 0);
  if (getrlimit(RLIMIT_RTTIME, &real_time) == 0) {
    real_time.rlim_cur = real_time.rlim_max;
    setrlimit(RLIMIT_RTTIME, &real_time);
  }
  if (program->core != NULL) setrlimit(RLIMIT_CORE, program->core);
  if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0 && descriptors.rlim_cur > DESCRIPTORS) {
    descriptors.rlim_cur = DESCRIPTORS;
    setrlimit(RLIMIT_NOFILE, &descriptors);
  }
  for (int fd = 0; fd <= 2; fd++)
    if (fd == program->null_fd ? fcntl(fd, F_SETFD, 0) < 0 : dup2(program->null_fd, fd) < 0) return;
  if (syscall(SYS_close_range, 3u, ~0u, 0u) < 0) return;
  if (program->ids != NULL) {
    uint32_t uid = (uint32_t)program->ids[0], gid = (uint32_t)program->ids[1];
    if (syscall(SYS_setgroups, program->id_count - 2, program->ids + 2) < 0) return;
    if (syscall(SYS_setresgid, gid, gid, gid) < 0) return;
    if (syscall(SYS_setresuid, uid, uid, uid) < 0) return;
  }
  /* After the credentials, whose change clears it. */
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  execvpe(program->arguments[0], program->arguments, program->environment);
}

/* The child's pid or -errno, also when the program could not be executed. */
static pid_t start(const Program *program) {
  sigset_t all, before;
  volatile int error = 0;
  /* No handler of ours may run in the child: it would run on this memory. */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = vfork();
  if (pid == 0) {
    become(program);
    error = errno;
    _exit(127);
  }
  if (pid < 0) error = errno;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pid > 0 && error != 0) waitpid(pid, NULL, 0);
  return error == 0 ? pid : -error;
}

static rlim_t limit_in(const char **text) {
  char *end;
  while (**text == ' ') (*text)++;
  if (strncmp(*text, "unlimited", 9) == 0) {
    *text += 9;
    return RLIM_INFINITY;
  }
  rlim_t value = strtoull(*text, &end, 10);
  *text = end;
  return value;
}

/* Where this program has let itself dump core, the limit that others start with: `SOFT HARD`, as proc(5) writes limits. */
static bool former_core_limit(struct rlimit *limit) {
  const char *text = getenv("HOLDFAST_CORE_LIMIT");
  if (text == NULL) return false;
  limit->rlim_cur = limit_in(&text);
  limit->rlim_max = limit_in(&text);
  return true;
}

static const char child_kind;

static void on_end(hf_watch *watch, bool failed) {
  (void)failed;
  siginfo_t info = { .si_pid = 0 };
  /* Of a process that is no child of ours nobody is told more than that it has ended. */
  bool is_foreign = waitid(P_PIDFD, (id_t)watch->fd, &info, WEXITED | WNOHANG) < 0 && errno == ECHILD;
  if (!is_foreign && info.si_pid == 0) return;
  int64_t ending = info.si_code == CLD_EXITED ? info.si_status : 256 + info.si_status;
  hf_watch_notify(watch, ending);
  hf_watch_close(watch);
}

/* spawnProgram(argv: bytes, environment: bytes, ids: Int32Array | null, listener(ending), pid: Int32Array) -> handle | -errno.
 * Both byte arrays hold strings with a NUL after each. The program leads a process group of its own, with /dev/null as
 * input and output and nothing else open. ending: exit status, or 256 + signal; it comes only while the handle is held.
 * The program does not keep the event loop alive. */
static napi_value spawn_program(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(5);
  size_t argv_length, environment_length, ids_length, pid_length;
  int32_t *pid_out = hf_bytes(env, arguments[4], &pid_length);
  char *argv = hf_bytes(env, arguments[0], &argv_length);
  char *environment = hf_bytes(env, arguments[1], &environment_length);
  Program program = { .ids = hf_bytes(env, arguments[2], &ids_length) };
  if (argv_length == 0 || argv[argv_length - 1] != 0 || pid_length < sizeof *pid_out) return hf_number(env, -EINVAL);
  program.id_count = ids_length / sizeof *program.ids;
  if (program.ids != NULL && program.id_count < 2) return hf_number(env, -EINVAL);
  program.arguments = strings_of(argv, argv_length);
  program.environment = strings_of(environment, environment_length);
  program.null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  hf_watch *watch = calloc(1, sizeof *watch);
  struct rlimit core;
  program.core = former_core_limit(&core) ? &core : NULL;
  bool ready = program.arguments != NULL && program.environment != NULL && program.null_fd >= 0 && watch != NULL;
  pid_t pid = ready ? start(&program) : -(program.null_fd < 0 ? errno : ENOMEM);
  if (program.null_fd >= 0) close(program.null_fd);
  free(program.arguments);
  free(program.environment);
  int fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0u) : -1;
  if (pid > 0 && fd < 0) {
    /* Without a descriptor its end would go unnoticed. */
    int error = errno;
    kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
    pid = -error;
  }
  if (pid < 0) {
    free(watch);
    return hf_number(env, pid);
  }
  *pid_out = pid;
  napi_value handle = hf_watch_wrap(env, watch, &child_kind, fd);
  int status = hf_watch_start(watch, arguments[3], NULL, "holdfast:child", on_end);
  hf_watch_ref(watch, false);
  return status < 0 ? hf_number(env, status) : handle;
}

/* watchProcess(pid, listener(ending)) -> handle | -errno: the end of a process: of a child that a program before this one has
 * started under this process id, which nobody else would take note of, or of somebody else's. ending as of spawnProgram, 256 for a
 * process that is no child; the handle must be held. */
static napi_value watch_process(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(2);
  int64_t pid = 0;
  napi_get_value_int64(env, arguments[0], &pid);
  int fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0u);
  if (fd < 0) return hf_number(env, -errno);
  hf_watch *watch = calloc(1, sizeof *watch);
  if (watch == NULL) {
    close(fd);
    return hf_number(env, -ENOMEM);
  }
  napi_value handle = hf_watch_wrap(env, watch, &child_kind, fd);
  int status = hf_watch_start(watch, arguments[1], NULL, "holdfast:inherited", on_end);
  hf_watch_ref(watch, false);
  return status < 0 ? hf_number(env, status) : handle;
}

/* replaceProgram(path: bytes with NUL, argv: bytes, environment: bytes) -> -errno. Becomes another program under the same
 * process id, with standard input, output and error and nothing else open. Returns only when that failed, and then nothing has
 * changed but that descriptors are closed by the next program. */
static napi_value replace_program(napi_env env, napi_callback_info info) {
  HF_ARGUMENTS(3);
  size_t path_length, argv_length, environment_length;
  char *path = hf_bytes(env, arguments[0], &path_length);
  char *argv = hf_bytes(env, arguments[1], &argv_length);
  char *environment = hf_bytes(env, arguments[2], &environment_length);
  if (path_length == 0 || path[path_length - 1] != 0 || argv_length == 0 || argv[argv_length - 1] != 0) return hf_number(env, -EINVAL);
  char **words = strings_of(argv, argv_length), **variables = strings_of(environment, environment_length);
  sigset_t none, before;
  int error = ENOMEM;
  if (words != NULL && variables != NULL) {
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, &before);
    /* Node keeps the standard descriptors from programs that it did not start. */
    for (int fd = 0; fd <= 2; fd++) fcntl(fd, F_SETFD, 0);
    if (syscall(SYS_close_range, 3u, ~0u, CLOSE_RANGE_CLOEXEC) == 0) execve(path, words, variables);
    error = errno;
    for (int fd = 0; fd <= 2; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
  }
  free(words);
  free(variables);
  return hf_number(env, -error);
}

void register_process(napi_env env, napi_value exports) {
  hf_export(env, exports, "accountOf", account_of);
  hf_export(env, exports, "spawnProgram", spawn_program);
  hf_export(env, exports, "watchProcess", watch_process);
  hf_export(env, exports, "replaceProgram", replace_program);
}
