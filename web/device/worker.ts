// worker.ts: the dedicated worker that the device lives in. It answers the calls of index.ts one after the other.
import wasmUrl from '#device.wasm?url';
import { DeviceFailure } from './failure';
import { parsePins, type Pins } from './pins';
import { Session, type SessionParts } from './session';
import { DeviceStorage } from './storage';
import type { Asked, Call, OpenAnswer, Report } from './types';

const lockName = 'heqi.device';
const lockWaitMs = 3_000; // a page that was just closed still holds it

const scope = self as unknown as {
  postMessage(report: Report, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<Asked>) => void) | null;
};
let session: Session | null = null;
let turn: Promise<void> = Promise.resolve();

scope.onmessage = (event) => {
  turn = turn.then(() => answer(event.data));
};

async function answer({ id, call }: Asked): Promise<void> {
  try {
    const value = await act(call);
    const transfer = value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : [];
    scope.postMessage({ type: 'done', id, value }, transfer);
  } catch (failure) {
    const told = failure instanceof DeviceFailure ? failure : new DeviceFailure('device.crashed', String(failure));
    scope.postMessage({ type: 'failed', id, failure: told.id, detail: told.detail });
    // What is in memory is ahead of what is stored, or broken: nothing more is done with it.
    if (['storage', 'device.superseded', 'device.crashed'].includes(told.id)) end();
    if (told.id === 'device.superseded') scope.postMessage({ type: 'superseded' });
  }
}

function end(): void {
  session?.close();
  session = null;
}

async function act(call: Call): Promise<unknown> {
  if (call.method === 'open') return open(call.name, call.marked);
  if (call.method === 'discard') return discard();
  if (!session) throw new DeviceFailure('device.closed', 'the device is to be opened again');
  switch (call.method) {
    case 'information':
      return session.information();
    case 'prepare':
      return session.prepare();
    case 'enrol':
      return session.act('enrol', { text: call.code });
    case 'poll':
      return session.act('poll');
    case 'pinDigit':
      return session.module.pinDigit(call.entry, call.digit);
    case 'pinErase':
      return session.module.pinErase(call.entry);
    case 'pinClear':
      return session.module.pinClear();
    case 'choosePin':
      if (!session.module.pinsEqual()) {
        session.module.pinClear();
        throw new DeviceFailure('device.pin_differs', 'the two entries of the PIN differ');
      }
      return session.act('choosePin');
    case 'displayedData':
      return session.displayedData(call.transactionId);
    case 'confirm':
      return session.confirm(call.transactionId, call.digest, call.shown);
    case 'cancel':
      return session.act('cancel', { text: call.transactionId });
    case 'retire':
      return session.retire();
  }
}

async function open(name: string, marked: boolean): Promise<OpenAnswer> {
  if (session) throw new DeviceFailure('device.state', 'the device is open already');
  if (!(await holdLock())) return { condition: 'busy', reason: 'another tab of this browser has the device open' };
  const [module, pins] = await Promise.all([loadModule(), loadPins()]);
  const onProgress = (percent: number): void => scope.postMessage({ type: 'progress', percent });
  const parts: SessionParts = { module, pins, name, onProgress };
  const opened = await Session.open(parts, marked);
  if (typeof opened === 'string') return { condition: 'lost', reason: opened };
  session = opened;
  return { condition: 'ready', information: await session.information() };
}

async function discard(): Promise<null> {
  end();
  await DeviceStorage.erase();
  return null;
}

// holdLock keeps other tabs out until this worker ends. A browser without locks has the revision of storage.ts alone.
async function holdLock(): Promise<boolean> {
  if (!navigator.locks) return true;
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), lockWaitMs);
  return new Promise((resolve) => {
    const held = (): Promise<void> => {
      clearTimeout(timer);
      resolve(true);
      return new Promise(() => undefined);
    };
    navigator.locks.request(lockName, { signal: ending.signal }, held).catch(() => resolve(false));
  });
}

async function loadModule(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await (await get(wasmUrl)).arrayBuffer());
}

async function loadPins(): Promise<Pins> {
  const response = await get('/pins.json');
  try {
    return parsePins(await response.json());
  } catch (failure) {
    if (failure instanceof DeviceFailure) throw failure;
    throw new DeviceFailure('malformed', 'pins.json: no JSON');
  }
}

async function get(url: string): Promise<Response> {
  try {
    const response = await fetch(url, { credentials: 'omit', redirect: 'error' });
    if (response.ok) return response;
    throw new DeviceFailure('unavailable', `${url}: HTTP ${response.status}`);
  } catch (failure) {
    if (failure instanceof DeviceFailure) throw failure;
    throw new DeviceFailure('offline', String(failure));
  }
}
