/** Puts a service address on this host, and takes it away again: one step at a time, each written down before the next. */

import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

import { familyOf } from '../../base/address.js';
import type { IpAddress } from '../../base/address.js';
import { errorCodeOf } from '../../io/files/files.js';
import { runTool } from '../../io/processes/tool.js';
import { readSetting } from '../doctor/finding.js';
import type { Ledger, Served } from './ledger.js';
import type { Method } from './methods.js';
import { cidrOf, demandsOf, equipmentFor } from './methods.js';

/** The kernel or a program refused; the message is for people. */
export class ChangeError extends Error {}

export interface Changing {
  readonly ledger: () => Ledger;
  /** Writes it down. */
  readonly keep: (ledger: Ledger) => void;
  /** What was done, in words. */
  readonly tell: (text: string) => void;
}

/** Does what is not done yet. Throws ChangeError and LedgerError. */
export function bringUp(address: IpAddress, method: Method, port: number, changing: Changing): void {
  const { ledger, keep, tell } = changing;
  const { device, modules, gue } = equipmentFor(method, address);
  const known = ledger().served.find((one) => one.address === address);
  if (known !== undefined && known.method !== method) throw new ChangeError(`${address} is up by ${known.method} already: take it down first`);
  for (const module of modules) if (!isThere(device) || module.startsWith('fou')) load(module);
  // Before the address: nobody shall hear it answer.
  for (const { path, value, isMet } of demandsOf(method, address)) if (!isMet()) set(path, value, changing);
  if (gue) openPort(port, familyOf(address), changing);
  if (device !== 'lo' && !isUp(device)) {
    ip(['link', 'set', device, 'up']);
    keep({ ...ledger(), raised: [...ledger().raised, device] });
    tell(`${device} is up`);
  }
  const present = holds(device, address);
  if (known === undefined) keep({ ...ledger(), served: [...ledger().served, { address, method, ours: !present, ...(gue ? { port } : {}) }] });
  if (present) tell(`${cidrOf(address)} is on ${device}${known === undefined ? ', and was before: down will leave it there' : ' already'}`);
  else {
    ip(['address', 'add', cidrOf(address), 'dev', device, ...(familyOf(address) === 'ipv6' ? ['nodad', 'preferred_lft', '0'] : [])]);
    tell(`${cidrOf(address)} is on ${device} now`);
  }
}

/** Undoes what bringUp did for this address, and with the last one of its kind what all of them needed. */
export function takeDown(address: IpAddress, changing: Changing): void {
  const { ledger, keep, tell } = changing;
  const known = ledger().served.find((one) => one.address === address);
  if (known === undefined) {
    tell(`${address} was not brought up by this command: nothing is done`);
    return;
  }
  const { device } = equipmentFor(known.method, address);
  if (known.ours && holds(device, address)) {
    ip(['address', 'del', cidrOf(address), 'dev', device]);
    tell(`${cidrOf(address)} is off ${device}`);
  }
  const left = ledger().served.filter((one) => one.address !== address);
  keep({ ...ledger(), served: left });
  for (const { port, family } of ledger().ports) {
    if (left.some((one) => one.port === port && familyOf(one.address as IpAddress) === family)) continue;
    ip([...familyOption(family), 'fou', 'del', 'port', String(port)]);
    keep({ ...ledger(), ports: ledger().ports.filter((one) => one.port !== port || one.family !== family) });
    tell(`UDP port ${port} is closed for GUE`);
  }
  for (const name of ledger().raised) {
    if (left.some((one) => deviceOf(one) === name)) continue;
    ip(['link', 'set', name, 'down']);
    keep({ ...ledger(), raised: ledger().raised.filter((one) => one !== name) });
    tell(`${name} is down, as it was`);
  }
  const needed = new Set(left.flatMap((one) => demandsOf(one.method, one.address as IpAddress).map(({ path }) => path)));
  for (const [path, { before, after }] of Object.entries(ledger().settings)) if (!needed.has(path)) restore(path, before, after, changing);
}

function deviceOf({ method, address }: Served): string {
  return equipmentFor(method, address as IpAddress).device;
}

/** What somebody else has set meanwhile stays. */
function restore(path: string, before: string, after: string, { ledger, keep, tell }: Changing): void {
  const now = readSetting(path);
  if (now === after) {
    write(path, before);
    tell(`${path} is ${before}, as it was`);
  } else if (now !== undefined) tell(`${path} is ${now}, which somebody else has set: it stays`);
  const { [path]: done, ...settings } = ledger().settings;
  if (done !== undefined) keep({ ...ledger(), settings });
}

function set(path: string, value: string, { ledger, keep, tell }: Changing): void {
  const before = readSetting(path);
  if (before === undefined) throw new ChangeError(`there is no ${path}`);
  // Should it end in between, down puts back what was not changed: no harm.
  const { settings } = ledger();
  keep({ ...ledger(), settings: { ...settings, [path]: { before: settings[path]?.before ?? before, after: value } } });
  write(path, value);
  tell(`${path} is ${value} now, and was ${before}`);
}

function write(path: string, value: string): void {
  try {
    writeFileSync(`/proc/sys/${path}`, value);
  } catch (error) {
    throw new ChangeError(`${path} cannot be written: ${errorCodeOf(error)}`);
  }
}

function openPort(port: number, family: 'ipv4' | 'ipv6', { ledger, keep, tell }: Changing): void {
  if (isOpenForGue(port, family)) return;
  ip([...familyOption(family), 'fou', 'add', 'port', String(port), 'gue']);
  keep({ ...ledger(), ports: [...ledger().ports, { port, family }] });
  tell(`UDP port ${port} takes GUE`);
}

/** As `ip fou show` lists it. */
export function isOpenForGue(port: number, family: 'ipv4' | 'ipv6'): boolean {
  return new RegExp(`^port ${port} gue\\b`, 'm').test(runTool('ip', [...familyOption(family), 'fou', 'show']).output);
}

function familyOption(family: 'ipv4' | 'ipv6'): readonly string[] {
  return family === 'ipv6' ? ['-6'] : [];
}

export function isThere(device: string): boolean {
  return runTool('ip', ['link', 'show', 'dev', device]).status === 0;
}

export function isUp(device: string): boolean {
  return /<[^>]*\bUP\b[^>]*>/.test(runTool('ip', ['link', 'show', 'dev', device]).output);
}

export function holds(device: string, address: IpAddress): boolean {
  if (device === 'lo' || isUp(device)) return networkInterfaces()[device]?.some((one) => one.address === address) === true;
  return runTool('ip', ['-o', 'address', 'show', 'dev', device]).output.includes(` ${address}/`);
}

function load(module: string): void {
  const { status, errors } = runTool('modprobe', [module]);
  if (status !== 0) throw new ChangeError(`modprobe ${module}: ${errors}`);
}

function ip(words: readonly string[]): void {
  const { status, errors } = runTool('ip', words);
  if (status !== 0) throw new ChangeError(`ip ${words.join(' ')}: ${errors}`);
}
