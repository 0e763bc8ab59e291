/** The page's beginning: what is asked, what is drawn when, and what keys do. */

import type { ControlEvent, Status } from '../control/status.js';
import { createClient } from './client.js';
import { actionOf, commandView } from './command-view.js';
import type { Place } from './consequences.js';
import { drawDetail } from './detail-view.js';
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
    selected = { virtualServer, server: realServer };
    drawDetail(selected, status, history);
    commands.draw(selected);
  },
};
const instances = keyedList<InstanceBranch>(places.instances, ({ instance }) => instance.name, () => instanceRow(selection, { wish: (wish) => commands.wish(wish), yields }));
const others = keyedList(places.others, ({ name }) => name, () => poolRow(selection));
const showEvents = eventView();

let status: Status = { version: 1 };
let selected: Place | undefined;
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
    commands.draw(selected);
    showEvents(history.events());
  });
}

function yields(instance: string): boolean {
  return status.byHand?.some((word) => word.action === 'yield' && word.instance === instance) === true;
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
  onUnauthorized: askForToken,
  onPermission: (mayCommand) => {
    commands.permit(mayCommand);
    byId('other-token').hidden = mayCommand || !sessionStorage.getItem(TOKEN);
    draw();
  },
});
const commands = commandView({ give: client.command, status: () => status });

function askForToken(): void {
  const dialog = byId('token') as HTMLDialogElement;
  if (!dialog.open) dialog.showModal();
}

byId('token').addEventListener('close', () => {
  const token = (byId('token-text') as HTMLInputElement).value.trim();
  sessionStorage.setItem(TOKEN, token);
  client.start(token);
});
byId('other-token').addEventListener('click', askForToken);
search.addEventListener('input', draw);
byId('theme').addEventListener('click', () => {
  const dark = document.documentElement.dataset['theme'] ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light');
  document.documentElement.dataset['theme'] = dark === 'dark' ? 'light' : 'dark';
});
document.addEventListener('keydown', (event) => {
  // A question has its own keys.
  if (document.querySelector('dialog[open]') !== null) return;
  if (event.key === '/' && event.target !== search) {
    event.preventDefault();
    search.focus();
  } else if (event.key === 'Escape') {
    search.value = '';
    search.blur();
    draw();
  } else {
    commandByKey(event);
    walkCells(event);
  }
});

/** The cell that has the focus is meant. */
function commandByKey(event: KeyboardEvent): void {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  const action = actionOf(key);
  if (action === undefined || ctrlKey || metaKey || altKey || !(target instanceof HTMLElement)) return;
  const { name: server, pool: virtualServer } = target.dataset;
  if (server === undefined || virtualServer === undefined) return;
  event.preventDefault();
  selection.select(virtualServer, server);
  commands.wish({ action, virtualServer, server });
}

client.start(sessionStorage.getItem(TOKEN) ?? undefined);
