/**
 * What a table of the packet filter holds, as text that can be compared: of the messages that make one as of those that the
 * kernel answers with (linux/netfilter/nf_tables.h). What the kernel adds by itself (handles, counts, flags that are not set) is
 * left out, so a table that was made and never changed is equal to the messages that made it.
 */

import { cstring, decodeAttributeList, decodeAttributes } from '../../base/attributes.js';
import type { Attribute } from '../../base/attributes.js';
import { toHex, viewOf } from '../../base/bytes.js';
import { setElementText } from './filter-element-text.js';

/** struct nfgenmsg. */
const HEADER = 4;
const MESSAGE = { newTable: 0, newChain: 3, newRule: 6, newSet: 9, newElement: 12 } as const;
const TABLE = { flags: 2 } as const;
const CHAIN = { name: 3, hook: 4, policy: 5, type: 7 } as const;
const HOOK = { number: 1, priority: 2 } as const;
const RULE = { chain: 2, expressions: 4 } as const;
const EXPRESSION = { name: 1, data: 2 } as const;
const SET = { name: 2, flags: 3, keyType: 4, keyLength: 5, dataType: 6, dataLength: 7 } as const;
const ELEMENTS = { set: 2, list: 3 } as const;
const ELEMENT = { key: 1, data: 2 } as const;
const DATA_VALUE = 1;

/** Which attributes of an expression name registers. */
const REGISTERS: Readonly<Record<string, readonly number[]>> = {
  payload: [1],
  meta: [1, 3],
  ct: [1, 4],
  cmp: [1],
  bitwise: [1, 2],
  lookup: [2, 3],
  immediate: [1],
  dup: [1, 2],
};
/** And which hold attributes. */
const NESTS: Readonly<Record<string, readonly number[]>> = { cmp: [3], bitwise: [4, 5], immediate: [2] };

/** A message without its header, as a request or as an answer. */
export interface FilterMessage {
  readonly type: number;
  /** From struct nfgenmsg on. */
  readonly payload: Uint8Array;
}

export interface FilterContent {
  /** The table itself, chains, sets and what the sets hold, each by what an operator calls it. */
  readonly objects: ReadonlyMap<string, string>;
  /** By chain, in order. */
  readonly rules: ReadonlyMap<string, readonly string[]>;
}

/** Messages that cannot be read, and of other kinds, say nothing. */
export function contentOf(messages: readonly FilterMessage[]): FilterContent {
  const objects = new Map<string, string>();
  const rules = new Map<string, string[]>();
  const keyTypes = new Map<string, number>();
  for (const { type, payload } of messages) {
    const list = decodeAttributes(payload.subarray(HEADER));
    if (!list.ok) continue;
    const of = list.value;
    switch (type & 0xff) {
      case MESSAGE.newTable:
        objects.set('', fieldsText(of, TABLE));
        break;
      case MESSAGE.newChain:
        objects.set(`chain ${textOf(of, CHAIN.name)}`, `${hookText(of.get(CHAIN.hook))} ${fieldsText(of, { policy: CHAIN.policy, type: CHAIN.type })}`);
        break;
      case MESSAGE.newRule: {
        const chain = textOf(of, RULE.chain);
        const known = rules.get(chain) ?? [];
        known.push(ruleText(of.get(RULE.expressions)));
        rules.set(chain, known);
        break;
      }
      case MESSAGE.newSet: {
        const { flags, keyType, keyLength, dataType, dataLength } = SET;
        keyTypes.set(textOf(of, SET.name), numberOf(of.get(keyType)));
        objects.set(`set ${textOf(of, SET.name)}`, fieldsText(of, { flags, keyType, keyLength, dataType, dataLength }));
        break;
      }
      case MESSAGE.newElement:
        for (const [key, value] of elementsIn(of, keyTypes.get(textOf(of, ELEMENTS.set)))) objects.set(key, value);
        break;
    }
  }
  return { objects, rules };
}

/** The generation of the whole rule set, which every change of anybody raises; of an answer to `askForGeneration`. */
export function generationIn({ payload }: FilterMessage): number | undefined {
  const list = decodeAttributes(payload.subarray(HEADER));
  const id = list.ok ? list.value.get(1) : undefined;
  return id?.length === 4 ? numberOf(id) : undefined;
}

/** The set that a message makes or answers for. */
export function setNamedIn({ payload }: FilterMessage): string {
  const list = decodeAttributes(payload.subarray(HEADER));
  return list.ok ? textOf(list.value, SET.name) : '';
}

/** The table that a message is about, whatever else. */
export function tableNamedIn({ payload }: FilterMessage): string {
  const list = decodeAttributes(payload.subarray(HEADER));
  return list.ok ? textOf(list.value, 1) : '';
}

type Attributes = ReadonlyMap<number, Uint8Array>;

function textOf(of: Attributes, type: number): string {
  return cstring.decode(of.get(type) ?? new Uint8Array(0)) ?? '';
}

/** In network order; 0 where there is none. */
function numberOf(bytes: Uint8Array | undefined): number {
  return bytes?.length === 4 ? viewOf(bytes).getUint32(0) : 0;
}

/** Those that are not zero: the kernel leaves some of the others out. */
function fieldsText(of: Attributes, types: Readonly<Record<string, number>>): string {
  return Object.entries(types).flatMap(([name, type]) => valueText(name, of.get(type))).join(' ');
}

function valueText(name: string, value: Uint8Array | undefined): readonly string[] {
  return value === undefined || value.every((byte) => byte === 0) ? [] : [`${name}=${toHex(value)}`];
}

function hookText(hook: Uint8Array | undefined): string {
  const list = hook === undefined ? undefined : decodeAttributes(hook);
  return list?.ok === true ? `hook ${numberOf(list.value.get(HOOK.number))} priority ${numberOf(list.value.get(HOOK.priority)) | 0}` : '';
}

function ruleText(expressions: Uint8Array | undefined): string {
  const list = decodeAttributeList(expressions ?? new Uint8Array(0));
  if (!list.ok) return 'unreadable';
  return list.value.map(({ value }) => expressionText(value)).join('; ');
}

function expressionText(bytes: Uint8Array): string {
  const of = decodeAttributes(bytes);
  if (!of.ok) return 'unreadable';
  const name = textOf(of.value, EXPRESSION.name);
  const data = decodeAttributeList(of.value.get(EXPRESSION.data) ?? new Uint8Array(0));
  // What it has counted is nobody's wish.
  if (name === 'counter' || !data.ok) return name;
  const fields = [...data.value].sort((a, b) => a.type - b.type).flatMap((attribute) => dataText(name, attribute));
  return [name, ...fields].join(' ');
}

function dataText(expression: string, { type, value }: Attribute): readonly string[] {
  if (REGISTERS[expression]?.includes(type) === true) return [`${type}=r${registerNumber(numberOf(value))}`];
  if (NESTS[expression]?.includes(type) !== true) return valueText(String(type), value);
  return [`${type}={${nestedText(value)}}`];
}

/** A value, or a verdict, which has attributes of its own. */
function nestedText(bytes: Uint8Array): string {
  const list = decodeAttributeList(bytes);
  if (!list.ok) return 'unreadable';
  return list.value.map(({ type, value }) => (type === DATA_VALUE ? toHex(value) : `${type}={${verdictText(value)}}`)).join(' ');
}

function verdictText(bytes: Uint8Array): string {
  const list = decodeAttributeList(bytes);
  return list.ok ? list.value.flatMap(({ type, value }) => valueText(String(type), value)).join(' ') : 'unreadable';
}

/** Registers of 16 bytes and of 4 lie over each other, and the kernel answers with the former where it can. */
function registerNumber(register: number): number {
  return register <= 4 ? register * 4 : register - 4;
}

function elementsIn(of: Attributes, keyType = 0): readonly (readonly [name: string, value: string])[] {
  const list = decodeAttributeList(of.get(ELEMENTS.list) ?? new Uint8Array(0));
  const set = textOf(of, ELEMENTS.set);
  if (!list.ok) return [];
  return list.value.map(({ value }) => {
    const element = decodeAttributes(value);
    const read = (type: number): Uint8Array => (element.ok ? dataValue(element.value.get(type)) : new Uint8Array(0));
    return [`${setElementText(keyType, read(ELEMENT.key))} in set ${set}`, toHex(read(ELEMENT.data))] as const;
  });
}

function dataValue(bytes: Uint8Array | undefined): Uint8Array {
  const data = bytes === undefined ? undefined : decodeAttributes(bytes);
  return (data?.ok === true ? data.value.get(DATA_VALUE) : undefined) ?? new Uint8Array(0);
}
