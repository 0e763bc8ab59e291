/** Keywords of global_defs about interfaces to other programs: SNMP and D-Bus. */

import { argument, custom, flag, word } from './kinds.js';
import { first } from './schema.js';

const served = (doc: string, about: { readonly aliases?: readonly string[] } = {}): ReturnType<typeof flag> =>
  flag({ doc, default: 'off', aliases: [], ...about });

export const interfaceDefinitions = {
  snmp_socket: first(
    custom({
      doc: 'Address of the AgentX master that SNMP goes through.',
      default: 'unix:/var/agentx/master; in a network namespace udp:localhost:705',
      syntax: 'ADDRESS',
      read(statement, { findings }): string | undefined {
        const address = argument(statement, findings, 'ignored');
        const extra = statement.words[2];
        if (extra === undefined) return address?.text;
        findings.report('badValue', extra, 'snmp_socket takes one address; the line is ignored');
        return undefined;
      },
    }),
  ),
  enable_traps: served('Sends SNMP traps.'),
  enable_snmp_vrrp: served('Serves the VRRP part of KEEPALIVED-MIB.', { aliases: ['enable_snmp_keepalived'] }),
  enable_snmp_checker: served('Serves the checker part of KEEPALIVED-MIB.'),
  enable_snmp_rfc: served('Serves the MIBs of RFC 2787 and RFC 6527.'),
  enable_snmp_rfcv2: served('Serves the MIB of RFC 2787 (VRRP version 2).'),
  enable_snmp_rfcv3: served('Serves the MIB of RFC 6527 (VRRP version 3).'),
  enable_dbus: flag({ doc: 'Publishes the VRRP instances on the system bus.', default: 'off' }),
  dbus_service_name: word({ doc: 'Name on the bus.', default: 'org.keepalived.Vrrp1' }, 'ignored'),
  dbus_no_interface_name: word({ doc: 'Part of the object path that stands for a missing interface.', default: 'none' }),
} as const;
