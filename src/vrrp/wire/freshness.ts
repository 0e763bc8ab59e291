/**
 * Whether what is authenticated is new: the sequences that have been heard and used. An advert that was recorded must not
 * count a second time.
 */

import type { IpAddress } from '../../base/address.js';
import { micros, type Micros } from '../../base/time.js';
import type { HmacConfig } from '../config/authentication.js';
import { isNewer, isSignedWith, nextSequence, readSignature, sequenceAt, type Sequence, type Signed } from './signature.js';

/** What an instance remembers of authenticated adverts. */
export interface Freshness {
  /**
   * Of AH: the highest sequence sent or accepted, one for both. A backup that takes over goes on where its master was, or
   * nobody would believe it (keepalived).
   */
  readonly headerSequence: number;
  /**
   * It was sent, not accepted: an advert with the same one is that of a rival who took over at the same moment, and new.
   * keepalived drops it, so that two equal masters may speak past each other for as long as they speak at one time.
   */
  readonly headerIsOwn: boolean;
  /** Of auth_hmac: the newest accepted signature of each sender, the sender heard last at the end. */
  readonly signers: readonly Signer[];
}

export interface Signer {
  readonly address: IpAddress;
  readonly sequence: Sequence;
}

export const NOTHING_HEARD: Freshness = { headerSequence: 0, headerIsOwn: false, signers: [] };

/** Of senders to a multicast group: whoever has no key cannot get in here. */
const REMEMBERED_SIGNERS = 4;
const SECOND = 1_000_000;

export type SignatureVerdict =
  /** Seconds by which the sender's clock is behind ours. */
  | { readonly type: 'fresh'; readonly signer: Signer; readonly skew: number }
  | { readonly type: 'malformed' }
  | { readonly type: 'unknownKey'; readonly key: number }
  | { readonly type: 'invalid' }
  | { readonly type: 'stale'; readonly skew: number }
  | { readonly type: 'replayed' };

/** Judges 28 bytes behind a message. The clock comes before the digest: what is too old costs no arithmetic. */
export function judgeSignature(
  config: HmacConfig,
  { signers }: Freshness,
  signed: Signed,
  bytes: Uint8Array,
  wallClock: Micros,
): SignatureVerdict {
  const signature = readSignature(bytes);
  if (signature === undefined) return { type: 'malformed' };
  const key = config.keys.find(({ id }) => id === signature.key);
  if (key === undefined) return { type: 'unknownKey', key: signature.key };
  const now = sequenceAt(wallClock);
  const skew = config.antiReplay === 'time' ? (now.seconds - signature.sequence.seconds) | 0 : 0;
  if (Math.abs(skew) > config.timeWindow / SECOND) return { type: 'stale', skew };
  if (!isSignedWith(key.secret, bytes, signed)) return { type: 'invalid' };
  const last = signers.find(({ address }) => address === signed.source)?.sequence;
  if (last !== undefined && counts(config, last, now) && !isNewer(signature.sequence, last)) return { type: 'replayed' };
  return { type: 'fresh', signer: { address: signed.source, sequence: signature.sequence }, skew };
}

/** `bounded` for multicast, where senders are not configured. */
export function remember(freshness: Freshness, signer: Signer, bounded: boolean): Freshness {
  const others = freshness.signers.filter(({ address }) => address !== signer.address);
  const signers = [...others, signer];
  return { ...freshness, signers: bounded ? signers.slice(-REMEMBERED_SIGNERS) : signers };
}

/**
 * The sequence of the next own signature: the clock, or one more than the last where the clock stands or has gone back. A
 * last one further ahead than the window is given up, because nobody would accept it until the clock has caught up.
 */
export function sequenceToSign(config: HmacConfig, last: Sequence | undefined, clock: Micros): Sequence {
  const now = sequenceAt(clock);
  if (last === undefined || isNewer(now, last)) return now;
  const isTooFarAhead = config.antiReplay === 'time' && isNewer(last, sequenceAt(micros(clock + config.timeWindow)));
  return isTooFarAhead ? now : nextSequence(last);
}

/** A mark that the clock says cannot be (it has been set back) is forgotten; without a clock it stays. */
function counts(config: HmacConfig, mark: Sequence, now: Sequence): boolean {
  if (config.antiReplay === 'monotonic') return true;
  return Math.abs((now.seconds - mark.seconds) | 0) <= config.timeWindow / SECOND;
}
