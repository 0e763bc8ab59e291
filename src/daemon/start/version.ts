/** What the program calls itself. keepalived's name stays in it for scripts that read the version of an installed one. */

/** Kept equal to package.json by a test. */
export const PACKAGE_VERSION = '0.1.0';

/** Whose language, files and signals these are. */
const KEEPALIVED_VERSION = '2.4.3';

/** keepalived's names of build options, of those that are here. */
const CONFIG_OPTIONS = 'IPTABLES NFTABLES LVS REGEX VRRP VRRP_AUTH VRRP_VMAC JSON BFD OLD_CHKSUM_COMPAT SNMP_V3_FOR_V2 SNMP_VRRP SNMP_CHECKER SNMP_RFCV2 SNMP_RFCV3 INIT=systemd SYSTEMD_NOTIFY';

/**
 * In `Starting ...` and `Stopped ...`. Started under the name keepalived it is keepalived to programs that look for it in
 * logs and in what -v prints.
 */
export function versionOf(startedAs: string): string {
  return startedAs === 'keepalived'
    ? `Keepalived v${KEEPALIVED_VERSION} (holdfast ${PACKAGE_VERSION})`
    : `Holdfast v${PACKAGE_VERSION} (compatible with Keepalived v${KEEPALIVED_VERSION})`;
}

/** The text of -v: under keepalived's name with the lines that programs look for. `system` is the kernel as uname has it. */
export function versionText(startedAs: string, system: string): string {
  const version = versionOf(startedAs);
  if (startedAs !== 'keepalived') return version;
  return [version, '', `Running on ${system}`, '', `Config options:  ${CONFIG_OPTIONS}`].join('\n');
}
