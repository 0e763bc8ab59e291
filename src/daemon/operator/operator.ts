/** Holds what operators have said: takes their commands, ends what has a time, writes down what shall outlive the daemon. */

import type { Model } from '../../conf/model.js';
import { readCommand, readSetting } from '../../control/commands.js';
import type { CommandAnswer, SettingCommand } from '../../control/commands.js';
import { isoTime } from '../../control/picture-time.js';
import type { ByHandStatus } from '../../control/status.js';
import type { Child } from '../../runtime/children-events.js';
import type { LifecycleNote } from '../../runtime/narrate/lifecycle.js';
import type { InstanceSetting } from '../../vrrp/config.js';
import { afterReload, isServerWord, obey, set, unexpired, withWords } from './by-hand.js';
import type { Word } from './by-hand.js';
import { keepState, recallState } from './state-file.js';

/** setTimeout takes no longer times. */
const LONGEST_TIMER = 0x7fffffff;

export interface OperatorOptions {
  /** As the file has it; undefined = none is in force yet. */
  readonly model: () => Model | undefined;
  /** The configuration as it counts has changed for this child; `setting`: by nothing else. */
  readonly changed: (child: Child, setting?: InstanceSetting) => void;
  /** A server that manual_resume keeps out may come back. */
  readonly resume: (target: { readonly virtualServer: string; readonly server: string }) => void;
  readonly tell: (note: LifecycleNote) => void;
  readonly show: (words: readonly ByHandStatus[]) => void;
}

export interface Operator {
  /**
   * A configuration is in force: with the first one what was said to an earlier daemon is read from `path`, with a later one
   * what was to last until then is over.
   */
  readonly loaded: (generation: number, path: string) => void;
  /** What was said to the program before, at a restart in place: all of it holds, but for what the next reload was to end. */
  readonly inherit: (said: readonly Word[]) => void;
  /** For the next program's `inherit`. */
  readonly said: () => readonly Word[];
  /** The configuration as it counts. */
  readonly applied: (model: Model) => Model;
  /** A command of unknown shape is refused. */
  readonly run: (value: unknown) => CommandAnswer;
}

export function createOperator({ model, changed, resume, tell, show }: OperatorOptions): Operator {
  let words: readonly Word[] = [];
  let path: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  const replace = (next: readonly Word[]): void => {
    const keptBefore = words.filter(({ kept }) => kept);
    words = next;
    const kept = words.filter((word) => word.kept);
    const reason = path !== undefined && (kept.length > 0 || keptBefore.length > 0) ? keepState(path, kept) : undefined;
    if (path !== undefined && reason !== undefined) tell({ type: 'unwritable', path, reason });
    show(words.map(wordStatus));
    schedule();
  };
  const schedule = (): void => {
    clearTimeout(timer);
    const { next } = unexpired(words, Date.now());
    if (next !== undefined) timer = setTimeout(expire, Math.min(Math.max(0, next - Date.now()), LONGEST_TIMER)).unref();
  };
  const expire = (): void => {
    const { words: left } = unexpired(words, Date.now());
    const over = words.filter((word) => !left.includes(word));
    replace(left);
    for (const word of over) tell({ type: 'operatorWordOver', word: wordText(word) });
    for (const child of ['checkers', 'vrrp'] as const) if (over.some((word) => isServerWord(word) === (child === 'checkers'))) changed(child);
  };
  const obeyManager = (command: SettingCommand, current: Model): CommandAnswer => {
    const { answer, words: next } = set(command, current, words, Date.now());
    if (!answer.done) return answer;
    replace(next);
    changed('vrrp', settingOf(command));
    return answer;
  };
  const remember = (file: string): void => {
    path = file;
    const recalled = recallState(file, areWords, (reason) => tell({ type: 'operatorWordsUnreadable', path: file, reason }));
    words = unexpired(recalled ?? [], Date.now()).words;
    if (words.length === 0) return;
    for (const word of words) tell({ type: 'operatorWordKept', word: wordText(word) });
    show(words.map(wordStatus));
    schedule();
  };
  return {
    loaded: (generation, file) => {
      if (generation === 1) remember(file);
      else if (afterReload(words).length < words.length) replace(afterReload(words));
    },
    inherit: (said) => {
      const left = unexpired(afterReload(said), Date.now()).words;
      if (left.length > 0) replace(left);
    },
    said: () => words,
    applied: (file) => withWords(file, words),
    run: (value) => {
      const current = model();
      const setting = readSetting(value);
      if (setting !== undefined && current !== undefined) return obeyManager(setting, current);
      const command = readCommand(value);
      if (typeof command === 'string') return { done: false, error: command };
      if (current === undefined) return { done: false, error: 'no configuration is in force yet' };
      const { answer, words: next, concerns, resumes } = obey(command, current, words, Date.now());
      if (concerns === undefined || !answer.done) return answer;
      if (resumes === undefined) replace(next);
      tell({ type: 'operatorCommand', action: command.action, subjects: answer.changed });
      if (resumes === undefined) changed(concerns);
      else resumes.forEach(resume);
      return answer;
    },
  };
}

function settingOf(command: SettingCommand): InstanceSetting {
  const { instance } = command;
  return command.action === 'priority' ? { instance, priority: command.priority } : { instance, preempt: command.preempt };
}

function wordStatus({ since, until, ...word }: Word): ByHandStatus {
  return { ...word, since: isoTime(since), ...(until === undefined ? {} : { until: isoTime(until) }) };
}

function wordText(word: Word): string {
  if (word.action === 'priority') return `priority ${word.instance} ${word.priority}`;
  if (word.action === 'preempt') return `preempt ${word.instance} ${word.preempt}`;
  if (word.action === 'yield') return `yield ${word.instance}`;
  const weight = word.weight === undefined ? '' : ` ${word.weight}`;
  return `${word.action} ${word.server} in ${word.virtualServer}${weight}`;
}

function areWords(value: unknown): value is readonly Word[] {
  return Array.isArray(value) && value.every(isWord);
}

function isWord(value: unknown): value is Word {
  if (typeof value !== 'object' || value === null || !('since' in value) || !isInstant(value.since)) return false;
  if ('until' in value && !isInstant(value.until)) return false;
  return typeof readCommand({ ...value, keep: true }) !== 'string';
}

/** Milliseconds since the epoch that a date can hold. */
function isInstant(value: unknown): boolean {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
}
