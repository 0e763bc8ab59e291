/**
 * What the command line may say: keepalived's options as a commander program, and getopt's way of splitting an argument
 * vector, which commander does not share. It knows spelling only; options.ts gives the words their meaning.
 */

import { Command, Option } from 'commander';

/** Options for which there is nothing here that they could act on. They are answered, never silently swallowed. */
export interface NotActedOn {
  readonly flags: string;
  /** Why, as the end of a sentence. */
  readonly reason: string;
}

const FLAGS: readonly (readonly [flags: string, description: string])[] = [
  ['-f, --use-file <FILE>', 'use the specified configuration file (default /etc/keepalived/keepalived.conf)'],
  ['-P, --vrrp', 'only run the VRRP subsystem'],
  ['-C, --check', 'only run the health-checker subsystem'],
  ['-B, --no_bfd', 'do not run the BFD subsystem'],
  ['--all', 'run every subsystem, even without configuration for it'],
  ['-l, --log-console', 'log to the console'],
  ['-D, --log-detail', 'detailed log messages'],
  ['-S, --log-facility <FACILITY>', 'syslog facility: 0-7, local0-local7, user or daemon (default)'],
  ['-g, --log-file [FILE]', 'also log to FILE (default /tmp/keepalived.log)'],
  ['--flush-log-file', 'flush the log file after each line (always done)'],
  ['--log-format <FORMAT>', 'text (default) or json, for console and file'],
  ['-G, --no-syslog', 'do not log to syslog'],
  ['-u, --umask <MASK>', 'umask for file creation, as a number'],
  ['-X, --release-vips', 'drop addresses in BACKUP whoever has set them (always done)'],
  ['-V, --dont-release-vrrp', 'leave virtual addresses in place at exit'],
  ['-I, --dont-release-ipvs', 'leave the IPVS tables in place at exit'],
  ['-R, --dont-respawn', 'exit when a child process dies'],
  ['-d, --dump-conf', 'log the configuration as it was understood'],
  ['-n, --dont-fork', 'stay in the foreground'],
  ['-p, --pid <FILE>', 'pid file of the parent process'],
  ['-r, --vrrp_pid <FILE>', 'pid file of the VRRP process'],
  ['-c, --checkers_pid <FILE>', 'pid file of the checkers process'],
  ['-b, --bfd_pid <FILE>', 'pid file of the BFD process'],
  ['-a, --address-monitoring', 'log every address that comes or goes'],
  ['-m, --core-dump', 'let processes of the daemon leave core dumps'],
  ['-M, --core-dump-pattern [PATTERN]', 'the same, under PATTERN (default core) in the place of the kernel setting'],
  ['-s, --namespace <NAME>', 'network namespace to work in; goes before net_namespace'],
  ['-e, --all-config', 'every include must be readable and match (include_check)'],
  ['-i, --config-id <ID>', 'configuration id for lines that begin with @'],
  ['-x, --snmp', 'serve every MIB through SNMP'],
  ['-A, --snmp-agent-socket <ADDRESS>', 'AgentX master to go through; goes before snmp_socket'],
  ['--control-service <SOCKET>', 'the control process is a service of its own (holdfast serve), fed there'],
  ['--signum <NAME>', 'print the signal number for STOP, RELOAD, DATA, STATS, STATS_CLEAR or JSON'],
  ['--ignore-sigint', 'ignore SIGINT'],
  ['-T, --genhash', 'as the first word: act as genhash (holdfast genhash --help)'],
  ['-t, --config-test [LOG_FILE]', 'check the configuration and exit'],
  ['-v, --version', 'print the version and exit'],
  ['-h, --help', 'print this help and exit'],
];

const NOT_ACTED_ON: readonly NotActedOn[] = [
  { flags: '-L, --mem-check-log', reason: 'memory is not allocated by hand' },
  { flags: '--no-mem-check', reason: 'memory is not allocated by hand' },
  { flags: '--perf', reason: 'it runs perf on a program in C' },
  { flags: '--debug [OPTIONS]', reason: 'it names parts of a program in C; -D -D says more' },
];

/** How often and with what values each option was given; the key is the long name without dashes. */
export type GivenOptions = ReadonlyMap<string, readonly (string | undefined)[]>;

export type CommandLine =
  | { readonly type: 'understood'; readonly given: GivenOptions; readonly words: readonly string[] }
  | { readonly type: 'refused'; readonly message: string };

/** Splits and reads `argv` (without interpreter and script). Never throws for anything a user can type. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const given = new Map<string, (string | undefined)[]>();
  const program = createProgram((name, value) => {
    given.set(name, [...(given.get(name) ?? []), value]);
  });
  const split = splitArguments(argv, program.options);
  if (split.type === 'refused') return split;
  program.parse([...split.options], { from: 'user' });
  return { type: 'understood', given, words: split.words };
}

/** The text of --help; `commands` says what there is beside the daemon. */
export function helpText(commands: string): string {
  const options = createProgram(() => undefined).helpInformation();
  return commands === '' ? options : `${options}\n${commands}`;
}

/** Those among the options given that have nothing to act on, in the order of the table. */
export function notActedOnAmong(given: GivenOptions): readonly NotActedOn[] {
  return NOT_ACTED_ON.filter(({ flags }) => given.has(longName(new Option(flags))));
}

function createProgram(onGiven: (name: string, value: string | undefined) => void): Command {
  const program = new Command('holdfast').helpOption(false).exitOverride();
  program.configureOutput({ writeErr: () => undefined });
  const add = (flags: string, description: string): void => {
    const option = new Option(flags, description);
    program.addOption(option);
    program.on(`option:${option.name()}`, (value: string | null | undefined) => onGiven(longName(option), value ?? undefined));
  };
  for (const [flags, description] of FLAGS) add(flags, description);
  for (const { flags, reason } of NOT_ACTED_ON) add(flags, `understood without effect: ${reason}`);
  return program;
}

function longName(option: Option): string {
  return (option.long ?? option.flags).replace(/^--/, '');
}

type Split =
  | { readonly type: 'split'; readonly options: readonly string[]; readonly words: readonly string[] }
  | { readonly type: 'refused'; readonly message: string };

/**
 * getopt_long's rules where commander's differ: an optional value must be attached, long names may be shortened while
 * they stay unique, and words between options are not values. The result has one option an element, long form.
 */
function splitArguments(argv: readonly string[], known: readonly Option[]): Split {
  const options: string[] = [];
  const words: string[] = [];
  const rest = [...argv];
  for (let element = rest.shift(); element !== undefined; element = rest.shift()) {
    if (element === '--') {
      words.push(...rest.splice(0));
    } else if (element.startsWith('--')) {
      const refusal = splitLong(element, known, rest, options);
      if (refusal !== undefined) return { type: 'refused', message: refusal };
    } else if (element.startsWith('-') && element.length > 1) {
      const refusal = splitCluster(element.slice(1), known, rest, options);
      if (refusal !== undefined) return { type: 'refused', message: refusal };
    } else {
      words.push(element);
    }
  }
  return { type: 'split', options, words };
}

function splitLong(element: string, known: readonly Option[], rest: string[], options: string[]): string | undefined {
  const equals = element.indexOf('=');
  const name = equals < 0 ? element : element.slice(0, equals);
  const candidates = known.filter((option) => option.long?.startsWith(name));
  const option = candidates.find(({ long }) => long === name) ?? (candidates.length === 1 ? candidates[0] : undefined);
  if (option === undefined) return `Unknown option ${name}`;
  const attached = equals < 0 ? undefined : element.slice(equals + 1);
  if (attached !== undefined && !option.required && !option.optional) return `Unexpected value for option ${name}`;
  return take(option, attached, name, rest, options);
}

function splitCluster(cluster: string, known: readonly Option[], rest: string[], options: string[]): string | undefined {
  for (let i = 0; i < cluster.length; i += 1) {
    const flag = `-${cluster.charAt(i)}`;
    const option = known.find(({ short }) => short === flag);
    if (option === undefined) return `Unknown option ${flag}`;
    const takesValue = option.required || option.optional;
    const attached = takesValue && i + 1 < cluster.length ? cluster.slice(i + 1) : undefined;
    const refusal = take(option, attached, flag, rest, options);
    if (refusal !== undefined || attached !== undefined) return refusal;
  }
  return undefined;
}

function take(
  option: Option,
  attached: string | undefined,
  spelling: string,
  rest: string[],
  options: string[],
): string | undefined {
  const value = attached ?? (option.required ? rest.shift() : undefined);
  if (option.required && value === undefined) return `Missing parameter for option ${spelling}`;
  options.push(value === undefined ? `--${longName(option)}` : `--${longName(option)}=${value}`);
  return undefined;
}
