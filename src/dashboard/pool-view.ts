/** One virtual server: its quorum, and a cell for each real server, so that a thousand are seen at once. */

import type { RealServerStatus, VirtualServerStatus } from '../control/status.js';
import { element, keyedList, setAttribute, setText, type Row } from './dom.js';
import { ageText, countTexts } from './topology.js';

/** Which real server is looked at. */
export interface Selection {
  readonly select: (virtualServer: string, realServer: string) => void;
}

export function poolRow(selection: Selection): Row<VirtualServerStatus> {
  const name = element('h4');
  const facts = element('span', { class: 'facts' });
  const quorum = element('meter', { min: '0' });
  const cells = element('div', { class: 'cells', role: 'group' });
  let virtualServer = '';
  const list = keyedList<RealServerStatus>(cells, (server) => server.name, (server) => cellRow(() => virtualServer, () => selection.select(virtualServer, server.name)));
  const root = element('li', { class: 'pool' }, element('header', {}, name, quorum, facts), cells);
  return {
    element: root,
    update: (server) => {
      const { quorum: needed, aliveWeight, sorryServer, realServers, connections, traffic } = server;
      virtualServer = server.name;
      const up = realServers.filter(({ state }) => state !== 'down' && state !== 'disabled').length;
      setText(name, server.name);
      setAttribute(root, 'data-state', server.state);
      setAttribute(quorum, 'max', String(Math.max(needed, aliveWeight, 1)));
      setAttribute(quorum, 'low', String(needed));
      setAttribute(quorum, 'value', String(aliveWeight));
      setAttribute(quorum, 'aria-label', `weight ${aliveWeight} alive, quorum ${needed}`);
      const sorry = sorryServer === undefined ? '' : sorryServer.active ? ` · sorry server ${sorryServer.name} serves` : '';
      setText(facts, [`${up} of ${realServers.length} up · weight ${aliveWeight}, quorum ${needed}${sorry}`, ...countTexts(connections, traffic)].join(' · '));
      setAttribute(cells, 'aria-label', `real servers of ${server.name}`);
      list.update(realServers);
    },
  };
}

function cellRow(pool: () => string, select: () => void): Row<RealServerStatus> {
  const root = element('button', { type: 'button', class: 'cell' });
  root.addEventListener('click', select);
  return {
    element: root,
    update: ({ name, state, weight, reason, since }) => {
      setAttribute(root, 'data-state', (state === 'up' || state === 'unchecked') && weight.effective === 0 ? 'drained' : state);
      setAttribute(root, 'data-name', name);
      setAttribute(root, 'data-pool', pool());
      const label = `${name}: ${state}, weight ${weight.effective}${reason === undefined ? '' : `, ${reason}`}`;
      setAttribute(root, 'aria-label', label);
      setAttribute(root, 'title', `${label}, for ${ageText(since, Date.now())}`);
    },
  };
}

/** Arrow keys walk over the cells of all pools, as far as they are on the page. */
export function walkCells(event: KeyboardEvent): void {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const { target } = event;
  if (step === undefined || !(target instanceof HTMLElement) || !target.classList.contains('cell')) return;
  const cells = [...document.querySelectorAll<HTMLElement>('.cell')];
  const next = cells[cells.indexOf(target) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
