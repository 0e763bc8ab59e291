/**
 * Tables of a MIB as data, and how GET and GETNEXT find their way through them. Nothing is made before it is asked for: a
 * table makes its rows once for each state of the world, a cell is read when a question meets it.
 */

import { compareOids, startsWith } from './values.js';
import type { Oid, SnmpValue } from './values.js';

/** What the index says, and what the cells are read off. */
export interface Row<R> {
  readonly index: Oid;
  readonly of: R;
}

/** One column of a table; a scalar is the only row of its own. `W` is the world it is read off. */
export interface Column<W> {
  readonly oid: Oid;
  /** The indexes in order. */
  readonly indexes: (world: W) => readonly Oid[];
  /** Of the row at that place; undefined where the row lacks this object. */
  readonly read: (world: W, place: number) => SnmpValue | undefined;
}

/** How a cell is read off its row; undefined where the row lacks it. */
export type Cells<R> = Readonly<Record<number, (row: R) => SnmpValue | undefined>>;

/** The accessible columns of a table by their numbers; `entry` is the identifier of its entry. */
export function table<W extends object, R>(entry: Oid, rowsOf: (world: W) => readonly Row<R>[], cells: Cells<R>): readonly Column<W>[] {
  const sorted = rememberLast((world: W) => [...rowsOf(world)].sort((a, b) => compareOids(a.index, b.index)));
  const indexes = rememberLast((world: W) => sorted(world).map(({ index }) => index));
  return Object.entries(cells).map(([number, cell]) => ({
    oid: [...entry, Number(number)],
    indexes,
    read: (world, place) => {
      const row = sorted(world)[place];
      return row === undefined ? undefined : cell(row.of);
    },
  }));
}

/** Objects without a table, below `parent`. */
export function scalars<W extends object>(parent: Oid, cells: Cells<W>): readonly Column<W>[] {
  return table(parent, (world: W) => [{ index: [0], of: world }], cells);
}

function rememberLast<W extends object, T>(make: (world: W) => T): (world: W) => T {
  let last: { readonly of: W; readonly made: T } | undefined;
  return (world) => {
    if (last?.of !== world) last = { of: world, made: make(world) };
    return last.made;
  };
}

export interface Found {
  readonly oid: Oid;
  readonly value: SnmpValue;
}

export interface View<W> {
  /** Undefined: there is no such object or no such instance of it. */
  readonly get: (world: W, oid: Oid) => SnmpValue | undefined;
  /** The first object after `start` (or at it, with `include`) and before `end`. */
  readonly next: (world: W, start: Oid, include: boolean, end?: Oid) => Found | undefined;
}

export function createView<W>(columns: readonly Column<W>[]): View<W> {
  const sorted = [...columns].sort((a, b) => compareOids(a.oid, b.oid));
  /** The last column that does not begin behind `oid`, or the first. */
  const columnAt = (oid: Oid): number => Math.max(0, firstPlace(sorted.length, (i) => compareOids(sorted[i]?.oid ?? [], oid) > 0) - 1);
  return {
    get: (world, oid) => {
      const column = sorted[columnAt(oid)];
      if (column === undefined || !startsWith(oid, column.oid)) return undefined;
      const index = oid.slice(column.oid.length);
      const indexes = column.indexes(world);
      const place = firstPlace(indexes.length, (i) => compareOids(indexes[i] ?? [], index) >= 0);
      return compareOids(indexes[place] ?? [], index) === 0 ? column.read(world, place) : undefined;
    },
    next: (world, start, include, end) => {
      for (const column of sorted.slice(columnAt(start))) {
        if (end !== undefined && compareOids(column.oid, end) >= 0) return undefined;
        const found = firstIn(column, world, start, include);
        if (found !== undefined) return end !== undefined && compareOids(found.oid, end) >= 0 ? undefined : found;
      }
      return undefined;
    },
  };
}

/** The first cell of the column that is there and comes after `start`. */
function firstIn<W>(column: Column<W>, world: W, start: Oid, include: boolean): Found | undefined {
  const indexes = column.indexes(world);
  const isInside = startsWith(start, column.oid);
  if (!isInside && compareOids(start, column.oid) > 0) return undefined;
  const from = isInside ? start.slice(column.oid.length) : [];
  const isAfter = (index: Oid): boolean => {
    const order = compareOids(index, from);
    return order > 0 || (order === 0 && include);
  };
  for (let place = firstPlace(indexes.length, (i) => isAfter(indexes[i] ?? [])); place < indexes.length; place += 1) {
    const value = column.read(world, place);
    if (value !== undefined) return { oid: [...column.oid, ...(indexes[place] ?? [])], value };
  }
  return undefined;
}

/** The first of `count` places that `holds`, which all behind it do; `count` if none does. */
function firstPlace(count: number, holds: (place: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
