/** The real server that is looked at: why it is what it is, its checks and their latencies since the page was opened. */

import type { CheckStatus, RealServerStatus, Status } from '../control/status.js';
import { latencyChart } from './chart.js';
import { byId, element } from './dom.js';
import type { History } from './history.js';
import type { Place } from './consequences.js';
import { ageText, countTexts } from './topology.js';

/** Draws it anew; with nothing selected, or nothing of that name any longer, it says so. */
export function drawDetail(selected: Place | undefined, status: Status, history: History): void {
  const place = byId('detail');
  if (selected === undefined) {
    place.replaceChildren(element('p', { class: 'hint' }, 'Choose a real server to see its checks. Arrow keys walk from one to the next.'));
    return;
  }
  const virtual = status.lvs?.virtualServers.find(({ name }) => name === selected.virtualServer);
  const real = virtual?.realServers.find(({ name }) => name === selected.server);
  const title = element('h3', {}, selected.server);
  if (real === undefined) {
    place.replaceChildren(title, element('p', {}, `is no longer a real server of ${selected.virtualServer}`));
    return;
  }
  const checks = real.checks.map((check, index) => checkPart(check, history.answers(selected.virtualServer, selected.server, index)));
  place.replaceChildren(title, element('p', { class: 'facts' }, `of ${selected.virtualServer}`), factTable(real), ...checks);
}

function factTable({ state, since, reason, weight, connections, traffic }: RealServerStatus): HTMLElement {
  const kernel = weight.kernel === undefined ? 'not in the table' : String(weight.kernel);
  const facts: readonly (readonly [string, string])[] = [
    ['state', `${state} for ${ageText(since, Date.now())}`],
    ...(reason === undefined ? [] : [['reason', reason] as const]),
    ['weight', `${weight.effective} (file ${weight.configured}, kernel ${kernel})`],
    ...countTexts(connections, traffic).map((text, index) => [index === 0 ? 'clients' : 'traffic', text] as const),
  ];
  return element('dl', {}, ...facts.flatMap(([term, text]) => [element('dt', {}, term), element('dd', {}, text)]));
}

function checkPart(check: CheckStatus, answers: Parameters<typeof latencyChart>[0]): HTMLElement {
  const { latencyMilliseconds: latency, answeredAt, failure } = check;
  const facts = [
    check.hasRun ? (check.up ? 'up' : 'down') : 'no answer yet',
    ...(latency === undefined ? [] : [`${latency.toFixed(1)} ms`]),
    ...(answeredAt === undefined ? [] : [`${ageText(answeredAt, Date.now())} ago`]),
    ...(check.retriesUsed === 0 ? [] : [`${check.retriesUsed} failed in a row`]),
    ...(failure === undefined ? [] : [failure]),
  ];
  return element('section', { class: 'check' }, element('h4', {}, check.check), element('p', {}, facts.join(' · ')), latencyChart(answers));
}
