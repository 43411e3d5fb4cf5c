// module.ts: the device's WebAssembly module and its imports (src/program/heqi_device_wasm). Runs in a worker and,
// for tests, under node.
import { DeviceFailure } from './failure';
import type { Pins } from './pins';
import type { PinEntry } from './types';

// Host is what the module asks for. Files are read and written in memory; whoever owns the host stores them before it
// acts on a reply.
export interface Host {
  random(out: Uint8Array): void;
  now(): number; // microseconds since 1970
  steady(): number; // microseconds
  read(store: number, name: string): Uint8Array | null;
  write(store: number, name: string, content: Uint8Array): void;
  remove(store: number, name: string): void;
  progress(percent: number): void;
}

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  allocate(size: number): number;
  release(at: number, size: number): void;
  open(options: number): void;
  command(at: number, size: number): void;
  reply(): number;
  reply_size(): number;
  forget_reply(): void;
  pin_digit(entry: number, digit: number): number;
  pin_erase(entry: number): void;
  pin_clear(): void;
  pins_equal(): number;
  digest_start(): void;
  digest_update(at: number, size: number): void;
  digest_finish(out: number): void;
}

const chunkSize = 1 << 20;

export class DeviceModule {
  private constructor(private readonly exports: Exports) {}

  static async load(source: WebAssembly.Module, host: Host): Promise<DeviceModule> {
    const memory = (): Uint8Array => new Uint8Array(exports.memory.buffer);
    const imports = { heqi: hostImports(host, memory), ...systemImports() };
    const instance = await WebAssembly.instantiate(source, imports);
    const exports = instance.exports as unknown as Exports;
    exports._initialize();
    return new DeviceModule(exports);
  }

  // open reads the device's files, or begins an empty device. The answer is a reply in DER.
  open(name: string, pins: Pins | null, pinRounds: number): Uint8Array {
    const nameOctets = new TextEncoder().encode(name);
    const keys = pins ? [pins.serviceKey, pins.keyCentreKey, pins.keyCentreSealingKey] : [];
    const keyOctets = Uint8Array.from(keys.flatMap((key) => [...key]));
    return this.withOctets(nameOctets, (nameAt) =>
      this.withOctets(keyOctets, (keysAt) => {
        const options = Uint32Array.of(nameAt, nameOctets.length, keysAt, keyOctets.length, pinRounds);
        return this.withOctets(new Uint8Array(options.buffer), (at) => this.replyOf(() => this.exports.open(at)));
      }),
    );
  }

  // run runs one command (commands.ts) and gives its reply in DER.
  run(command: Uint8Array): Uint8Array {
    return this.withOctets(command, (at) => this.replyOf(() => this.exports.command(at, command.length)));
  }

  // pinDigit fails with 'malformed' where the entry is full.
  pinDigit(entry: PinEntry, digit: number): void {
    if (this.exports.pin_digit(entryNumber(entry), digit) !== 0) throw new DeviceFailure('malformed', 'PIN: no room');
  }
  pinErase(entry: PinEntry): void {
    this.exports.pin_erase(entryNumber(entry));
  }
  pinClear(): void {
    this.exports.pin_clear();
  }
  pinsEqual(): boolean {
    return this.exports.pins_equal() === 1;
  }

  // digest is SM3 of the parts, one after the other.
  digest(parts: Uint8Array[]): Uint8Array {
    this.exports.digest_start();
    for (const part of parts) {
      for (let at = 0; at < part.length; at += chunkSize) {
        const chunk = part.subarray(at, at + chunkSize);
        this.withOctets(chunk, (place) => this.exports.digest_update(place, chunk.length));
      }
    }
    return this.withOctets(new Uint8Array(32), (place) => {
      this.exports.digest_finish(place);
      return this.copy(place, 32);
    });
  }

  private replyOf(call: () => void): Uint8Array {
    call();
    const reply = this.copy(this.exports.reply(), this.exports.reply_size());
    this.exports.forget_reply();
    return reply;
  }

  private copy(at: number, size: number): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer).slice(at, at + size);
  }

  private withOctets<T>(octets: Uint8Array, use: (at: number) => T): T {
    const at = this.exports.allocate(octets.length);
    new Uint8Array(this.exports.memory.buffer).set(octets, at);
    const result = use(at); // a trap ends the worker: nothing to give back then
    this.exports.release(at, octets.length);
    return result;
  }
}

function entryNumber(entry: PinEntry): number {
  return entry === 'first' ? 0 : 1;
}

function hostImports(host: Host, memory: () => Uint8Array): Record<string, WebAssembly.ImportValue> {
  const text = (at: number, size: number): string => new TextDecoder().decode(memory().slice(at, at + size));
  const guarded = (call: () => void): number => {
    try {
      call();
      return 0;
    } catch {
      return 1;
    }
  };
  return {
    random: (at: number, size: number) => guarded(() => host.random(memory().subarray(at, at + size))),
    now: () => host.now(),
    steady: () => host.steady(),
    read: (store: number, nameAt: number, nameSize: number, out: number, room: number) => {
      let content: Uint8Array | null;
      try {
        content = host.read(store, text(nameAt, nameSize));
      } catch {
        return -2;
      }
      if (!content) return -1;
      if (room >= content.length) memory().set(content, out);
      return content.length;
    },
    write: (store: number, nameAt: number, nameSize: number, at: number, size: number) =>
      guarded(() => host.write(store, text(nameAt, nameSize), memory().slice(at, at + size))),
    remove: (store: number, nameAt: number, nameSize: number) =>
      guarded(() => host.remove(store, text(nameAt, nameSize))),
    progress: (percent: number) => host.progress(percent),
  };
}

// systemImports are what the C library asks for. The module has no system: it writes nowhere, and where it would end a
// program it stops (a broken promise of its own, HEQI_CHECK).
function systemImports(): WebAssembly.Imports {
  const noSuchFile = (): number => 8; // EBADF of WASI
  const stop = (): never => {
    throw new WebAssembly.RuntimeError('the device module has stopped itself');
  };
  return {
    wasi_snapshot_preview1: { proc_exit: stop, fd_close: noSuchFile, fd_write: noSuchFile, fd_seek: noSuchFile },
    env: { emscripten_notify_memory_growth: () => undefined },
  };
}
