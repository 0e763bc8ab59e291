/** Asks the control API: the status when something happened and every few seconds, the stream of events, and what this page may do. */

import type { CommandAnswer, OperatorCommand } from '../control/commands.js';
import type { ControlEvent, Status } from '../control/status.js';

/** Milliseconds: from an event to the next look, between looks without events, and before a broken stream is tried again. */
const SOON = 250;
const REFRESH = 5_000;
const AGAIN = 2_000;

export interface Hearer {
  readonly onStatus: (status: Status) => void;
  readonly onEvent: (event: ControlEvent) => void;
  /** Undefined = all is well. */
  readonly onTrouble: (trouble: string | undefined) => void;
  /** The API wants a token. */
  readonly onUnauthorized: () => void;
  /** Whether commands are taken from here: by this door, with this token. */
  readonly onPermission: (mayCommand: boolean) => void;
}

export interface Client {
  /** Also after a new token. */
  readonly start: (token: string | undefined) => void;
  /** Refusals are answers too, and so is silence. */
  readonly command: (command: OperatorCommand) => Promise<CommandAnswer>;
}

export function createClient(hearer: Hearer): Client {
  let headers: Readonly<Record<string, string>> = {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = Infinity;
  let current = new AbortController();

  const look = async (signal: AbortSignal): Promise<void> => {
    clearTimeout(timer);
    dueAt = Infinity;
    try {
      const response = await fetch('v1/status', { headers, signal });
      if (response.status === 401) {
        hearer.onUnauthorized();
        return;
      }
      if (!response.ok) throw new Error(`the daemon answers ${response.status}`);
      hearer.onStatus((await response.json()) as Status);
      hearer.onTrouble(undefined);
    } catch (error) {
      if (signal.aborted) return;
      hearer.onTrouble(troubleText(error));
    }
    lookIn(REFRESH, signal);
  };
  const lookIn = (delay: number, signal: AbortSignal): void => {
    const at = performance.now() + delay;
    // Events that do not end must not put the look off for ever.
    if (at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => void look(signal), delay);
  };
  const follow = async (signal: AbortSignal): Promise<void> => {
    let last = 0;
    while (!signal.aborted) {
      try {
        hearer.onPermission(await mayCommand(headers, signal));
        const response = await fetch(`v1/events?after=${last}`, { headers, signal });
        if (response.status === 401) return;
        for await (const event of eventsOf(response)) {
          last = event.id;
          hearer.onEvent(event);
          lookIn(SOON, signal);
        }
      } catch {
        // The look that is due says what is wrong.
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  };
  return {
    command: async (command) => {
      const { signal } = current;
      const { answer, refused } = await give(command, headers, signal);
      if (refused) hearer.onPermission(false);
      lookIn(SOON, signal);
      return answer;
    },
    start: (token) => {
      current.abort();
      current = new AbortController();
      headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      void look(current.signal);
      void follow(current.signal);
    },
  };
}

/** `refused`: commands are not taken from here. */
async function give(command: OperatorCommand, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<{ readonly answer: CommandAnswer; readonly refused: boolean }> {
  try {
    const response = await fetch('v1/command', { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(command), signal });
    const answer = (await response.json()) as CommandAnswer | { readonly error: string };
    return { answer: 'done' in answer ? answer : { done: false, error: answer.error }, refused: response.status === 401 || response.status === 403 };
  } catch (error) {
    return { answer: { done: false, error: troubleText(error) }, refused: false };
  }
}

/** The API names the paths that whoever asks may use. */
async function mayCommand(headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<boolean> {
  const response = await fetch('v1', { headers, signal });
  if (!response.ok) return false;
  const { paths } = (await response.json()) as { readonly paths: readonly string[] };
  return paths.includes('/v1/command');
}

/** EventSource cannot send a token, so the stream is taken apart here. */
async function* eventsOf(response: Response): AsyncGenerator<ControlEvent> {
  if (!response.ok || response.body === null) throw new Error(`the daemon answers ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (text + value).split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const data = part.split('\n').find((line) => line.startsWith('data: '));
      if (data !== undefined) yield JSON.parse(data.slice('data: '.length)) as ControlEvent;
    }
  }
}

function troubleText(error: unknown): string {
  return error instanceof TypeError ? 'the daemon does not answer' : error instanceof Error ? error.message : String(error);
}
