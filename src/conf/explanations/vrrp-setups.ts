/** HF-418 to HF-431: strict mode, unicast, devices, signatures, scripts. */

import type { FindingKind } from '../catalog.js';
import type { AccountFacts, HostFacts, PathFacts } from '../host.js';
import { instance } from './explanation.js';
import type { Explanation } from './explanation.js';

const ROOT: AccountFacts = { uid: 0, groups: [0] };
const DIRECTORY: PathFacts = { kind: 'directory', uid: 0, gid: 0, mode: 0o755 };

/** A machine with these files and their directories, and no account but root. */
function hostWith(files: Readonly<Record<string, PathFacts>>): HostFacts {
  const isDirectory = (path: string): boolean => path === '/' || Object.keys(files).some((file) => file.startsWith(`${path}/`));
  return {
    path: (path) => files[path] ?? (isDirectory(path) ? DIRECTORY : undefined),
    account: (user) => (user === 'root' ? ROOT : undefined),
    ownAccount: ROOT,
    searchPath: ['/usr/bin'],
    content: () => new Uint8Array(32).fill(0x61),
  };
}

const SECURE = 'global_defs {\n    enable_script_security\n    script_user root\n}\n\n';
const ANYONE: PathFacts = { kind: 'file', uid: 0, gid: 0, mode: 0o777 };

export const VRRP_SETUPS = {
  strictMode: {
    title: 'A line that strict mode does not allow',
    meaning: 'Strict mode asks for what the RFC knows and no more. The line has no effect.',
    keepalived: 'It corrects the same value and warns.',
    remedy: 'Remove the line, or strict mode.',
    example: instance('strict_mode', 'preempt_delay 5'),
  },
  strictUnicast: {
    title: 'Unicast peers in strict mode',
    meaning: 'The RFC knows multicast only. The daemon does not start.',
    keepalived: 'The VRRP process ends with a configuration error, unless the interface cannot do multicast.',
    remedy: 'Remove strict_mode, or unicast_peer.',
    example: instance('strict_mode', 'unicast_peer {', '    192.0.2.2', '}'),
  },
  badUnicast: {
    title: 'A unicast setting without unicast',
    meaning: 'Without a usable peer adverts go to the multicast group, and with peers no multicast destination counts.',
    keepalived: 'It does the same and warns.',
    remedy: 'Write unicast_peer { ADDRESS }, or remove the line.',
    example: instance('unicast_src_ip 192.0.2.1'),
  },
  nowhereToSend: {
    title: 'A unicast instance that does not know where it stands',
    meaning: 'Without an interface its socket needs a source address that is not link-local. The daemon does not start.',
    keepalived: 'The VRRP process ends with a configuration error.',
    remedy: 'Write interface NAME, or unicast_src_ip ADDRESS.',
    example: instance('unicast_peer {', '    192.0.2.2', '}').replace('    interface eth0\n', ''),
  },
  badDevice: {
    title: 'A device setting that cannot be had',
    meaning: 'The name is taken, or the setting belongs to another kind of instance. It is ignored or replaced as told.',
    keepalived: 'It does the same and warns.',
    remedy: 'Follow the hint of the message.',
    example: instance('vmac_xmit_base'),
  },
  permanentFault: {
    title: 'An instance that cannot work on this machine',
    meaning: 'Its interface or device lacks what it needs. It stays in FAULT until the configuration changes.',
    keepalived: 'It does the same and warns.',
    remedy: 'Give it what the message asks for.',
    example: instance('use_ipvlan ipv51'),
  },
  badHmac: {
    title: 'Signatures that cannot be made',
    meaning: 'A key is no key, or the active one is missing. Without an active key adverts are neither signed nor verified.',
    keepalived: 'It does the same and warns.',
    remedy: 'Write key 1 with 32 to 64 bytes and active_key 1, the same on both directors.',
    example: instance('auth_hmac {', '    key 1 0123456789abcdef0123456789abcdef', '}'),
  },
  keyFileReadable: {
    title: 'A key file that others can read',
    meaning: 'Whoever reads the key can take over the addresses.',
    keepalived: 'It starts, and with -t gives status 6.',
    remedy: 'Let its owner alone read it: chmod 600.',
    example: {
      text: instance('auth_hmac {', '    key 1 file:/etc/keepalived/key', '    active_key 1', '}'),
      host: hostWith({ '/etc/keepalived/key': { kind: 'file', uid: 0, gid: 0, mode: 0o644 } }),
    },
  },
  trackScriptDisabled: {
    title: 'A tracked script that will not run',
    meaning: 'It is left out, and instances go on as if they did not track it.',
    keepalived: 'It leaves it out too and warns.',
    remedy: 'See what is said about its program.',
    example: {
      text: `${SECURE}vrrp_script check {\n    script /usr/bin/check\n}\n\n${instance('track_script {', '    check', '}')}`,
      host: hostWith({}),
      also: ['scriptUnusable'],
    },
  },
  scriptUnusable: {
    title: 'A script that cannot be run as it stands',
    meaning: 'It is missing, no program, or its account does not exist: it is left out. Or it was only found by PATH.',
    keepalived: 'It says so in its log only.',
    remedy: 'Write the full path of a program, and an account that exists.',
    example: { text: `${SECURE}${instance('notify_master /usr/bin/master')}`, host: hostWith({}) },
  },
  scriptUnsafe: {
    title: 'A script that others than root can change',
    meaning: 'It runs as root, so whoever changes it is root. With enable_script_security it is left out.',
    keepalived: 'It does the same and says so in its log only.',
    remedy: 'Let nobody but root write the file and the directories above it, or name another account.',
    example: { text: `${SECURE}${instance('notify_master /usr/bin/master')}`, host: hostWith({ '/usr/bin/master': ANYONE }) },
  },
  scriptAccount: {
    title: 'A script without an account',
    meaning: 'With enable_script_security a script does not run as whoever the daemon happens to be: it is left out.',
    keepalived: 'It leaves it out too and warns.',
    remedy: 'Write script_user into global_defs, make an account keepalived_script, or name one on the line.',
    example: {
      text: `global_defs {\n    enable_script_security\n}\n\n${instance('notify_master /usr/bin/master')}`,
      host: hostWith({ '/usr/bin/master': { ...ANYONE, mode: 0o755 } }),
    },
  },
  namespaceUnknown: {
    title: 'A network namespace that does not exist',
    meaning: 'The daemon is to work in a namespace of which there is no name in /run/netns; it does not start.',
    keepalived: 'It does not start either; with -t it says nothing.',
    remedy: 'Make it first: ip netns add NAME.',
    example: { text: 'net_namespace nowhere\n', host: hostWith({}) },
  },
  iptablesReplaced: {
    title: 'A packet filter by iptables',
    meaning:
      'The packets of no_accept and of virtual MACs are filtered as the line wants it, but by nftables, in a table of its own: chains and sets of iptables are neither needed nor touched.',
    keepalived: 'Built with iptables it puts rules into those chains and makes those sets; built without, as Debian does, it uses nftables too and says so.',
    remedy: 'Write nftables instead, with a name for the table if you like.',
    example: `global_defs {\n    vrrp_iptables\n}\n\n${instance()}`,
  },
  linkUnknown: {
    title: 'A line about an interface that does not exist',
    meaning: 'Nothing depends on that interface, so the line is ignored and the daemon starts.',
    keepalived: 'It ignores the line too; with -t that alone gives status 4.',
    remedy: 'Correct the name, or write dynamic_interfaces.',
    example: 'interface_up_down_delays {\n    eth9 1 1\n}\n',
  },
  adjusted: {
    title: 'A value that another one forbids',
    meaning: 'It is replaced by the one that the message names.',
    keepalived: 'It does the same and says so in its log only.',
    remedy: 'Write the value that is used.',
    example: `interface_up_down_delays {\n    eth0 3\n}\n\n${instance()}`,
  },
} as const satisfies Partial<Record<FindingKind, Explanation>>;
