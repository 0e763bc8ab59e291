/** vrrpRuleTable of KEEPALIVED-MIB: static rules below 0, virtual ones below the number of their instance. */

import type { Cidr } from '../../../base/address.js';
import { familyOf } from '../../../base/address.js';
import type { NumberRange, Rule, RuleAction } from '../../../vrrp/host/rules.js';
import { gauge, inetAddress, integer, text, yesNo } from '../values.js';
import type { SnmpValue } from '../values.js';
import { table } from '../view.js';
import type { Cells, Column, Row } from '../view.js';
import type { SnmpWorld } from '../world.js';
import { KEEPALIVED_VRRP } from './identifiers.js';
import { ADDRESS_TYPES, instanceRows, optionalText } from './vrrp-instances.js';
import { optionalNumber, realm } from './vrrp-routes.js';

/** RuleAction of the MIB, which is the kernel's. */
const ACTIONS: Readonly<Record<RuleAction['type'], number>> = { table: 1, l3mdev: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8 };

const WHOLE_MARK = 0xffffffff;

interface RuleRow {
  readonly rule: Rule;
  readonly isSet: boolean;
}

function ruleRows(world: SnmpWorld): readonly Row<RuleRow>[] {
  const rows = (rules: readonly Rule[], owner: number, isSet: boolean): readonly Row<RuleRow>[] =>
    rules.map((rule, i) => ({ index: [owner, i + 1], of: { rule, isSet } }));
  const isStaticSet = world.vrrp?.shown.watched?.staticObjects === 'applied';
  return [
    ...rows(world.configuration?.director.staticObjects?.rules ?? [], 0, isStaticSet),
    ...instanceRows(world).flatMap(({ of: { config, live } }, i) => rows(config.rules ?? [], i + 1, live?.state === 'MASTER' && live.addressesStatus === 'applied')),
  ];
}

export function ruleColumns(): readonly Column<SnmpWorld>[] {
  return table([...KEEPALIVED_VRRP, 8, 1], ruleRows, { ...selectorCells(), ...actionCells() });
}

function selectorCells(): Cells<RuleRow> {
  return {
    2: ({ rule }) => text(direction(rule)),
    ...rangeCells(3, ({ to, from }) => to ?? from),
    8: ({ rule }) => yesNo(rule.inverted),
    ...rangeCells(9, ({ to }) => to),
    ...rangeCells(12, ({ from }) => from),
    15: ({ rule }) => gauge(rule.typeOfService ?? 0),
    16: ({ rule }) => optionalNumber(rule.mark?.value, gauge),
    17: ({ rule }) => (rule.mark?.mask === WHOLE_MARK ? undefined : optionalNumber(rule.mark?.mask, gauge)),
    20: ({ rule }) => optionalText(rule.inputInterface),
    21: ({ rule }) => optionalText(rule.outputInterface),
    28: ({ rule }) => half(rule.tunnelId, 32n),
    29: ({ rule }) => half(rule.tunnelId, 0n),
    ...limitCells(30, ({ userIds }) => userIds),
    34: ({ rule }) => optionalNumber(rule.ipProtocol, gauge),
    ...limitCells(35, ({ sourcePorts }) => sourcePorts),
    ...limitCells(37, ({ destinationPorts }) => destinationPorts),
  };
}

function actionCells(): Cells<RuleRow> {
  return {
    6: ({ rule }) => tableOf(rule),
    7: ({ isSet }) => yesNo(isSet),
    18: ({ rule }) => realm(rule.realms, 'destination'),
    19: ({ rule }) => realm(rule.realms, 'source'),
    22: ({ rule }) => (rule.action.type === 'goto' ? gauge(rule.action.target) : undefined),
    23: ({ rule }) => integer(ACTIONS[rule.action.type]),
    24: ({ rule }) => tableOf(rule),
    25: ({ rule }) => gauge(rule.priority),
    26: ({ rule }) => optionalNumber(rule.suppressPrefixLength, gauge),
    27: ({ rule }) => optionalText(rule.suppressInterfaceGroup === undefined ? undefined : String(rule.suppressInterfaceGroup)),
    32: ({ rule }) => (rule.action.type === 'l3mdev' ? yesNo(true) : undefined),
    33: ({ rule }) => integer(rule.protocol + 1),
  };
}

function direction({ from, to }: Rule): string {
  if (from !== undefined && to !== undefined) return 'both';
  return from !== undefined ? 'from' : to !== undefined ? 'to' : '';
}

/** Type, address and mask. */
function rangeCells(first: number, rangeOf: (rule: Rule) => Cidr | undefined): Cells<RuleRow> {
  const cell = (make: (range: Cidr) => SnmpValue) => ({ rule }: RuleRow) => {
    const range = rangeOf(rule);
    return range === undefined ? undefined : make(range);
  };
  return {
    [first]: cell(({ address }) => integer(ADDRESS_TYPES[familyOf(address)])),
    [first + 1]: cell(({ address }) => inetAddress(address)),
    [first + 2]: cell(({ prefixLength }) => gauge(prefixLength)),
  };
}

function limitCells(first: number, rangeOf: (rule: Rule) => NumberRange | undefined): Cells<RuleRow> {
  return {
    [first]: ({ rule }) => optionalNumber(rangeOf(rule)?.first, gauge),
    [first + 1]: ({ rule }) => optionalNumber(rangeOf(rule)?.last, gauge),
  };
}

function tableOf({ action }: Rule): SnmpValue | undefined {
  return action.type === 'table' ? gauge(action.table) : undefined;
}

/** 32 bits of a decimal number of 64. */
function half(number: string | undefined, shift: bigint): SnmpValue | undefined {
  return number === undefined ? undefined : gauge(Number((BigInt(number) >> shift) & 0xffffffffn));
}
