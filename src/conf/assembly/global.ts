/** The daemon's own settings. */

import type { ControlConfig, ControlHttpConfig, GlobalConfig } from '../model.js';
import type { topLevel } from '../keywords/top-level.js';
import { quote } from '../keywords/arguments.js';
import { NO_SOCKET } from '../keywords/global-control.js';
import type { Located, Values } from '../keywords/schema.js';
import { buildScriptUser } from './accounts.js';
import type { Build } from './context.js';
import { buildDbus, buildFiles, buildReload, buildSnmp, buildSockets } from './global-files.js';
import { buildMail } from './global-mail.js';
import { buildScheduling } from './global-process.js';
import { buildFifoContent, buildFifos, buildScripts } from './global-scripts.js';
import { buildWebhooks } from './webhooks.js';
import { given } from '../../base/given.js';
import { seconds } from '../../base/time.js';

type TopLevel = Values<(typeof topLevel)['keywords']>;

/** keepalived's names for the processes once process_names is set. */
const CHILD_NAMES = { vrrp: 'keepalived_vrrp', checker: 'keepalived_lvs', bfd: 'keepalived_bfd' } as const;

export function buildGlobal(top: TopLevel, build: Build): GlobalConfig {
  const { globals } = build;
  const processName = globals.process_name?.value ?? 'keepalived';
  const named = globals.process_names !== undefined;
  const instanceName = top.instance?.value;
  const networkNamespace = build.networkNamespace ?? existingNamespace(top.net_namespace, build);
  return {
    processName,
    vrrpProcessName: globals.vrrp_process_name?.value ?? (named ? CHILD_NAMES.vrrp : processName),
    checkerProcessName: globals.checker_process_name?.value ?? (named ? CHILD_NAMES.checker : processName),
    bfdProcessName: globals.bfd_process_name?.value ?? (named ? CHILD_NAMES.bfd : processName),
    usePidDirectory: top.use_pid_dir !== undefined || instanceName !== undefined || networkNamespace !== undefined,
    childWaitTime: top.child_wait_time?.value ?? 5,
    enableScriptSecurity: globals.enable_script_security !== undefined,
    lvsFlush: globals.lvs_flush !== undefined,
    lvsFlushOnStop: globals.lvs_flush_on_stop?.value ?? 'off',
    scheduling: buildScheduling(build),
    scripts: buildScripts(build),
    fifoContent: buildFifoContent(build),
    mail: buildMail(build),
    files: buildFiles(build),
    reload: buildReload(build),
    sockets: buildSockets(build),
    ...buildFifos(build),
    ...given({
      routerId: globals.router_id?.value,
      instanceName,
      networkNamespace,
      ipvsNamespace: ipvsNamespace(top.net_namespace_ipvs, build),
      scriptUser: buildScriptUser(build),
      snmp: buildSnmp(build),
      dbus: buildDbus(build),
      statisticsInterval: globals.lvs_statistics_interval && seconds(globals.lvs_statistics_interval.value),
      control: buildControl(build),
      webhooks: buildWebhooks(build),
    }),
  };
}

const CONTROL_GROUP = 'holdfast';

function buildControl(build: Build): ControlConfig | undefined {
  const { globals } = build;
  const http = buildHttp(build);
  const socket = globals.control_socket?.value;
  if (socket === NO_SOCKET) return undefined;
  const account = { user: 'root', group: globals.control_group?.value ?? CONTROL_GROUP };
  const adminGroup = globals.control_admin_group?.value;
  const admins = adminGroup === undefined ? undefined : { user: 'root', group: adminGroup };
  return { account, metricsNames: globals.metrics_names?.value ?? [], ...given({ socket, http, admins }) };
}

/** Nobody shall find it open by leaving something out. */
function buildHttp({ globals, findings }: Build): ControlHttpConfig | undefined {
  const { control_http: http, control_token_file: token, control_admin_token_file: adminToken, control_socket: socket } = globals;
  if (http === undefined) return undefined;
  if (token === undefined || socket?.value === NO_SOCKET) {
    const missing = token === undefined ? 'control_token_file' : 'control_socket';
    findings.report('badValue', http.at, `control_http: nobody listens there without ${missing}`, token === undefined ? 'name a file with a token of 32 characters or more' : 'take control_socket off away');
    return undefined;
  }
  return { ...http.value, tokenFile: token.value, ...given({ adminTokenFile: adminToken?.value }) };
}

/** Where `ip netns add` names it. Its name is kept whether or not it exists: the finding ends the start. */
function existingNamespace(name: Located<string> | undefined, build: Build): string | undefined {
  if (name !== undefined && build.host !== undefined && build.host.path(`/run/netns/${name.value}`) === undefined) {
    const message = `there is no network namespace ${quote(name.value)}`;
    build.findings.report('namespaceUnknown', name.at, message, `ip netns add ${name.value} makes one`);
  }
  return name?.value;
}

function ipvsNamespace(value: Located<{ readonly name?: string }> | undefined, build: Build): { readonly name?: string } | undefined {
  if (value?.value.name !== undefined) existingNamespace({ value: value.value.name, at: value.at, order: value.order }, build);
  return value?.value;
}
