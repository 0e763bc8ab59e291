/** The page's beginning: what is asked, what is drawn when, and what keys do. It only reads. */

import type { ControlEvent, Status } from '../control/status.js';
import { createClient } from './client.js';
import { drawDetail, type Selected } from './detail-view.js';
import { byId, keyedList, setText } from './dom.js';
import { eventView } from './event-view.js';
import { createHistory } from './history.js';
import { instanceRow, topologyPlaces } from './instance-view.js';
import { poolRow, walkCells } from './pool-view.js';
import { topologyOf, totalsOf, type InstanceBranch } from './topology.js';

const TOKEN = 'holdfast-token';

const history = createHistory();
const places = topologyPlaces();
const search = byId('search') as HTMLInputElement;
const selection = {
  select: (virtualServer: string, realServer: string) => {
    selected = { virtualServer, realServer };
    drawDetail(selected, status, history);
  },
};
const instances = keyedList<InstanceBranch>(places.instances, ({ instance }) => instance.name, () => instanceRow(selection));
const others = keyedList(places.others, ({ name }) => name, () => poolRow(selection));
const showEvents = eventView();

let status: Status = { version: 1 };
let selected: Selected | undefined;
let drawing = false;

/** However much is heard within a frame, it is drawn once. */
function draw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const topology = topologyOf(status, search.value.trim());
    instances.update(topology.instances);
    others.update(topology.others);
    places.othersTitle.hidden = topology.others.length === 0;
    setText(byId('totals'), totalsText(status));
    setText(byId('daemon'), daemonText(status));
    drawDetail(selected, status, history);
    showEvents(history.events());
  });
}

function totalsText(shown: Status): string {
  const { masters, faults, instances: all, realServersUp, realServers, virtualServersDown } = totalsOf(shown);
  const trouble = [...(faults === 0 ? [] : [`${faults} in FAULT`]), ...(virtualServersDown === 0 ? [] : [`${virtualServersDown} without quorum`])];
  return [`${masters} of ${all} instances master`, `${realServersUp} of ${realServers} real servers up`, ...trouble].join(' · ');
}

function daemonText({ daemon }: Status): string {
  if (daemon === undefined) return '';
  const { file, generation } = daemon.configuration;
  return `holdfast ${daemon.version} · ${file}, generation ${generation}`;
}

const client = createClient({
  onStatus: (newest) => {
    status = newest;
    history.look(newest);
    draw();
  },
  onEvent: (event: ControlEvent) => {
    history.hear(event);
    draw();
  },
  onTrouble: (trouble) => {
    setText(byId('trouble'), trouble ?? '');
    document.body.toggleAttribute('data-stale', trouble !== undefined);
  },
  onUnauthorized: () => (byId('token') as HTMLDialogElement).showModal(),
});

byId('token').addEventListener('close', () => {
  const token = (byId('token-text') as HTMLInputElement).value.trim();
  sessionStorage.setItem(TOKEN, token);
  client.start(token);
});
search.addEventListener('input', draw);
byId('theme').addEventListener('click', () => {
  const dark = document.documentElement.dataset['theme'] ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  document.documentElement.dataset['theme'] = dark === 'dark' ? 'light' : 'dark';
});
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && event.target !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === 'Escape') {
    search.value = '';
    search.blur();
    draw();
  } else {
    walkCells(event);
  }
});
client.start(sessionStorage.getItem(TOKEN) ?? undefined);
