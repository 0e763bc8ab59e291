/** What stands in the file that says when to reload: a time of day, or a date and a time. No file is read here. */

export type ReloadTime =
  | { readonly at: Date; readonly timeOnly: boolean; readonly utc: boolean }
  /** `format`: not one of the three forms. `invalid`: no such date or time. `past`: a date that has been. */
  | { readonly problem: 'format' | 'invalid' | 'past' };

/** `HH:MM:SS`, `YY-MM-DD HH:MM:SS` or `YYYY-MM-DD HH:MM:SS`, with a `Z` behind it for UTC instead of local time. */
const FORM = /^(?:((?:\d\d)?\d\d)-(\d\d)-(\d\d) )?(\d\d):(\d\d):(\d\d)(Z)?$/;
/** Of years with two digits. */
const CENTURY = 2000;

/** A time of day that is past, or is now, means that of tomorrow. */
export function readReloadTime(text: string, now: Date): ReloadTime {
  const form = FORM.exec(text);
  if (form === null) return { problem: 'format' };
  const [, year, ...rest] = form;
  const utc = rest.pop() !== undefined;
  const [month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = rest.map(Number);
  const clock = [hours, minutes, seconds] as const;
  if (year === undefined) {
    const [y, m, d] = dateOf(now, utc);
    const today = dateFrom([y, m, d], clock, utc);
    if (today === undefined) return { problem: 'invalid' };
    // Counted in days of the calendar: one with a change of the clocks is no 24 hours long.
    const at = today > now ? today : utc ? new Date(Date.UTC(y, m - 1, d + 1, ...clock)) : new Date(y, m - 1, d + 1, ...clock);
    return { at, timeOnly: true, utc };
  }
  const at = dateFrom([Number(year) + (year.length === 2 ? CENTURY : 0), month, day], clock, utc);
  if (at === undefined) return { problem: 'invalid' };
  return at > now ? { at, timeOnly: false, utc } : { problem: 'past' };
}

/** `YYYY-MM-DD HH:MM:SS`, with the `Z` of UTC. */
export function reloadTimeText(at: Date, utc: boolean): string {
  const time = utc ? [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()] : [at.getHours(), at.getMinutes(), at.getSeconds()];
  const digits = (numbers: readonly number[]): string[] => numbers.map((number) => String(number).padStart(2, '0'));
  return `${digits(dateOf(at, utc)).join('-')} ${digits(time).join(':')}${utc ? 'Z' : ''}`;
}

/** Year, month from 1, day. */
type CalendarDay = readonly [year: number, month: number, day: number];

function dateOf(at: Date, utc: boolean): CalendarDay {
  if (utc) return [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()];
}

/** Undefined when there is no such day or time: Date would go on counting in the next one. */
function dateFrom(day: CalendarDay, clock: readonly [number, number, number], utc: boolean): Date | undefined {
  const [year, month, date] = day;
  const [hours, minutes, seconds] = clock;
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const at = utc ? new Date(Date.UTC(year, month - 1, date, ...clock)) : new Date(year, month - 1, date, ...clock);
  return dateOf(at, utc).join(' ') === day.join(' ') ? at : undefined;
}
