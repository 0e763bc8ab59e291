/** Log sentences about the routes and rules of instances, and about everything static. */

import { seconds } from '../../base/time.js';
import type { LogEntry } from '../../base/log.js';
import { unreachable } from '../../base/unreachable.js';
import type { VrrpNote } from '../../vrrp/notes.js';
import { detail, entry } from './entry.js';
import type { Belonging } from '../../vrrp/instance/belongings.js';
import { addressText, routeText, ruleText } from '../network-text.js';

type NetworkNote = Extract<VrrpNote, { readonly type: 'networkRequested' | 'networkDropped' | 'routeLost' | 'ruleLost' | 'repairsGivenUp' }>;

export function narrateNetwork(note: NetworkNote): LogEntry {
  const { instance } = note;
  switch (note.type) {
    case 'networkRequested': {
      const { present, kind, count } = note;
      const text = `(${instance}) ${present ? 'setting' : 'removing'} Virtual ${kind === 'routes' ? 'Routes' : 'Rules'}`;
      return detail(note.type, text, { instance, present, count });
    }
    case 'networkDropped':
      return entry(note.type, droppedText(note.object), { instance });
    case 'routeLost': {
      const route = routeText(note.route);
      return entry(note.type, `(${instance}) somebody else removed route ${route}`, { instance, route }, 'warn');
    }
    case 'ruleLost': {
      const rule = ruleText(note.rule);
      return entry(note.type, `(${instance}) somebody else removed rule ${rule}`, { instance, rule }, 'warn');
    }
    case 'repairsGivenUp': {
      const { times, span } = note;
      const text = `(${instance}) what it holds was removed and put back ${times} times in ${span / seconds(1)} s: leaving it to another router`;
      return entry(note.type, text, { instance, times }, 'error');
    }
    default:
      return unreachable(note);
  }
}

export function narrateStatic(note: Extract<VrrpNote, { readonly type: 'staticObjectRestoring' | 'staticObjectDropped' }>): LogEntry {
  if (note.type === 'staticObjectDropped') return entry(note.type, droppedText(note.object));
  return entry(note.type, `Restoring deleted static ${kindText(note.object)}`, {}, 'warn');
}

function kindText(object: Belonging): string {
  if ('address' in object) return `address ${addressText(object)}`;
  return 'destination' in object ? `route ${routeText(object)}` : `rule ${ruleText(object)}`;
}

/** keepalived's words, one way for each kind. */
function droppedText(object: Belonging): string {
  if ('address' in object) return `ip address ${object.address}/${object.prefixLength} dev ${object.interface}, no longer exist`;
  return 'destination' in object ? `Removing route ${routeText(object)}` : `ip rule ${ruleText(object)} removed`;
}
