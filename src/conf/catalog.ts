/**
 * Every kind of finding the configuration reader can make: its stable code, how grave it is here and what keepalived makes
 * of the same text. Wording is at the place of reporting; codes are never reused or renumbered
 * (HF-303 and HF-305, for keywords that nothing read or acted on, are no longer given).
 */

import type { Severity } from '../base/source.js';

/**
 * keepalived's own reaction under `-t`, by class of exit status: `silent` says nothing (0), `fatal` 4, `general` 5,
 * `security` 6, `parameter` stops at once with 2.
 */
export type Verdict = 'silent' | 'fatal' | 'general' | 'security' | 'parameter';

/**
 * `start`: keepalived's daemon would end, so holdfast does not start. `reload`: the text is broken so badly that a running
 * daemon keeps its old configuration. `nothing`: the daemon goes on with the substitution that the message names.
 */
export type Stops = 'nothing' | 'reload' | 'start';

export interface CatalogEntry {
  readonly code: `HF-${number}`;
  readonly severity: Severity;
  readonly stops: Stops;
  readonly verdict: Verdict;
}

function note(code: `HF-${number}`): CatalogEntry {
  return { code, severity: 'warning', stops: 'nothing', verdict: 'silent' };
}

function information(code: `HF-${number}`): CatalogEntry {
  return { code, severity: 'info', stops: 'nothing', verdict: 'silent' };
}

function warning(code: `HF-${number}`): CatalogEntry {
  return { code, severity: 'warning', stops: 'nothing', verdict: 'general' };
}

function broken(code: `HF-${number}`): CatalogEntry {
  return { code, severity: 'error', stops: 'reload', verdict: 'general' };
}

function fatal(code: `HF-${number}`, verdict: Verdict = 'general'): CatalogEntry {
  return { code, severity: 'error', stops: 'start', verdict };
}

/** 1xx files and text, 2xx braces, 3xx keywords and values, 4xx VRRP, 5xx LVS, 6xx what keepalived says nothing about, 7xx two directors. */
export const CATALOG = {
  fileMissing: fatal('HF-101', 'security'),
  fileUnreadable: fatal('HF-102', 'security'),
  includeFailed: fatal('HF-103', 'security'),
  includeSkipped: note('HF-104'),
  includeLoop: fatal('HF-105', 'security'),
  tooMuchText: fatal('HF-106', 'security'),
  lineTooLong: warning('HF-110'),
  embeddedNul: note('HF-111'),
  oddCharacter: note('HF-112'),
  byteOrderMark: note('HF-113'),
  unmatchedQuote: warning('HF-114'),
  undefinedParameter: note('HF-115'),
  badSequence: warning('HF-116'),
  includeRepeated: note('HF-117'),
  rescanned: warning('HF-118'),
  tooManyFindings: note('HF-199'),

  unclosedBrace: broken('HF-201'),
  extraBrace: broken('HF-202'),
  missingBrace: broken('HF-203'),
  unexpectedBrace: warning('HF-204'),

  unknownKeyword: warning('HF-301'),
  obsoleteKeyword: warning('HF-302'),
  deprecatedKeyword: warning('HF-304'),
  missingParameter: fatal('HF-310', 'parameter'),
  badValue: warning('HF-311'),
  outOfRange: warning('HF-312'),
  badAddress: warning('HF-313'),
  badPort: warning('HF-314'),
  extraWords: note('HF-315'),
  repeatedKeyword: warning('HF-316'),
  wrongOrder: warning('HF-317'),
  duplicateName: warning('HF-318'),
  nameMissing: warning('HF-321'),
  uselessLine: note('HF-322'),
  emptyBlock: warning('HF-319'),
  extraBlockWords: warning('HF-323'),
  emptyPrefixLength: note('HF-324'),
  insecureScripts: { code: 'HF-320', severity: 'warning', stops: 'nothing', verdict: 'security' },

  virtualRouterIdMissing: fatal('HF-401'),
  virtualRouterIdTaken: fatal('HF-402'),
  interfaceMissing: fatal('HF-403'),
  interfaceUnknown: fatal('HF-404'),
  interfaceLoopback: fatal('HF-405'),
  virtualAddressMissing: fatal('HF-406'),
  noVirtualAddress: warning('HF-407'),
  tooManyVirtualAddresses: warning('HF-408'),
  wrongFamily: warning('HF-409'),
  contradiction: warning('HF-410'),
  wrongVersion: warning('HF-411'),
  badAuthentication: warning('HF-412'),
  badGroup: warning('HF-413'),
  duplicateAddress: note('HF-414'),
  uselessPassword: note('HF-415'),
  badBfd: warning('HF-416'),
  trackerUnknown: warning('HF-417'),
  strictMode: warning('HF-418'),
  strictUnicast: fatal('HF-419'),
  badUnicast: warning('HF-420'),
  nowhereToSend: fatal('HF-421'),
  badDevice: warning('HF-422'),
  permanentFault: warning('HF-423'),
  badHmac: warning('HF-424'),
  keyFileReadable: { code: 'HF-425', severity: 'warning', stops: 'nothing', verdict: 'security' },
  trackScriptDisabled: warning('HF-426'),
  scriptUnusable: note('HF-427'),
  scriptUnsafe: note('HF-428'),
  scriptAccount: warning('HF-429'),
  linkUnknown: { code: 'HF-430', severity: 'warning', stops: 'nothing', verdict: 'fatal' },
  adjusted: note('HF-431'),
  nameUnknown: warning('HF-432'),
  untracked: warning('HF-433'),
  priorityChosen: warning('HF-434'),
  raisedToMinimum: note('HF-435'),
  namespaceUnknown: fatal('HF-436', 'silent'),
  iptablesReplaced: note('HF-437'),

  virtualServerInvalid: warning('HF-501'),
  virtualServerDuplicate: note('HF-502'),
  realServerDuplicate: warning('HF-503'),
  quorumTooHigh: warning('HF-504'),
  hysteresisTooHigh: warning('HF-505'),
  portForced: warning('HF-506'),
  familyMixed: warning('HF-507'),
  checkerInvalid: warning('HF-508'),
  defaultApplied: warning('HF-509'),
  schedulerFlag: warning('HF-510'),
  groupUnknown: warning('HF-511'),
  badPattern: note('HF-512'),
  patternNotMappable: note('HF-513'),
  checkWithoutPort: note('HF-514'),
  checkAlwaysFails: warning('HF-515'),
  tooManyAddresses: note('HF-516'),
  groupUnused: note('HF-517'),
  groupDuplicate: note('HF-518'),
  groupInvalid: warning('HF-519'),
  sorryServerInPool: warning('HF-520'),
  syncDaemonInstance: note('HF-521'),
  granularityOfOtherFamily: note('HF-522'),
  onePacketTranslated: note('HF-523'),

  noPreemptWithWeights: note('HF-601'),
  realServerUnchecked: note('HF-602'),
  detectionTime: information('HF-603'),
  slowRetries: information('HF-604'),
  maglevWithoutFallback: note('HF-605'),
  untranslatedPort: note('HF-606'),
  advertTooLong: note('HF-607'),
  addressWithoutInstance: note('HF-608'),
  repeatedChecks: information('HF-609'),
  intervalBelowSecond: note('HF-610'),
  weakAuthentication: information('HF-611'),
  sorryServerUnchecked: information('HF-613'),
  routerIdOnSameNetwork: note('HF-614'),
  fewAnnouncements: note('HF-615'),
  quorumUnreachable: note('HF-616'),
  unequalGroup: note('HF-617'),
  persistentToDead: note('HF-618'),
  thresholdsSwapped: note('HF-619'),
  checkOfItself: note('HF-620'),
  takeoverTime: information('HF-621'),
  weightBeyondRange: note('HF-622'),
  ownKeyword: information('HF-623'),
  ownValue: { code: 'HF-624', severity: 'info', stops: 'nothing', verdict: 'general' },
  datagramsToDead: information('HF-625'),

  pairInstance: note('HF-701'),
  pairRouterId: note('HF-702'),
  pairVersion: note('HF-703'),
  pairAddresses: note('HF-704'),
  pairAddressOrder: note('HF-705'),
  pairInterval: note('HF-706'),
  pairAuthentication: note('HF-707'),
  pairUnicast: note('HF-708'),
  pairPriority: note('HF-709'),
  pairVirtualMac: note('HF-710'),
  pairGroup: note('HF-711'),
  pairDestination: note('HF-712'),
  pairPreemption: note('HF-713'),
  pairExcludedAddresses: note('HF-714'),
  pairService: note('HF-720'),
  pairServiceSetting: note('HF-721'),
  pairServer: note('HF-722'),
  pairServerSetting: note('HF-723'),
  pairChecks: note('HF-724'),
  pairSyncDaemon: note('HF-725'),
} as const satisfies Record<string, CatalogEntry>;

export type FindingKind = keyof typeof CATALOG;

/** The catalogue's entry for a code; undefined for a code that was never given out. */
export function catalogEntry(code: string): CatalogEntry | undefined {
  return BY_CODE.get(code);
}

/** The name by which the readers report a code; undefined for a code that was never given out. */
export function findingKind(code: string): FindingKind | undefined {
  return KIND_BY_CODE.get(code);
}

const KIND_BY_CODE: ReadonlyMap<string, FindingKind> = new Map(
  Object.entries(CATALOG).map(([kind, { code }]) => [code, kind as FindingKind]),
);
const BY_CODE: ReadonlyMap<string, CatalogEntry> = new Map(Object.values(CATALOG).map((entry) => [entry.code, entry]));
