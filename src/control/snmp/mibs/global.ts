/** The global part of KEEPALIVED-MIB: the daemon itself and its mails. */

import { familyOf, parseAddress } from '../../../base/address.js';
import type { ShownMail, SnmpConfiguration } from '../configuration.js';
import { gauge, inetAddress, integer, text, yesNo } from '../values.js';
import type { SnmpValue } from '../values.js';
import { scalars, table } from '../view.js';
import type { Column, Row } from '../view.js';
import type { SnmpWorld } from '../world.js';
import { KEEPALIVED_GLOBAL } from './identifiers.js';
import { ADDRESS_TYPES } from './vrrp-instances.js';

/** lvsFlushOnStop. */
const FLUSHES = { all: 1, off: 2, services: 3 } as const;

/** InetAddressType dns. */
const NAME = 16;

type Reading = (configuration: SnmpConfiguration) => SnmpValue | undefined;

const known =
  (read: Reading) =>
  ({ configuration }: SnmpWorld): SnmpValue | undefined =>
    configuration === undefined ? undefined : read(configuration);

const mailed = (read: (mail: ShownMail) => SnmpValue | undefined): ((world: SnmpWorld) => SnmpValue | undefined) => known(({ mail }) => (mail === undefined ? undefined : read(mail)));

export function globalColumns(): readonly Column<SnmpWorld>[] {
  return [
    ...scalars<SnmpWorld>(KEEPALIVED_GLOBAL, {
      1: known(({ version }) => text(version)),
      2: known(({ routerId }) => text(routerId)),
      4: known(({ traps }) => yesNo(traps)),
      5: known(({ director }) => integer(director.linkPolling?.all === true ? 2 : 1)),
      6: known(({ lvsFlush }) => yesNo(lvsFlush)),
      7: known(() => yesNo(true)),
      8: known(({ networkNamespace = '' }) => text(networkNamespace)),
      9: known(({ dbus }) => yesNo(dbus)),
      10: known(({ director }) => yesNo(director.dynamicInterfaces !== undefined)),
      11: known(({ lvsFlushOnStop }) => integer(FLUSHES[lvsFlushOnStop])),
    }),
    ...scalars<SnmpWorld>([...KEEPALIVED_GLOBAL, 3], {
      1: mailed(({ server }) => (server === undefined ? undefined : integer(serverType(server.host)))),
      2: mailed(({ server }) => (server === undefined ? undefined : serverAddress(server.host))),
      3: mailed(({ timeout }) => gauge(timeout)),
      4: mailed(({ sender }) => (sender === undefined ? undefined : text(sender))),
      6: mailed(({ server }) => (server === undefined ? undefined : gauge(server.port))),
      7: mailed(({ faults }) => yesNo(faults)),
      8: mailed(({ alerts }) => onOff(alerts.all)),
      9: mailed(({ alerts }) => onOff(alerts.vrrp)),
      10: mailed(({ alerts }) => onOff(alerts.checkers)),
    }),
    ...table([...KEEPALIVED_GLOBAL, 3, 5, 1], recipientRows, { 2: text }),
  ];
}

function recipientRows({ configuration }: SnmpWorld): readonly Row<string>[] {
  return (configuration?.mail?.recipients ?? []).map((of, i) => ({ index: [i + 1], of }));
}

function serverType(host: string): number {
  const address = parseAddress(host);
  return address === undefined ? NAME : ADDRESS_TYPES[familyOf(address)];
}

function serverAddress(host: string): SnmpValue {
  const address = parseAddress(host);
  return address === undefined ? text(host) : inetAddress(address);
}

/** on, off or unset. */
function onOff(value: boolean | undefined): SnmpValue {
  return integer(value === undefined ? 3 : value ? 1 : 2);
}
