/** What differs between two pieces of configuration, field by field, in words for people. */

/** Durations in a model are whole microseconds. */
const SPANS: ReadonlySet<string> = new Set([
  'advertInterval', 'connectTimeout', 'delayBeforeRetry', 'delayLoop', 'drainTimeout', 'forkDelay', 'halfLife', 'interval', 'longest', 'lowerPriorityDelay',
  'masterDelay', 'masterRefresh', 'minReceive', 'minTransmit', 'preemptDelay', 'slowStart', 'startupDelay', 'terminateDelay', 'warmup',
]);
const MICROS_A_SECOND = 1_000_000;
const LONGEST = 60;

export interface FieldChange {
  /** With dots for what lies inside: `announcements.masterDelay`. */
  readonly field: string;
  /** Absent = it was not there, or is no longer. */
  readonly before?: string;
  readonly after?: string;
}

/** Both are plain data. `without`: fields of the outermost objects that somebody else compares. */
export function fieldChanges(before: object, after: object, without: readonly string[] = []): readonly FieldChange[] {
  return compare('', omit(before, without), omit(after, without));
}

function omit(value: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

function compare(path: string, before: unknown, after: unknown): readonly FieldChange[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (!isRecord(before) || !isRecord(after)) {
    return [{ field: path, ...(before === undefined ? {} : { before: text(path, before) }), ...(after === undefined ? {} : { after: text(path, after) }) }];
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.flatMap((name) => compare(path === '' ? name : `${path}.${name}`, before[name], after[name]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(path: string, value: unknown): string {
  if (typeof value === 'number' && SPANS.has(path.slice(path.lastIndexOf('.') + 1))) return `${value / MICROS_A_SECOND} s`;
  if (typeof value === 'string') return value.startsWith('sealed ') ? '(a secret)' : value;
  const whole = JSON.stringify(value);
  return whole.length <= LONGEST ? whole : `${whole.slice(0, LONGEST - 3)}...`;
}
