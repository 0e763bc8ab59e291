/**
 * keepalived's objects on the system bus: one for the daemon, one for each instance. What they show is the status; changes
 * of state are told from the events, so that none is left out however fast they come.
 */

import { NameFlag, RequestNameReply, systemBus, type MessageBus } from '@jellybrick/dbus-next';
import type { EventEmitter } from 'node:events';

import type { ControlEvent, InstanceStatus, Status } from '../status.js';
import { DaemonObject, DBUS_STATES, InstanceObject, type DbusState } from './objects.js';
import { daemonPath, instancePath, type DbusSettings } from './paths.js';
import type { Request } from './request.js';

export interface DbusSurface {
  readonly show: (status: Status) => void;
  readonly hear: (event: ControlEvent) => void;
  /** Says that all instances stop, and leaves the bus. */
  readonly close: () => void;
}

/** How the way to the bus stands; `lost` comes at most once and last. */
export type DbusOutcome = { readonly type: 'acquired' } | { readonly type: 'lost'; readonly reason: string };

/** Takes its name when the first instances are known. The connection is made by who the process is now; it keeps that right when it drops others. */
export function openDbus(settings: DbusSettings, request: Request, onOutcome: (outcome: DbusOutcome) => void): DbusSurface {
  const bus = systemBus();
  const daemon = new DaemonObject(request);
  const instances = createInstances(bus, settings, request);
  let generation: number | undefined;
  let lost = false;

  const lose = (reason: string): void => {
    if (lost) return;
    lost = true;
    onOutcome({ type: 'lost', reason });
  };
  /** The library throws when the bus has gone away: that is noticed with the next word. */
  const say = (words: () => void): void => {
    if (lost) return;
    try {
      words();
    } catch (error) {
      lose(reasonOf(error));
    }
  };
  // The library's types know only what it emits itself; the socket's errors pass through it.
  (bus as EventEmitter).on('error', (error: Error) => lose(error.message));
  bus.export(daemonPath(settings), daemon);
  /** Whoever waits for the name finds the instances there. */
  const acquireOnce = once(() => {
    acquire(bus, settings.serviceName).then(
      (reason) => (reason === undefined ? onOutcome({ type: 'acquired' }) : lose(reason)),
      (error: unknown) => lose(reasonOf(error)),
    );
  });

  const tellGeneration = (newest: number | undefined): void => {
    if (newest === undefined || newest === generation) return;
    if (generation === undefined) daemon.VrrpStarted();
    else daemon.VrrpReloaded();
    generation = newest;
  };
  return {
    show: ({ daemon: facts, vrrp }) =>
      say(() => {
        if (vrrp === undefined) return;
        instances.follow(vrrp.instances);
        acquireOnce();
        tellGeneration(facts?.configuration.generation);
      }),
    hear: ({ fields: { instance, state } }) =>
      say(() => {
        if (typeof instance === 'string' && isState(state)) instances.enter(instance, state);
      }),
    close: () =>
      say(() => {
        instances.stop();
        daemon.VrrpStopped();
        bus.disconnect();
        lost = true;
      }),
  };
}

interface Instances {
  readonly follow: (shown: readonly InstanceStatus[]) => void;
  readonly enter: (name: string, state: DbusState) => void;
  readonly stop: () => void;
}

/** One object for each instance that is shown. */
function createInstances(bus: MessageBus, place: DbusSettings, request: Request): Instances {
  const objects = new Map<string, { readonly path: string; readonly object: InstanceObject }>();
  return {
    follow: (shown) => {
      const names = new Set(shown.map(({ name }) => name));
      for (const [name, { path, object }] of objects) {
        if (names.has(name)) continue;
        object.enter('DELETED');
        bus.unexport(path, object);
        objects.delete(name);
      }
      for (const instance of shown) {
        if (objects.has(instance.name)) continue;
        const object = new InstanceObject(instance.name, request).begin(instance.state);
        const path = instancePath(place, instance);
        objects.set(instance.name, { path, object });
        bus.export(path, object);
      }
    },
    enter: (name, state) => objects.get(name)?.object.enter(state),
    stop: () => {
      for (const { object } of objects.values()) object.enter('STOP');
    },
  };
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why the name is not ours; undefined when it is. */
async function acquire(bus: MessageBus, name: string): Promise<string | undefined> {
  const reply = await bus.requestName(name, NameFlag.DO_NOT_QUEUE);
  return reply === RequestNameReply.PRIMARY_OWNER ? undefined : `the name ${name} is taken`;
}

function isState(value: unknown): value is DbusState {
  return typeof value === 'string' && Object.hasOwn(DBUS_STATES, value);
}
