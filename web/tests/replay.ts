// replay.ts: does in WebAssembly what a native run wrote down (tests/web_device/scenario.cc) and compares every octet:
// replies, files written, random octets drawn. Runs under node and in a browser.
import { DeviceModule, type Host } from '../device/module';
import type { Pins } from '../device/pins';

interface Line {
  call: 'open' | 'command' | 'digit' | 'digest';
  name?: string;
  keys?: string;
  rounds?: number;
  der?: string;
  entry?: number;
  digit?: number;
  octets?: string;
  random: string;
  writes: [number, string, string | null][];
  reply: string;
}

export interface Replayed {
  calls: number;
  octets: number; // of replies
  openMs: number; // the longest open: self tests and files
  commandMs: number[]; // each command, in order
}

const now = 1795248000_000_000; // 2026-11-21T08:00:00Z, where the native clock stands

export function octetsOf(hex: string): Uint8Array {
  const out = new Uint8Array(hex.length / 2);
  for (let i = 0; i < out.length; ++i) out[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return out;
}

export function hexOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

// ReplayHost gives out the random octets of a line and gathers what is written.
class ReplayHost implements Host {
  readonly files = new Map<string, Uint8Array>();
  writes: [number, string, string | null][] = [];
  random_: Uint8Array = new Uint8Array();

  random(out: Uint8Array): void {
    if (out.length > this.random_.length) throw new Error('draws more random octets than the native run');
    out.set(this.random_.subarray(0, out.length));
    this.random_ = this.random_.subarray(out.length);
  }
  now(): number {
    return now;
  }
  steady(): number {
    return 0;
  }
  read(store: number, name: string): Uint8Array | null {
    return this.files.get(`${store}/${name}`) ?? null;
  }
  write(store: number, name: string, content: Uint8Array): void {
    this.writes.push([store, name, hexOf(content)]);
    this.files.set(`${store}/${name}`, content);
  }
  remove(store: number, name: string): void {
    this.writes.push([store, name, null]);
    this.files.delete(`${store}/${name}`);
  }
  progress(): void {}
}

function pinsOf(keys: string): Pins {
  const octets = octetsOf(keys);
  return {
    serviceKey: octets.subarray(0, 65),
    keyCentreKey: octets.subarray(65, 130),
    keyCentreSealingKey: octets.subarray(130, 195),
  };
}

function run(module: DeviceModule, line: Line): Uint8Array {
  switch (line.call) {
    case 'open':
      return module.open(new TextDecoder().decode(octetsOf(line.name ?? '')), pinsOf(line.keys ?? ''), line.rounds ?? 0);
    case 'command':
      return module.run(octetsOf(line.der ?? ''));
    case 'digit':
      module.pinDigit(line.entry === 0 ? 'first' : 'second', line.digit ?? 10);
      return Uint8Array.of(0);
    case 'digest':
      return module.digest([octetsOf(line.octets ?? '')]);
  }
}

// replay throws at the first difference.
export async function replay(source: WebAssembly.Module, scenario: string): Promise<Replayed> {
  const host = new ReplayHost();
  const module = await DeviceModule.load(source, host);
  const done: Replayed = { calls: 0, octets: 0, openMs: 0, commandMs: [] };
  for (const text of scenario.split('\n')) {
    if (text === '') continue;
    const line = JSON.parse(text) as Line;
    host.random_ = octetsOf(line.random);
    host.writes = [];
    const begin = performance.now();
    const reply = run(module, line);
    const took = performance.now() - begin;
    done.calls += 1;
    done.octets += reply.length;
    if (line.call === 'open') done.openMs = Math.max(done.openMs, took);
    if (line.call === 'command') done.commandMs.push(took);
    const differs = (what: string, ours: string, native: string): Error =>
      new Error(`call ${done.calls} (${line.call}): ${what} differs from the native run\n  ${ours.slice(0, 400)}\n  ${native.slice(0, 400)}`);
    if (hexOf(reply) !== line.reply) throw differs('the reply', hexOf(reply), line.reply);
    if (JSON.stringify(host.writes) !== JSON.stringify(line.writes)) {
      throw differs('what is written', JSON.stringify(host.writes), JSON.stringify(line.writes));
    }
    if (host.random_.length !== 0) throw differs('the number of random octets', '', '');
  }
  if (done.calls < 40) throw new Error(`the scenario has ${done.calls} calls only`);
  return done;
}

// digestSpeed is SM3 in MB/s over size octets.
export async function digestSpeed(source: WebAssembly.Module, size: number): Promise<number> {
  const module = await DeviceModule.load(source, new ReplayHost());
  const data = new Uint8Array(size);
  const begin = performance.now();
  module.digest([data]);
  return size / 1000 / (performance.now() - begin);
}
