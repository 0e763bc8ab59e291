/**
 * A configuration with one virtual server for every combination that shows in the kernel's table: schedulers, forwarding
 * methods, persistence, fwmarks, quorum with sorry server, inhibit_on_failure, alpha, thresholds, both families.
 * Text only; what it does to a kernel is compared by scripts/same-table.ts.
 */

export interface MatrixOptions {
  /** Seconds between checks of one server. */
  readonly delayLoop: number;
  /** True gives the changed file of the reload: other weights, schedulers and persistence, entries gone and new. */
  readonly changed: boolean;
}

/** Answers throughout. */
export const STEADY = '10.1.0.1';
/** Dies and returns. */
export const MORTAL = '10.1.0.2';
/** Never answers. */
export const DEAD = '10.1.0.3';
/** Answers throughout; only the changed file names it. */
export const NEWCOMER = '10.1.0.4';
/** Answers throughout; the sorry server. */
const SORRY = '10.1.0.9';
/** The same parts in the other family. */
const SIXES: Readonly<Record<string, string>> = {
  [STEADY]: 'fd00:1::1',
  [MORTAL]: 'fd00:1::2',
  [DEAD]: 'fd00:1::3',
};

/** All addresses of real servers in the matrix that answer at first, of both families. */
export const LISTENING = [STEADY, MORTAL, NEWCOMER, SORRY, 'fd00:1::1', 'fd00:1::2'];
export const MORTALS = [MORTAL, 'fd00:1::2'];

/** The shell script whose exit status is what MISC_CHECK says of a server: 1 = dead, from 2 on its weight and two. */
export function statusFile(address: string): string {
  return `/tmp/status-${address}`;
}

interface Variant {
  readonly scheduler: string;
  readonly method: 'NAT' | 'DR' | 'TUN';
  readonly service?: readonly string[];
  readonly server?: readonly string[];
  readonly fwmark?: boolean;
  /** Lines of a virtual_server_group, as the first and as the changed file have them. */
  readonly group?: readonly [before: readonly string[], after: readonly string[]];
  readonly six?: boolean;
  readonly protocol?: 'TCP' | 'UDP';
  /** Default TCP_CHECK. */
  readonly checker?: 'TCP_CHECK' | 'HTTP_GET' | 'MISC_CHECK';
}

const METHODS = ['NAT', 'DR', 'TUN'] as const;
const PERSISTENT = ['persistence_timeout 360'];

/** The full product of what the kernel treats differently. */
const product: readonly Variant[] = ['rr', 'wrr', 'sh', 'mh'].flatMap((scheduler) =>
  METHODS.flatMap((method) =>
    [undefined, PERSISTENT].flatMap((service) =>
      [false, true].map((fwmark): Variant => ({ scheduler, method, fwmark, ...(service === undefined ? {} : { service }) })),
    ),
  ),
);

const sorry = [`sorry_server ${SORRY} 80`];

const singles: readonly Variant[] = [
  ...['lc', 'wlc', 'lblc', 'lblcr', 'dh', 'sed', 'nq', 'fo', 'ovf'].map((scheduler): Variant => ({ scheduler, method: 'DR' })),
  { scheduler: 'sh', method: 'DR', service: ['sh-port'] },
  { scheduler: 'sh', method: 'DR', service: ['sh-fallback', 'sh-port'] },
  { scheduler: 'mh', method: 'NAT', service: ['mh-port'] },
  { scheduler: 'mh', method: 'TUN', service: ['mh-fallback'] },
  { scheduler: 'rr', method: 'DR', protocol: 'UDP', service: ['ops'] },
  { scheduler: 'rr', method: 'DR', service: ['persistence_timeout 60', 'persistence_granularity 255.255.255.0'] },
  // Two of three are alive: a quorum of three is never reached, of two lost when one dies, of one always there.
  ...[1, 2, 3].map((quorum): Variant => ({ scheduler: 'wrr', method: 'NAT', service: [`quorum ${quorum}`, ...sorry] })),
  { scheduler: 'rr', method: 'DR', service: ['quorum 2', 'hysteresis 1', ...sorry] },
  { scheduler: 'rr', method: 'DR', service: ['quorum 2', ...sorry, 'sorry_server_inhibit'] },
  { scheduler: 'rr', method: 'DR', service: ['quorum 2'] },
  { scheduler: 'rr', method: 'DR', service: ['inhibit_on_failure'] },
  { scheduler: 'wrr', method: 'TUN', server: ['inhibit_on_failure', 'weight 7'] },
  { scheduler: 'wrr', method: 'NAT', server: ['inhibit_on_failure'], service: ['quorum 2', ...sorry] },
  { scheduler: 'rr', method: 'DR', service: ['alpha'] },
  { scheduler: 'rr', method: 'DR', service: ['alpha', ...sorry] },
  { scheduler: 'wlc', method: 'NAT', server: ['uthreshold 100', 'lthreshold 50'] },
  { scheduler: 'wrr', method: 'DR', server: ['weight 0'] },
  { scheduler: 'rr', method: 'DR', six: true },
  { scheduler: 'wrr', method: 'NAT', six: true, service: ['persistence_timeout 300', 'persistence_granularity 64'] },
  { scheduler: 'mh', method: 'TUN', six: true, service: ['quorum 2'] },
  // Groups: ranges, marks and both together; the changed file has longer, shorter and other ones. Not other marks: keepalived
  // neither makes those that a reload brings nor removes those that it takes away.
  { scheduler: 'wrr', method: 'NAT', group: [['10.4.0.1-4 80'], ['10.4.0.1-6 80']] },
  { scheduler: 'rr', method: 'DR', group: [['10.4.1.1-3 80', '10.4.1.9 80'], ['10.4.1.2-3 80']] },
  { scheduler: 'rr', method: 'TUN', group: [['fwmark 901', 'fwmark 902'], ['fwmark 901', 'fwmark 902']] },
  { scheduler: 'wlc', method: 'NAT', group: [['10.4.2.1 80', 'fwmark 911'], ['10.4.2.1 80']], service: ['quorum 2', ...sorry] },
  { scheduler: 'rr', method: 'NAT', group: [['10.4.3.1-2 80'], ['10.4.3.1-2 8080']] },
  { scheduler: 'wrr', method: 'DR', group: [['10.4.4.1-2 80', 'fwmark 921'], ['10.4.4.1-2 80', 'fwmark 921']], service: ['inhibit_on_failure'] },
  { scheduler: 'rr', method: 'NAT', group: [['10.4.5.1-2 80'], ['10.4.5.1-3 80']], service: ['quorum 2', 'hysteresis 1', ...sorry, 'alpha'] },
  { scheduler: 'rr', method: 'DR', group: [['fd00:4::1-3 80'], ['fd00:4::1-2 80']], six: true },
  { scheduler: 'wlc', method: 'NAT', group: [['10.4.6.1 80'], ['10.4.6.1 80']], server: ['uthreshold 100', 'lthreshold 50'] },
  // The exit status of the program says the weight.
  { scheduler: 'wrr', method: 'NAT', checker: 'MISC_CHECK' },
  { scheduler: 'wrr', method: 'DR', checker: 'MISC_CHECK', service: ['quorum 6', 'hysteresis 1', ...sorry] },
  { scheduler: 'rr', method: 'NAT', checker: 'HTTP_GET' },
  { scheduler: 'wrr', method: 'DR', checker: 'HTTP_GET', server: ['inhibit_on_failure'] },
  { scheduler: 'rr', method: 'TUN', checker: 'HTTP_GET', six: true },
];

/** The text of the matrix's configuration file. */
export function matrixConfiguration(options: MatrixOptions): string {
  const services = [...product, ...singles].map((variant, index) => virtualServer(variant, index, options));
  return ['global_defs {\n    router_id matrix\n}', ...services.filter((text) => text !== '')].join('\n\n') + '\n';
}

function virtualServer(variant: Variant, index: number, options: MatrixOptions): string {
  // The changed file lacks every seventh service, and the first has what was every eleventh's place.
  if (options.changed && index % 7 === 3) return '';
  if (!options.changed && index % 11 === 5) return '';
  const { scheduler, persistence } = changedService(variant, index, options.changed);
  const head = headOf(variant, index);
  const lines = [
    // A process for each question: a lab kernel has one CPU.
    `delay_loop ${variant.checker === 'MISC_CHECK' ? options.delayLoop * 2 : options.delayLoop}`,
    `lb_algo ${scheduler}`,
    `lb_kind ${variant.method}`,
    ...(variant.fwmark ? [] : [`protocol ${variant.protocol ?? 'TCP'}`]),
    ...(variant.service ?? []).filter((line) => !(persistence === undefined && line.startsWith('persistence'))),
    ...(persistence ?? []),
  ];
  const addresses = [STEADY, MORTAL, DEAD].map((address) => (variant.six ? (SIXES[address] ?? address) : address));
  const servers = addresses.map((address, position) => realServer(address, weightOf(variant, position, index, options.changed), variant));
  if (options.changed && !variant.six && index % 3 === 0) servers.push(realServer(NEWCOMER, 4, variant));
  if (options.changed && index % 5 === 2) servers.splice(0, 1);
  const entries = variant.group?.[options.changed ? 1 : 0] ?? [];
  const group = variant.group === undefined ? [] : [`virtual_server_group G${index} {`, ...entries.map((line) => `    ${line}`), '}', ''];
  return [...group, `virtual_server ${head} {`, ...lines.map((line) => `    ${line}`), ...servers, '}'].join('\n');
}

function headOf(variant: Variant, index: number): string {
  if (variant.group !== undefined) return `group G${index}`;
  if (variant.fwmark) return `fwmark ${index + 1}`;
  return `${variant.six ? `fd00:2::${(index + 1).toString(16)}` : `10.2.0.${index + 1}`} 80`;
}

/** What the reload changes about a service itself. An empty persistence keeps what the variant says. */
function changedService(variant: Variant, index: number, changed: boolean): { scheduler: string; persistence: string[] | undefined } {
  if (!changed) return { scheduler: variant.scheduler, persistence: [] };
  const scheduler = index % 4 === 1 && variant.service === undefined ? 'wlc' : variant.scheduler;
  if (index % 6 === 0) return { scheduler, persistence: undefined };
  return { scheduler, persistence: index % 6 === 1 && variant.service === undefined ? ['persistence_timeout 120'] : [] };
}

function weightOf(variant: Variant, position: number, index: number, changed: boolean): number {
  // Quorum counts weights: with one each, it counts servers.
  if (!changed && variant.service?.some((line) => line.startsWith('quorum'))) return 1;
  return changed && index % 2 === 0 ? 5 - position : 1 + ((index + position) % 3);
}

function realServer(address: string, weight: number, variant: Variant): string {
  const own = variant.server ?? [];
  const lines = [...(own.some((line) => line.startsWith('weight')) ? [] : [`weight ${weight}`]), ...own];
  // A fwmark's server of DR or TUN has no port of its own to be checked on.
  const checker = [...questionOf(variant, address), 'retry 1', 'delay_before_retry 1'].map((line) => `    ${line}`);
  const body = [...lines, `${variant.checker ?? 'TCP_CHECK'} {`, ...checker, '}'].map((line) => `        ${line}`);
  return [`    real_server ${address} 80 {`, ...body, '    }'].join('\n');
}

function questionOf({ checker }: Variant, address: string): readonly string[] {
  switch (checker ?? 'TCP_CHECK') {
    case 'HTTP_GET':
      return ['url {', '    path /', '    status_code 200', '}', 'connect_timeout 1'];
    case 'MISC_CHECK':
      return [`misc_path "/bin/sh ${statusFile(address)}"`, 'misc_timeout 20', 'misc_dynamic'];
    case 'TCP_CHECK':
      return ['connect_port 80', 'connect_timeout 1'];
  }
}
