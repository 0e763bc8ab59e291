/** What holds for all pools: the SSL block and the LVS keywords of global_defs. */

import { given } from '../../base/given.js';
import { seconds } from '../../base/time.js';
import type { PoolConfig, SyncDaemonConfig, TlsClientConfig } from '../../health/config.js';
import type { Located, Values } from '../keywords/schema.js';
import type { ssl } from '../keywords/ssl.js';
import type { topLevel } from '../keywords/top-level.js';
import type { Build } from './context.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;
type SslValues = Values<(typeof ssl)['keywords']>;

/** Everything of PoolConfig but the virtual servers; what is not configured is absent. */
export function buildPoolGlobals(top: TopLevel, build: Build): Omit<PoolConfig, 'virtualServers'> {
  const { globals } = build;
  const tls = buildTls(build, top.SSL);
  const syncDaemon = buildSyncDaemon(top, build);
  const table = globals.nftables_ipvs?.value;
  const age = globals.snmp_vs_stats_update_interval?.value;
  const serverAge = globals.snmp_rs_stats_update_interval?.value;
  return {
    ...(tls === undefined ? {} : { tls }),
    ...(globals.lvs_timeouts === undefined ? {} : { timeouts: globals.lvs_timeouts.value }),
    ...(syncDaemon === undefined ? {} : { syncDaemon }),
    ...(table === undefined
      ? {}
      : {
          nftables: {
            table,
            priority: globals.nftables_ipvs_priority?.value ?? -1,
            startFwmark: globals.nftables_ipvs_start_fwmark?.value ?? 1000,
          },
        }),
    ...(globals.rs_init_notifies?.value === true ? { notifyFirstSuccess: true } : {}),
    ...(globals.no_checker_emails?.value === true ? { noCheckerMails: true } : {}),
    ...(age === undefined && serverAge === undefined
      ? {}
      : { statisticsAge: { virtualServers: age ?? seconds(5), realServers: serverAge ?? age ?? seconds(5) } }),
  };
}

/** The last block and, in it, the last of each keyword; keepalived says so of every one it replaces. */
function buildTls(build: Build, blocks: TopLevel['SSL']): TlsClientConfig | undefined {
  const block = lastOf(build, blocks, 'SSL');
  if (block === undefined) return undefined;
  const values: SslValues = block.value.values;
  const authorityFile = lastOf(build, values.ca, 'ca')?.value;
  const certificateFile = lastOf(build, values.certificate, 'certificate')?.value;
  const keyFile = lastOf(build, values.key, 'key')?.value;
  const password = lastOf(build, values.password, 'password')?.value;
  return {
    ...(authorityFile === undefined ? {} : { authorityFile }),
    ...(certificateFile === undefined ? {} : { certificateFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(password === undefined ? {} : { password }),
  };
}

function lastOf<T>({ findings }: Build, all: readonly Located<T>[], name: string): Located<T> | undefined {
  for (const { at } of all.slice(1)) findings.report('repeatedKeyword', at, `${name} is given a second time: this one replaces the first`, 'remove one of them');
  return all.at(-1);
}

function buildSyncDaemon(top: TopLevel, { findings, globals }: Build): SyncDaemonConfig | undefined {
  const line = globals.lvs_sync_daemon?.value;
  if (line === undefined) return syncDaemonOfInstance(top);
  const { instanceAt, ...config } = line;
  const followed = top.vrrp_instance.find(({ value }) => value.statement.words[1]?.text === config.instance);
  if (instanceAt !== undefined && followed === undefined) {
    const message = `lvs_sync_daemon: there is no vrrp_instance ${instanceAt.text}: nothing says which way connections are copied`;
    findings.report('syncDaemonInstance', instanceAt, message, 'write the name of a vrrp_instance');
  }
  const syncId = config.syncId ?? followed?.value.values.virtual_router_id?.value;
  return { ...config, ...given({ syncId }) };
}

/** The old way: the first instance that names an interface is the one followed. */
function syncDaemonOfInstance({ vrrp_instance: instances }: TopLevel): SyncDaemonConfig | undefined {
  for (const { value: { statement, values } } of instances) {
    const name = values.lvs_sync_daemon_interface?.value;
    const instance = statement.words[1]?.text;
    if (name !== undefined && instance !== undefined) return { interface: name, instance, ...given({ syncId: values.virtual_router_id?.value }) };
  }
  return undefined;
}

/** The object's own word, else that of all checkers, else that of all objects; absent when nobody says anything. */
export function smtpAlertOf({ globals }: Build, own: Located<boolean> | undefined): { readonly smtpAlert?: boolean } {
  const alert = own ?? globals.smtp_alert_checker ?? globals.smtp_alert;
  return alert === undefined ? {} : { smtpAlert: alert.value };
}
