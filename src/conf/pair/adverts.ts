/** Whether two instances accept each other's adverts: authentication, and who they are sent to. Secrets are never shown. */

import type { InstanceConfig } from '../../vrrp/config.js';
import type { HmacConfig } from '../../vrrp/config/authentication.js';
import type { Blocks, PairFindings } from './findings.js';

const BOTH_MASTER = 'each drops the adverts of the other, both become master';

export function compareAuthentication(a: InstanceConfig, b: InstanceConfig, blocks: Blocks, findings: PairFindings): void {
  if (a.version === b.version && a.version === 2) {
    const [here, there] = [a.authentication, b.authentication];
    if (here.type !== there.type) {
      findings.differ('pairAuthentication', blocks, {
        keywords: ['authentication'],
        message: `(${a.name}) auth_type is ${here.type} here and ${there.type} there: ${BOTH_MASTER}`,
        there: `here it is ${there.type}`,
        hint: 'write the same authentication block',
      });
    } else if (here.type !== 'none' && there.type !== 'none' && here.password !== there.password) {
      findings.differ('pairAuthentication', blocks, {
        keywords: ['authentication'],
        message: `(${a.name}) the passwords are not the same: ${BOTH_MASTER}`,
        there: 'here is the other password',
        hint: 'write the same auth_pass',
      });
    }
  }
  const problem = hmacProblem(a.hmac, b.hmac);
  if (problem === undefined) return;
  findings.differ('pairAuthentication', blocks, {
    keywords: ['auth_hmac'],
    message: `(${a.name}) ${problem}`,
    there: b.hmac === undefined ? 'here is no auth_hmac' : 'here is the other auth_hmac',
    hint: 'write the same keys into both files; the active key of one must be known to the other',
  });
}

function hmacProblem(here: HmacConfig | undefined, there: HmacConfig | undefined): string | undefined {
  if (here === undefined || there === undefined) {
    const only = here ?? there;
    if (only === undefined) return undefined;
    return only.mode === 'enforce' ? `only one file has auth_hmac: ${BOTH_MASTER}` : 'only one file has auth_hmac';
  }
  if (here.antiReplay !== there.antiReplay) return 'anti_replay differs: each takes the time of the other for wrong';
  if (!knows(there, here) || !knows(here, there)) return `the active key of one is not a key of the other: ${BOTH_MASTER}`;
  return undefined;
}

/** True when `receiver` has the key that `sender` signs with. */
function knows(receiver: HmacConfig, sender: HmacConfig): boolean {
  const active = sender.keys.find(({ id }) => id === sender.activeKey);
  const same = receiver.keys.find(({ id }) => id === sender.activeKey);
  if (active === undefined || same === undefined) return false;
  return active.secret.length === same.secret.length && active.secret.every((byte, i) => byte === same.secret[i]);
}

/** Each director's source must be a peer of the other. */
export function compareUnicast(a: InstanceConfig, b: InstanceConfig, blocks: Blocks, findings: PairFindings): void {
  if ((a.unicast === undefined) !== (b.unicast === undefined)) {
    const [here, there] = a.unicast === undefined ? ['multicast', 'unicast'] : ['unicast', 'multicast'];
    findings.differ('pairUnicast', blocks, {
      keywords: ['unicast_peer'],
      message: `(${a.name}) adverts go by ${here} here and by ${there} there: neither hears the other`,
      there: `here they go by ${there}`,
      hint: 'write unicast_peer into both files, or into none',
    });
    return;
  }
  for (const [receiver, sender, direction] of [
    [a, b, 'the source address there is no peer here'],
    [b, a, 'the source address here is no peer there'],
  ] as const) {
    const peers = receiver.unicast?.peers ?? [];
    if (receiver.unicast === undefined || sender.source === undefined) continue;
    if (peers.some(({ address }) => address === sender.source)) continue;
    findings.differ('pairUnicast', blocks, {
      keywords: ['unicast_peer', 'unicast_src_ip', 'mcast_src_ip'],
      message: `(${a.name}) ${direction}: ${sender.source} is not among ${peers.map(({ address }) => address).join(' ') || 'no peers'}`,
      there: `here is the other list of peers`,
      hint: 'the unicast_src_ip of each director must be in the unicast_peer block of the other',
    });
  }
}
