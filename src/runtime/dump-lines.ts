/** The shape of keepalived's data files: headed sections of ` Key = value` lines, indented by nesting. It knows no machine. */

/** The heading and its lines; nothing at all for a section without lines. */
export function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`------< ${title} >------`, ...lines];
}

/** `key = value` when there is a value. */
export function optional(key: string, value: string | number | undefined): readonly string[] {
  return value === undefined ? [] : [`${key} = ${value}`];
}

/** The heading and the lines below it when there are any. */
export function listed(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [heading, ...lines];
}

export function enabled(value: boolean): string {
  return value ? 'enabled' : 'disabled';
}

export function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}
