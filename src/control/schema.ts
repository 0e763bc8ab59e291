/** GET /v1/schema: the shape of the answers as JSON Schema (draft 2020-12). A test holds it against what is answered. */

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };
const yesNo: Schema = { type: 'boolean' };
const number: Schema = { type: 'number' };
const anything: Schema = { type: 'object', additionalProperties: true };
const time: Schema = { type: 'string', format: 'date-time' };

const oneOf = (...values: readonly string[]): Schema => ({ enum: values });
const listOf = (items: Schema): Schema => ({ type: 'array', items });

/** Fields whose names end in `?` may be absent. More may come with later versions of the program. */
function record(fields: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(fields);
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name.replace('?', ''), fields[name]])),
    required: names.filter((name) => !name.endsWith('?')),
  };
}

const processes = oneOf('checkers', 'vrrp', 'bfd');
const instanceState = oneOf('INIT', 'BACKUP', 'MASTER', 'FAULT');

const eventLoop = record({ lagP99Milliseconds: number, lagMaxMilliseconds: number });

const daemon = record({
  version: text,
  pid: count,
  startedAt: time,
  stopping: yesNo,
  configuration: record({ file: text, generation: count, loadedAt: time, 'digests?': record({ vrrp: text, lvs: text }) }),
  processes: listOf(record({ name: processes, 'pid?': count })),
  'daemons?': listOf(record({ name: oneOf('daemon', 'vrrp', 'checkers'), pid: count, startedAt: time, generation: count, stopping: yesNo, isGone: yesNo })),
  'eventLoop?': eventLoop,
});

const instance = record({
  name: text,
  interface: text,
  family: oneOf('ipv4', 'ipv6'),
  virtualRouterId: count,
  protocolVersion: { enum: [2, 3] },
  state: instanceState,
  reason: text,
  since: time,
  priority: record({ configured: count, effective: count, reasons: listOf(text) }),
  'source?': text,
  'master?': record({ address: text, 'priority?': count }),
  'group?': text,
  faults: listOf(text),
  preempt: yesNo,
  advertIntervalSeconds: number,
  masterDownSeconds: number,
  gratuitousArpDelaySeconds: number,
  addresses: listOf(record({ address: text, prefixLength: count, interface: text, held: yesNo, excluded: yesNo })),
  addressesStatus: oneOf('applying', 'applied', 'failed'),
  statistics: { type: 'object', additionalProperties: count },
});

const check = record({
  check: text,
  up: yesNo,
  hasRun: yesNo,
  retriesUsed: count,
  'sharedBy?': count,
  'answeredAt?': time,
  'latencyMilliseconds?': number,
  'certificateDays?': { type: 'integer' },
  'failure?': text,
});

const connections = record({ active: count, inactive: count, persistent: count });
const flow = { connections: count, packetsIn: count, packetsOut: count, bytesIn: count, bytesOut: count };
const traffic = record({ ...flow, perSecond: record(flow) });

const realServer = record({
  name: text,
  address: text,
  port: count,
  method: oneOf('nat', 'tunnel', 'direct'),
  state: oneOf('up', 'down', 'unchecked', 'disabled'),
  'byHand?': oneOf('drain', 'disable', 'weight', 'add'),
  since: time,
  'reason?': text,
  'tier?': count,
  weight: record({ configured: number, effective: number, 'kernel?': number }),
  'connections?': connections,
  'traffic?': traffic,
  'perService?': listOf({ anyOf: [{ type: 'null' }, record({ connections, traffic })] }),
  checks: listOf(check),
});

const service = record({
  'protocol?': oneOf('tcp', 'udp', 'sctp'),
  'address?': text,
  'port?': count,
  'fwmark?': count,
  family: oneOf('ipv4', 'ipv6'),
  scheduler: text,
  'traffic?': traffic,
});

const virtualServer = record({
  name: text,
  services: listOf(service),
  state: oneOf('up', 'down'),
  since: time,
  quorum: count,
  aliveWeight: number,
  'sorryServer?': record({ name: text, active: yesNo }),
  'activeTier?': count,
  'connections?': connections,
  'traffic?': traffic,
  realServers: listOf(realServer),
});

const byHand = record({
  action: oneOf('drain', 'disable', 'weight', 'add', 'remove', 'yield', 'priority', 'preempt'),
  'instance?': text,
  'server?': text,
  'virtualServer?': text,
  'weight?': count,
  'priority?': count,
  'preempt?': yesNo,
  since: time,
  'until?': time,
  kept: yesNo,
  'untilReload?': yesNo,
});

const transition = record({
  id: count,
  time,
  of: oneOf('instance', 'realServer', 'virtualServer'),
  name: text,
  'virtualServer?': text,
  'from?': text,
  to: text,
  'why?': text,
});

const part = { asOf: time, 'eventLoop?': eventLoop };

const status = record({
  version: { const: 1 },
  'daemon?': daemon,
  'vrrp?': record({
    ...part,
    instances: listOf(instance),
    groups: listOf(record({ name: text, state: instanceState, members: listOf(text) })),
    scripts: listOf(record({ name: text, 'up?': yesNo, running: yesNo })),
  }),
  'lvs?': record({
    ...part,
    'countedAt?': time,
    kernel: record({ known: yesNo, ownServices: count, refusedCommands: count, repairs: count, 'trouble?': text }),
    virtualServers: listOf(virtualServer),
  }),
  'byHand?': listOf(byHand),
  'transitions?': listOf(transition),
  'filterRepairs?': count,
  'control?': record({ 'eventLoop?': eventLoop }),
  'bfd?': record({ ...part, sessions: listOf(record({ name: text, neighbour: text, phase: text })) }),
});

const health = record({
  version: { const: 1 },
  live: yesNo,
  ready: yesNo,
  problems: listOf(record({ kind: oneOf('daemon', 'instance', 'address', 'tables'), 'instance?': text, text })),
});

const event = record({
  id: count,
  time,
  process: oneOf('supervisor', 'checkers', 'vrrp', 'bfd'),
  level: oneOf('debug', 'info', 'warn', 'error'),
  event: text,
  text,
  fields: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
});

/** The model follows the version of the program and is for comparing with another of the same. */
const configuration = record({
  version: { const: 1 },
  file: text,
  configurationId: text,
  generation: count,
  sealingKey: text,
  /** [group, mark] each. */
  marks: listOf(listOf({ type: ['string', 'number'] })),
  model: record({ global: anything, director: anything, pool: anything, bfd: anything }),
});

/**
 * `$defs/status` is what /v1/status answers, `$defs/health` what /v1/health does, `$defs/event` what each data line of /v1/events
 * holds, `$defs/configuration` what those who may give commands get from /v1/configuration.
 */
export const SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $defs: { status, health, event, configuration },
  $ref: '#/$defs/status',
} as const;
