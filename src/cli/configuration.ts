/** Loads a configuration for a command: what the daemon would find, the lints, and the text, so that lines can be shown. */

import type { SourcePosition } from '../base/source.js';
import { loadConfiguration } from '../conf/load.js';
import type { Loaded } from '../conf/load.js';
import { createOrigins } from '../conf/origins.js';
import type { Origins } from '../conf/origins.js';
import { hostFacts, textOptions } from '../daemon/configuration/configuration.js';
import { readSource } from '../io/files/source-files.js';
import { hostLintFacts } from './host.js';

export interface LoadSettings {
  /** As the daemon's --config-id; undefined = the host's name. */
  readonly configId?: string;
  /** Leaves out what only this machine knows: its interfaces and the like. */
  readonly offline: boolean;
}

export interface LoadedText extends Loaded {
  readonly origins: Origins;
  /** The line of a file that was read; undefined for a file or line that there is not. */
  readonly lineAt: (at: SourcePosition) => string | undefined;
}

/** Never throws: whatever is wrong with the files is a diagnostic. */
export function loadText(path: string, { configId, offline }: LoadSettings): LoadedText {
  const texts = new Map<string, string>();
  const origins = createOrigins();
  const loaded = loadConfiguration(
    (pattern, directory) => {
      const found = readSource(pattern, directory);
      for (const file of found) if ('text' in file) texts.set(file.path, file.text);
      return found;
    },
    path,
    { ...textOptions(configId), ...(offline ? {} : hostFacts()), lints: offline ? {} : hostLintFacts(), origins },
  );
  return { ...loaded, origins, lineAt: lineReader(texts) };
}

function lineReader(texts: ReadonlyMap<string, string>): LoadedText['lineAt'] {
  const split = new Map<string, readonly string[]>();
  return ({ file, line }) => {
    const lines = split.get(file) ?? texts.get(file)?.split(/\r?\n/);
    if (lines === undefined) return undefined;
    split.set(file, lines);
    return lines[line - 1];
  };
}
