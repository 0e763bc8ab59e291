/** Files, reloads, sockets, SNMP and D-Bus: settings taken over as they stand, defaults applied. */

import type { AdvertBufferPolicy } from '../../vrrp/config.js';
import type { Located } from '../keywords/schema.js';
import type { DbusConfig, FilesConfig, ReceiveBuffer, ReloadConfig, SnmpConfig, SocketConfig } from '../model.js';
import type { Build } from './context.js';
import { given } from '../../base/given.js';

/** keepalived's vrrp_rx_bufs_multiplier. */
const ADVERTS_IN_BUFFER = 3;

export function buildFiles({ globals }: Build): FilesConfig {
  return {
    jsonVersion: globals.json_version?.value === 2 ? 2 : 1,
    instanceInNames: globals.data_use_instance?.value ?? false,
    ...given({
      umask: globals.umask?.value,
      dataDump: globals.state_dump_file?.value,
      statisticsDump: globals.stats_dump_file?.value,
      jsonDump: globals.json_dump_file?.value,
      saveDirectory: globals.config_save_dir?.value,
      iprouteVendorDirectory: globals.iproute_usr_dir?.value,
      iprouteLocalDirectory: globals.iproute_etc_dir?.value,
    }),
  };
}

export function buildReload({ globals }: Build): ReloadConfig {
  return {
    everyDay: globals.reload_repeat !== undefined,
    ...given({
      checkLog: globals.reload_check_config?.value,
      markerFile: globals.reload_file?.value,
      timeFile: globals.reload_time_file?.value,
    }),
  };
}

export function buildSockets({ globals }: Build): SocketConfig {
  return given({
    vrrpCommands: bufferOf(globals.vrrp_netlink_cmd_rcv_bufs, globals.vrrp_netlink_cmd_rcv_bufs_force),
    vrrpMonitor: bufferOf(globals.vrrp_netlink_monitor_rcv_bufs, globals.vrrp_netlink_monitor_rcv_bufs_force),
    processMonitor: bufferOf(globals.process_monitor_rcv_bufs, globals.process_monitor_rcv_bufs_force),
    checkerCommands: bufferOf(globals.lvs_netlink_cmd_rcv_bufs, globals.lvs_netlink_cmd_rcv_bufs_force),
    checkerMonitor: bufferOf(globals.lvs_netlink_monitor_rcv_bufs, globals.lvs_netlink_monitor_rcv_bufs_force),
  });
}

/** 0 bytes is as good as no line. */
function bufferOf(bytes: Located<number> | undefined, force: Located<boolean> | undefined): ReceiveBuffer | undefined {
  const wanted = bytes?.value ?? 0;
  return wanted === 0 ? undefined : { bytes: wanted, force: force?.value ?? false };
}

/** A size wins over words, MTU over ADVERT; among equals the later line counts. */
export function buildAdvertBuffers({ globals, findings }: Build): AdvertBufferPolicy | undefined {
  const lines = globals.vrrp_rx_bufs_policy;
  const words = lines.filter(({ value }) => typeof value === 'string');
  const sizes = lines.filter(({ value }) => typeof value !== 'string');
  const [last] = [...words, ...sizes].slice(-1);
  if (last === undefined) return undefined;
  if (typeof last.value !== 'string') {
    const message = 'vrrp_rx_bufs_policy: either a size or what it is to hold; the size is used';
    for (const { at } of words) findings.report('contradiction', at, message, 'keep one of them');
    return last.value;
  }
  const policy = words.some(({ value }) => value === 'MTU') ? 'MTU' : 'ADVERT';
  return { policy, multiplier: globals.vrrp_rx_bufs_multiplier?.value ?? ADVERTS_IN_BUFFER };
}

export function buildSnmp({ globals }: Build): SnmpConfig | undefined {
  const both = globals.enable_snmp_rfc !== undefined;
  const config = {
    traps: globals.enable_traps !== undefined,
    vrrp: globals.enable_snmp_vrrp !== undefined,
    checkers: globals.enable_snmp_checker !== undefined,
    rfc2787: both || globals.enable_snmp_rfcv2 !== undefined,
    rfc6527: both || globals.enable_snmp_rfcv3 !== undefined,
  };
  const socket = globals.snmp_socket?.value;
  if (socket === undefined && !Object.values(config).includes(true)) return undefined;
  return { ...config, ...given({ socket }) };
}

export function buildDbus({ globals }: Build): DbusConfig | undefined {
  if (globals.enable_dbus === undefined) return undefined;
  return {
    serviceName: globals.dbus_service_name?.value ?? 'org.keepalived.Vrrp1',
    noInterfaceName: globals.dbus_no_interface_name?.value ?? 'none',
  };
}
