/** Amounts for people, in few characters. */

const UNITS = ['', 'k', 'M', 'G', 'T'];

/** `950`, `12k`, `1.5M`; thousands, not 1024s. `value`: 0 or more. */
export function shortAmount(value: number): string {
  let unit = 0;
  let rest = value;
  while (rest >= 1_000 && unit < UNITS.length - 1) {
    rest /= 1_000;
    unit += 1;
  }
  return `${unit > 0 && rest < 10 ? rest.toFixed(1) : Math.round(rest)}${UNITS[unit] ?? ''}`;
}
