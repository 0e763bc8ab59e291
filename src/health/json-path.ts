/** A member of a JSON text by its path, and whether it is what a check wants. */

import type { JsonDemand } from './config-check.js';
import type { ProbeFailure } from './events.js';

type Step = JsonDemand['path'][number];

/** `text`: the whole of it; undefined when it is no UTF-8. Undefined: it is as wanted. Total. */
export function judgeJson({ path, value }: JsonDemand, text: string | undefined): ProbeFailure | undefined {
  let member: unknown;
  try {
    member = JSON.parse(text ?? '');
  } catch {
    return { type: 'unexpected', detail: 'the body is no JSON' };
  }
  for (const step of path) member = memberOf(member, step);
  const place = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('').replace(/^\./, '');
  if (member === undefined) return { type: 'unexpected', detail: `the JSON has no ${place}` };
  const isWanted = value === undefined ? member !== null && member !== false : printed(member) === value;
  return isWanted ? undefined : { type: 'unexpected', detail: `${place} is ${printed(member).slice(0, 60)}` };
}

function memberOf(parent: unknown, step: Step): unknown {
  if (typeof parent !== 'object' || parent === null) return undefined;
  if (Array.isArray(parent)) return typeof step === 'number' ? (parent as readonly unknown[])[step] : undefined;
  return Object.hasOwn(parent, step) ? (parent as Readonly<Record<string, unknown>>)[step] : undefined;
}

function printed(member: unknown): string {
  return typeof member === 'string' ? member : JSON.stringify(member);
}
