/** What operators may ask of the daemon: the body of POST /v1/command, read without trust in it. */

import type { SealedModel } from '../conf/sealing.js';
import type { GroupMarks } from '../health/marks.js';
import type { ServerAction } from '../health/by-hand.js';

export interface ServerCommand {
  /** `resume`: manual_resume keeps it out no longer. */
  readonly action: ServerAction | 'enable' | 'resume';
  /** An address, an address and port, or the name of the status. */
  readonly server: string;
  /** Which virtual server, by address, address and port, or name; absent = all that have the server. */
  readonly virtualServer?: string;
  /** 0..2^31-1. */
  readonly weight?: number;
}

export interface InstanceCommand {
  readonly action: 'yield' | 'resume';
  readonly instance: string;
}

/** What a manager sets over SNMP: until the next reload. Nobody else can. */
export type SettingCommand =
  /** Base priority 1-255. */
  | { readonly action: 'priority'; readonly instance: string; readonly priority: number }
  | { readonly action: 'preempt'; readonly instance: string; readonly preempt: boolean };

interface Terms {
  /** Seconds until it ends by itself; absent = until it is taken back. */
  readonly seconds?: number;
  /** It outlives the daemon. */
  readonly keep?: boolean;
  /** The next reload ends it. */
  readonly untilReload?: boolean;
}

export type OperatorCommand = (ServerCommand | InstanceCommand) & Terms;

/** GET /v1/configuration: what is in force, with seals in the place of secrets. Changes nothing. */
export const SHOW_CONFIGURATION = { action: 'showConfiguration' } as const;

/** The answer to GET /v1/configuration, for those who may give commands. */
export interface RunningConfiguration {
  readonly version: 1;
  readonly file: string;
  /** What its lines that begin with @ were held against. */
  readonly configurationId: string;
  readonly generation: number;
  /** Under which secrets are sealed, in hexadecimal; another one after each start of the daemon. */
  readonly sealingKey: string;
  /** The file as it was read. What operators have said since is in the status. */
  readonly model: SealedModel;
  /** nftables_ipvs: the firewall marks that groups have. */
  readonly marks: GroupMarks;
}

/** `changed`: what it concerned, by name. */
export type CommandAnswer =
  /** `shown`: JSON of what was asked for. */
  | { readonly done: true; readonly changed: readonly string[]; readonly shown?: string }
  | { readonly done: false; readonly error: string };

const SERVER_ACTIONS: readonly string[] = ['drain', 'disable', 'weight', 'add', 'remove', 'enable', 'resume'] satisfies ServerCommand['action'][];

const LONGEST_NAME = 256;
const MOST_WEIGHT = 0x7fffffff;
/** A hundred years. */
const MOST_SECONDS = 3_155_760_000;

/** The command, or what is wrong with it. */
export function readCommand(value: unknown): OperatorCommand | string {
  if (typeof value !== 'object' || value === null) return 'a command is a JSON object';
  const fields = value as Readonly<Record<string, unknown>>;
  const { action, server, virtualServer, instance, weight, seconds, keep = false, untilReload = false } = fields;
  if (seconds !== undefined && !isWhole(seconds, 1, MOST_SECONDS)) return 'seconds must be a whole number from 1';
  if (typeof keep !== 'boolean') return 'keep must be true or false';
  if (typeof untilReload !== 'boolean') return 'untilReload must be true or false';
  if (keep && untilReload) return 'what is kept outlives a reload';
  const terms = { ...(seconds === undefined ? {} : { seconds }), keep, ...(untilReload ? { untilReload } : {}) };
  if (typeof action !== 'string') return 'action is missing';
  if (action === 'yield' || (action === 'resume' && server === undefined)) {
    return isName(instance) ? { action, instance, ...terms } : 'instance must name a vrrp_instance';
  }
  if (!SERVER_ACTIONS.includes(action)) return 'there is no such action';
  if (!isName(server)) return 'server must name a real server';
  if (virtualServer !== undefined && !isName(virtualServer)) return 'virtualServer must name a virtual server';
  if (weight !== undefined && !isWhole(weight, 0, MOST_WEIGHT)) return 'weight must be a whole number from 0 to 2147483647';
  if (action === 'weight' && weight === undefined) return 'weight is missing';
  return {
    action: action as ServerCommand['action'],
    server,
    ...(virtualServer === undefined ? {} : { virtualServer }),
    ...(weight === undefined ? {} : { weight }),
    ...terms,
  };
}

/** Undefined for anything else. */
export function readSetting(value: unknown): SettingCommand | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { action, instance, priority, preempt } = value as Readonly<Record<string, unknown>>;
  if (!isName(instance)) return undefined;
  if (action === 'priority') return isWhole(priority, 1, 255) ? { action, instance, priority } : undefined;
  return action === 'preempt' && typeof preempt === 'boolean' ? { action, instance, preempt } : undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_NAME;
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
}
