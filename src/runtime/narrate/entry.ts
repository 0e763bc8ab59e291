/** How the narrators build log entries: one call per sentence, so that level, name and text stand together. */

import type { LogEntry, LogLevel } from '../../base/log.js';
import { seconds } from '../../base/time.js';
import type { Micros } from '../../base/time.js';

type Fields = LogEntry['fields'];

/** A sentence that is always logged. `event` is its stable name for machines. */
export function entry(event: string, text: string, fields: Fields = {}, level: LogLevel = 'info'): LogEntry {
  return { level, event, text, fields, detail: false };
}

/** A sentence that appears only with --log-detail. */
export function detail(event: string, text: string, fields: Fields = {}): LogEntry {
  return { level: 'info', event, text, fields, detail: true };
}

/** A sentence that appears only when --log-detail is given twice. */
export function fineDetail(event: string, text: string, fields: Fields = {}): LogEntry {
  return { ...detail(event, text, fields), fine: true };
}

/** `S.UUUUUU` as keepalived prints spans of time. */
export function secondsText(span: Micros): string {
  const unit = seconds(1);
  return `${Math.floor(span / unit)}.${String(span % unit).padStart(6, '0')}`;
}
