/** Listening sockets that systemd has opened and hands on (sd_listen_fds(3)), by the names that their units give them. */

const FIRST = 3;

/** Takes the variables out of `environment`. Empty where nothing was handed on, or to another process. */
export function handedSockets(environment: NodeJS.ProcessEnv): ReadonlyMap<string, number> {
  const { LISTEN_PID: pid, LISTEN_FDS: count, LISTEN_FDNAMES: names = '' } = environment;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) Reflect.deleteProperty(environment, name);
  if (Number(pid) !== process.pid) return new Map();
  return new Map(names.split(':').slice(0, Number(count)).map((name, i) => [name, FIRST + i]));
}
