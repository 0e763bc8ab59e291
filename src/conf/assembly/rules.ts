/** Policy rules: entries of a file to what the kernel is asked for. */

import { familyOf, parseAddress } from '../../base/address.js';
import type { Family } from '../../base/address.js';
import type { Rule, RuleAction } from '../../vrrp/host/rules.js';
import { quote } from '../keywords/arguments.js';
import { isEvery } from '../keywords/rule-options.js';
import type { RuleEntry } from '../keywords/rule-options.js';
import { checkInterface } from './context.js';
import type { Build } from './context.js';
import { KEEPALIVED_PROTOCOL, lookUp, readRealms } from './routes.js';

/** Where keepalived begins to count down for rules without a preference. */
const FIRST_AUTOMATIC_PRIORITY = 16_384;

/** Undefined when keepalived would skip the line; the reason is among the findings. */
export function buildRule(build: Build, entry: RuleEntry): Rule | undefined {
  const { options } = entry;
  const family = familyOfRule(build, entry);
  const action = buildAction(build, entry);
  if (family === undefined || action === undefined || !checkSelectors(build, entry, family, action)) return undefined;
  const typeOfService = lookUp(build, 'typeOfService', options.tos, 'rule');
  const group = lookUp(build, 'group', options.suppress_ifgroup, 'rule');
  const realms = options.realms === undefined ? undefined : readRealms(build, options.realms, 'the rule is skipped');
  if (typeOfService === 'unknown' || group === 'unknown' || (options.realms !== undefined && realms === undefined)) return undefined;
  for (const device of [options.dev, options.oif]) {
    if (device !== undefined) checkInterface(build, device.value.text, device.at);
  }
  const ipProtocol = ipProtocolOf(build, options.ipproto);
  return {
    family,
    action,
    inverted: options.not !== undefined,
    ...(options.from === undefined || options.from.value === 'every' ? {} : { from: options.from.value }),
    ...(options.to === undefined || options.to.value === 'every' ? {} : { to: options.to.value }),
    priority: priorityOf(build, entry),
    ...(typeOfService === undefined ? {} : { typeOfService }),
    ...(options.fwmark === undefined ? {} : { mark: options.fwmark.value }),
    ...(realms === undefined ? {} : { realms }),
    ...(options.suppress_prefixlength === undefined ? {} : { suppressPrefixLength: options.suppress_prefixlength.value }),
    ...(group === undefined ? {} : { suppressInterfaceGroup: group }),
    ...(options.dev === undefined ? {} : { inputInterface: options.dev.value.text }),
    ...(options.oif === undefined ? {} : { outputInterface: options.oif.value.text }),
    ...(options['tunnel-id'] === undefined ? {} : { tunnelId: options['tunnel-id'].value }),
    ...(options.uidrange === undefined ? {} : { userIds: options.uidrange.value }),
    ...(ipProtocol === undefined ? {} : { ipProtocol }),
    ...(options.sport === undefined ? {} : { sourcePorts: options.sport.value }),
    ...(options.dport === undefined ? {} : { destinationPorts: options.dport.value }),
    ...trackingOf(build, entry),
  };
}

/**
 * Of `from` and `to`; IPv4 when neither tells. An `all` behind an address is a family of its own to keepalived, so that the
 * rule counts as mixed.
 */
function familyOfRule(build: Build, { prefixes }: RuleEntry): Family | undefined {
  let family: Family | undefined;
  for (const at of prefixes) {
    const address = isEvery(at) ? undefined : parseAddress(at.text.replace(/\/.*$/, ''));
    const own = address === undefined ? undefined : familyOf(address);
    if (family !== undefined && own !== family) {
      const [message, hint] =
        own === undefined
          ? [`keepalived takes ${quote(at.text)} behind an address for another family; the rule is skipped`, 'leave it out']
          : ['a rule has addresses of one family only; the rule is skipped', 'write two rules'];
      build.findings.report('wrongFamily', at, message, hint);
      return undefined;
    }
    family ??= own;
  }
  return family ?? 'ipv4';
}

function buildAction(build: Build, { action, at, options }: RuleEntry): RuleAction | undefined {
  const { findings } = build;
  if (action.type === 'table') {
    const table = lookUp(build, 'table', { value: action.table, at: action.table }, 'rule');
    if (table !== 0) return table === 'unknown' || table === undefined ? undefined : { type: 'table', table };
    findings.report('outOfRange', action.table, 'there is no table 0; the rule is skipped', 'write a number from 1');
    return undefined;
  }
  if (action.type !== 'goto') return action;
  const { preference } = options;
  if (preference === undefined) {
    findings.report('badValue', at, 'a rule with goto needs a preference; the rule is skipped', 'write: preference N');
    return undefined;
  }
  if (preference.value < action.target) return action;
  const message = `goto ${action.target} must lead to a rule behind preference ${preference.value}; the rule is skipped`;
  findings.report('badValue', options.goto?.at ?? at, message, 'write a larger number');
  return undefined;
}

/** Realms are of IPv4; realms and suppressors need a table that is looked up. */
function checkSelectors(build: Build, { options }: RuleEntry, family: Family, action: RuleAction): boolean {
  const { findings } = build;
  if (family === 'ipv6' && options.realms !== undefined) {
    findings.report('badValue', options.realms.at, 'realms are for IPv4 rules only; the rule is skipped', 'remove realms');
    return false;
  }
  const useless = options.realms ?? options.suppress_prefixlength ?? options.suppress_ifgroup;
  if (action.type !== 'table' && useless !== undefined) {
    const message = 'realms and suppressors need the action table; the rule is skipped';
    findings.report('contradiction', useless.at, message, 'remove them');
    return false;
  }
  return true;
}

function ipProtocolOf(build: Build, option: RuleEntry['options']['ipproto']): number | undefined {
  const number = option === undefined ? undefined : build.names('ipProtocol', option.value.text);
  if (option !== undefined && number === undefined) {
    build.findings.report('nameUnknown', option.at, `ipproto: ${quote(option.value.text)} is no IP protocol; it is ignored`);
  }
  return number;
}

/** Counted down over all rules of the configuration that name none. */
function priorityOf(build: Build, { at, options }: RuleEntry): number {
  if (options.preference !== undefined) return options.preference.value;
  const priority = FIRST_AUTOMATIC_PRIORITY - build.automaticPriorities.used;
  build.automaticPriorities.used += 1;
  const message = `the rule has no preference: ${priority} is used`;
  build.findings.report('priorityChosen', at, message, 'write: preference N, so that the order of rules is yours');
  return priority;
}

function trackingOf(build: Build, { at, options }: RuleEntry): Pick<Rule, 'tracked' | 'protocol'> {
  const protocol = options.protocol?.value ?? KEEPALIVED_PROTOCOL;
  if (options.no_track !== undefined) return { tracked: false, protocol };
  if (protocol !== KEEPALIVED_PROTOCOL) {
    const message = `a rule of another protocol cannot be tracked: protocol ${KEEPALIVED_PROTOCOL} (keepalived) is used`;
    build.findings.report('contradiction', options.protocol?.at ?? at, message, 'add no_track');
  }
  return { tracked: true, protocol: KEEPALIVED_PROTOCOL };
}
