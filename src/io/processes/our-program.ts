/** This very program, to be started once more. */

/** The command line for it with other words, the program itself first. */
export function ourProgram(words: readonly string[]): readonly [program: string, ...words: string[]] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '', ...words];
}
