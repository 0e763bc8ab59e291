/** What a command says when the daemon cannot be asked: one sentence with what to do. Loads nothing. */

/** Exit status: the daemon cannot be asked. */
export const NO_ANSWER = 1;

/** Milliseconds until a daemon that says nothing is given up. */
export const PATIENCE = 5_000;

export const DEFAULT_SOCKET = '/run/holdfast/control.sock';

export class NoAnswer extends Error {
  /** Who asked is not let in, or not understood: the daemon may be in order. */
  readonly isOfQuestion: boolean;

  constructor(message: string, isOfQuestion = false) {
    super(message);
    this.isOfQuestion = isOfQuestion;
  }
}

/** In words, for an error of the socket at `socketPath`. */
export function noAnswer(socketPath: string, { code = 'error', message }: NodeJS.ErrnoException): NoAnswer {
  switch (code) {
    case 'ENOENT':
      return new NoAnswer(`There is no ${socketPath}: the daemon does not run, or has its socket elsewhere (control_socket, or beside its own pid file).`);
    case 'ECONNREFUSED':
      return new NoAnswer(`Nobody listens on ${socketPath}: the daemon that made it does not run any more.`);
    case 'EACCES':
      return new NoAnswer(`${socketPath} is not for this user: be root, or a member of its group (control_group, control_admin_group).`, true);
    default:
      return new NoAnswer(`${socketPath} cannot be asked: ${message}`);
  }
}

/** Runs `work`; a daemon that cannot be asked is said on standard error and makes the exit status. */
export async function withAnswers(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = NO_ANSWER;
  }
}
