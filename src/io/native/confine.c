/* Confining a process that will start no program and change nothing of the machine any more. */
#include "addon.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
/* Calls of the x32 ABI have this bit. */
#define FOREIGN_CALLS 0x40000000u
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#define FOREIGN_CALLS 0xffffffffu
#endif

#ifdef ARCHITECTURE
/* Other programs, other processes' memory, mounts, namespaces, modules, the kernel itself. */
static const int REFUSED[] = {
    SYS_execve,        SYS_execveat, SYS_ptrace,      SYS_process_vm_readv, SYS_process_vm_writev, SYS_mount,        SYS_umount2,
    SYS_pivot_root,    SYS_chroot,   SYS_setns,       SYS_unshare,          SYS_init_module,       SYS_finit_module, SYS_delete_module,
    SYS_kexec_load,    SYS_bpf,      SYS_reboot,      SYS_swapon,           SYS_swapoff,           SYS_sethostname,  SYS_settimeofday,
    SYS_clock_settime, SYS_acct,     SYS_add_key,     SYS_request_key,      SYS_keyctl,            SYS_userfaultfd,  SYS_perf_event_open,
};
#define COUNT (sizeof REFUSED / sizeof *REFUSED)
#endif

/* confine() -> 0, or -errno: no new privileges, and EPERM for the calls above, for all threads and for good. -ENOSYS where the
 * processor is one that no filter is written for. */
static napi_value confine(napi_env env, napi_callback_info info) {
  (void)info;
#ifdef ARCHITECTURE
  struct sock_filter filter[COUNT + 6];
  size_t at = 0;
  const unsigned char refusal = COUNT + 1;
  filter[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
  filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 0, refusal + 2);
  filter[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, FOREIGN_CALLS, refusal, 0);
  for (size_t i = 0; i < COUNT; i++)
    filter[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)REFUSED[i], (unsigned char)(COUNT - i), 0);
  filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  filter[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  struct sock_fprog program = {.len = (unsigned short)at, .filter = filter};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return hf_number(env, -errno);
  long status = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  if (status > 0) return hf_number(env, -ESRCH);
  return hf_number(env, status < 0 ? -errno : 0);
#else
  return hf_number(env, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : -ENOSYS);
#endif
}

void register_confine(napi_env env, napi_value exports) { hf_export(env, exports, "confine", confine); }
