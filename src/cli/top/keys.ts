/** What each key does. */

import { ORDERS, blocksOf, current, isAt, placesOf } from './state.js';
import type { Asked, Effect, TopState } from './state.js';

/** As terminals send them in raw mode; printable characters are themselves. */
export type Key = 'up' | 'down' | 'pageUp' | 'pageDown' | 'home' | 'end' | 'enter' | 'escape' | 'backspace' | 'interrupt' | { readonly character: string };

export interface Pressed {
  readonly state: TopState;
  readonly effect?: Effect;
}

const SEQUENCES: readonly (readonly [string, Key])[] = [
  ['\u001b[A', 'up'],
  ['\u001bOA', 'up'],
  ['\u001b[B', 'down'],
  ['\u001bOB', 'down'],
  ['\u001b[5~', 'pageUp'],
  ['\u001b[6~', 'pageDown'],
  ['\u001b[H', 'home'],
  ['\u001b[1~', 'home'],
  ['\u001b[F', 'end'],
  ['\u001b[4~', 'end'],
  ['\u001b', 'escape'],
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\u007f', 'backspace'],
  ['\b', 'backspace'],
  ['\u0003', 'interrupt'],
];

const LONGEST_TEXT = 40;
const PAGE = 10;
const MOST_WEIGHT = 0x7fffffff;

/** The keys in what has been read; sequences that nobody knows are left out. */
export function keysIn(text: string): readonly Key[] {
  const keys: Key[] = [];
  let rest = text;
  while (rest !== '') {
    const known = SEQUENCES.find(([sequence]) => rest.startsWith(sequence) && !(sequence === '\u001b' && UNKNOWN.test(rest)));
    const unknown = UNKNOWN.exec(rest)?.[0];
    if (known !== undefined) keys.push(known[1]);
    else if (unknown === undefined && rest >= ' ') keys.push({ character: rest.slice(0, 1) });
    rest = rest.slice(known?.[0].length ?? unknown?.length ?? 1);
  }
  return keys;
}

/** ECMA-48 control sequences, and two-character ones. */
const UNKNOWN = /^\u001b(?:\[[0-9;]*[@-~]|O.)/;

export function press(state: TopState, key: Key): Pressed {
  if (key === 'interrupt') return { state, effect: { type: 'quit' } };
  switch (state.mode.type) {
    case 'browse':
      return browse({ ...state, message: '' }, key);
    case 'help':
      return { state: { ...state, mode: { type: 'browse' } } };
    case 'filter':
      return typeText(state, key, state.mode.text);
    case 'weight':
      return typeText(state, key, state.mode.text);
    case 'confirm':
      return confirm(state, key, state.mode.asked);
  }
}

function browse(state: TopState, key: Key): Pressed {
  if (typeof key !== 'string') return command(state, key.character);
  switch (key) {
    case 'up':
      return { state: move(state, -1) };
    case 'down':
      return { state: move(state, 1) };
    case 'pageUp':
      return { state: move(state, -PAGE) };
    case 'pageDown':
      return { state: move(state, PAGE) };
    case 'home':
      return { state: move(state, -Infinity) };
    case 'end':
      return { state: move(state, Infinity) };
    case 'escape':
      return { state: { ...state, filter: '' } };
    default:
      return { state };
  }
}

function move(state: TopState, by: number): TopState {
  const places = placesOf(blocksOf(state));
  const now = current(state);
  const index = places.findIndex((place) => isAt(place, now));
  const selected = places[Math.min(Math.max(index + by, 0), places.length - 1)];
  return selected === undefined ? state : { ...state, selected };
}

function command(state: TopState, character: string): Pressed {
  switch (character) {
    case 'q':
      return { state, effect: { type: 'quit' } };
    case 'j':
      return { state: move(state, 1) };
    case 'k':
      return { state: move(state, -1) };
    case 's':
      return { state: { ...state, order: ORDERS[(ORDERS.indexOf(state.order) + 1) % ORDERS.length] ?? 'name' } };
    case '/':
      return { state: { ...state, mode: { type: 'filter', text: state.filter } } };
    case '?':
    case 'h':
      return { state: { ...state, mode: { type: 'help' } } };
    case 'd':
      return { state: ask(state, 'drain') };
    case 'x':
      return { state: ask(state, 'disable') };
    case 'e':
      return { state: ask(state, 'enable') };
    case 'w': {
      const selected = current(state);
      return { state: selected === undefined ? state : { ...state, selected, mode: { type: 'weight', text: '' } } };
    }
    default:
      return { state };
  }
}

function ask(state: TopState, action: 'drain' | 'disable' | 'enable'): TopState {
  const place = current(state);
  return place === undefined ? state : { ...state, selected: place, mode: { type: 'confirm', asked: { ...place, action } } };
}

function typeText(state: TopState, key: Key, text: string): Pressed {
  const { mode } = state;
  if (mode.type !== 'filter' && mode.type !== 'weight') return { state };
  const isFilter = mode.type === 'filter';
  const typed = (next: string): Pressed => ({ state: { ...state, mode: { ...mode, text: next }, ...(isFilter ? { filter: next } : {}) } });
  if (typeof key !== 'string') return typed(`${text}${key.character}`.slice(0, LONGEST_TEXT));
  if (key === 'backspace') return typed(text.slice(0, -1));
  if (key === 'escape') return { state: { ...state, mode: { type: 'browse' }, ...(isFilter ? { filter: '' } : {}) } };
  if (key !== 'enter') return { state };
  return { state: isFilter ? { ...state, mode: { type: 'browse' } } : weigh(state, text) };
}

function weigh(state: TopState, text: string): TopState {
  const place = current(state);
  const weight = Number(text);
  if (!/^\d{1,10}$/.test(text) || weight > MOST_WEIGHT || place === undefined) return { ...state, mode: { type: 'browse' }, message: `${text === '' ? 'nothing' : text} is no weight: 0 to ${MOST_WEIGHT}` };
  return { ...state, mode: { type: 'confirm', asked: { ...place, action: 'weight', weight } } };
}

/** Only a y is a yes. */
function confirm(state: TopState, key: Key, asked: Asked): Pressed {
  const back: TopState = { ...state, mode: { type: 'browse' } };
  if (typeof key !== 'string' && key.character.toLowerCase() === 'y') return { state: back, effect: { type: 'command', asked } };
  return { state: { ...back, message: 'nothing was done' } };
}
