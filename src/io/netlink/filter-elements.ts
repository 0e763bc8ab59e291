/** What sets of the packet filter hold, by what it is: which elements go and which come when other ones are wanted. */

import type { FilterElement } from '../../vrrp/host/firewall.js';

export type KeyedElements = ReadonlyMap<string, FilterElement>;

export function keyedElements(elements: readonly FilterElement[]): KeyedElements {
  return new Map(elements.map((element) => [keyOf(element), element]));
}

export function changedElements(there: KeyedElements, wanted: KeyedElements): { readonly gone: readonly FilterElement[]; readonly come: readonly FilterElement[] } {
  return { gone: without(there, wanted), come: without(wanted, there) };
}

function without(elements: KeyedElements, others: KeyedElements): readonly FilterElement[] {
  return [...elements].flatMap(([key, element]) => (others.has(key) ? [] : [element]));
}

function keyOf({ family, set, key, value }: FilterElement): string {
  return [family, set, key.join('.'), value?.join('.') ?? ''].join(' ');
}
