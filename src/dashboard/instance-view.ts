/** One VRRP instance: its state and why, and below it its addresses with the virtual servers on them. */

import { byId, element, keyedList, setAttribute, setText, type Row } from './dom.js';
import type { Wish } from './consequences.js';
import { poolRow, type Selection } from './pool-view.js';
import { ageText, type AddressBranch, type InstanceBranch } from './topology.js';

/** An instance, and what else there is to do with it. */
export interface InstanceCommands {
  readonly wish: (wish: Wish) => void;
  /** Whether an operator has made it yield. */
  readonly yields: (instance: string) => boolean;
}

export function instanceRow(selection: Selection, commands: InstanceCommands): Row<InstanceBranch> {
  const name = element('h3');
  const state = element('span', { class: 'state' });
  const facts = element('p', { class: 'facts' });
  const why = element('p', { class: 'why' });
  const addresses = element('ul', { class: 'tree' });
  const list = keyedList<AddressBranch>(addresses, ({ address: { address, excluded } }) => `${address} ${excluded}`, () => addressRow(selection));
  const command = element('button', { type: 'button', class: 'command' });
  command.addEventListener('click', () => {
    const instance = name.textContent;
    commands.wish({ action: commands.yields(instance) ? 'resume' : 'yield', instance });
  });
  const root = element('article', { class: 'instance' }, element('header', {}, name, state, command), facts, why, addresses);
  return {
    element: root,
    update: ({ instance, addresses: branches }) => {
      const { priority, master, group } = instance;
      setText(name, instance.name);
      setText(state, instance.state);
      setAttribute(root, 'data-state', instance.state);
      const parts = [
        `${instance.interface}, VRID ${instance.virtualRouterId}`,
        `priority ${priority.effective}${priority.effective === priority.configured ? '' : ` of ${priority.configured}`}`,
        ...(master === undefined ? [] : [`master ${master.address}${master.priority === undefined ? '' : ` (${master.priority})`}`]),
        ...(group === undefined ? [] : [`group ${group}`]),
        `since ${ageText(instance.since, Date.now())}`,
      ];
      setText(command, commands.yields(instance.name) ? 'Resume' : 'Yield');
      setAttribute(command, 'aria-label', `${command.textContent} ${instance.name}`);
      setText(facts, parts.join(' · '));
      setText(why, [instance.reason, ...priority.reasons, ...instance.faults].join('; '));
      list.update(branches);
    },
  };
}

function addressRow(selection: Selection): Row<AddressBranch> {
  const text = element('span', { class: 'address' });
  const pools = element('ul', { class: 'tree' });
  const list = keyedList(pools, ({ name }) => name, () => poolRow(selection));
  const root = element('li', {}, text, pools);
  return {
    element: root,
    update: ({ address, virtualServers }) => {
      setText(text, `${address.address}/${address.prefixLength} on ${address.interface}${address.excluded ? ', not advertised' : ''}`);
      setAttribute(root, 'data-held', String(address.held));
      setAttribute(text, 'title', address.held ? 'on this host' : 'not on this host');
      list.update(virtualServers);
    },
  };
}

/** The places in the page that a topology is drawn into. */
export function topologyPlaces(): { readonly instances: HTMLElement; readonly others: HTMLElement; readonly othersTitle: HTMLElement } {
  return { instances: byId('instances'), others: byId('others'), othersTitle: byId('others-title') };
}
