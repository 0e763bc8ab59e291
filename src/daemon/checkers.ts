import { enterChild } from './child.js';
export function runCheckers(settings: string | undefined): void {
  const c = enterChild('checkers', settings);
  c.serve({ configure: (part, done) => { process.title = part.global.checkerProcessName; done(); }, dump: () => undefined, stop: () => c.leave() });
}
