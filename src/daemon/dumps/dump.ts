/**
 * Dumps for people: the snapshot of a machine as headed sections of ` Key = value` lines, indented by nesting, the shape
 * of keepalived's data files. It knows no machine.
 */

import { writeFileSafely } from '../../io/files/files.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';

export interface DumpSection {
  readonly title: string;
  readonly content: unknown;
}

/** `------< TITLE >------` and the content below it, for every section. */
export function renderDump(sections: readonly DumpSection[]): string {
  return sections.map(({ title, content }) => `------< ${title} >------\n${render(content, 1)}`).join('');
}

/** Writes `text` to `path` so that no link of somebody else is followed, and tells when that fails. */
export function writeDump(path: string, text: string, tell: (note: LifecycleNote) => void): void {
  const problem = writeFileSafely(path, text);
  if (problem !== undefined) tell({ type: 'unwritable', path, reason: problem });
}

function render(value: unknown, depth: number): string {
  const indent = ' '.repeat(depth);
  return entriesOf(value)
    .map(([key, item]) => {
      if (item === undefined) return '';
      if (isNested(item)) return `${indent}${key}:\n${render(item, depth + 2)}`;
      return `${indent}${key} = ${typeof item === 'string' ? item : JSON.stringify(item)}\n`;
    })
    .join('');
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function entriesOf(value: unknown): readonly (readonly [key: string, item: unknown])[] {
  if (value instanceof Map) return [...(value as Map<unknown, unknown>)].map(([key, item]) => [String(key), item] as const);
  if (Array.isArray(value)) return value.map((item: unknown, i) => [nameOf(item) ?? String(i), item] as const);
  if (!isNested(value)) return [['Value', value]];
  return Object.entries(value).map(([key, item]) => [spelledOut(key), item] as const);
}

/** Items of a list are headed by their name where they have one. */
function nameOf(item: unknown): string | undefined {
  const name = isNested(item) && 'name' in item ? item.name : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** `masterDownAt` becomes `Master down at`. */
function spelledOut(key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
