// session.ts: one open device in its worker: module, files and messages, in the order that the channel's counters
// need: a command is run, what it wrote is stored durably, and only then its message leaves or its step is shown.
import { fillGap, findGap, signedParts, type Gap } from './byte_range';
import { carry } from './carrier';
import { encodeCommand, parseReply, type CommandName, type CommandParts, type Reply } from './commands';
import { DeviceFailure } from './failure';
import { DeviceModule } from './module';
import type { Pins } from './pins';
import { DeviceStorage } from './storage';
import type { Information, LostReason, Step } from './types';

export interface SessionParts {
  module: WebAssembly.Module;
  pins: Pins;
  name: string;
  onProgress: (percent: number) => void;
}

export const pinRounds = 600_000; // docs/limits.md

export class Session {
  private shown: { transactionId: string; gap: Gap | null } | null = null;

  private constructor(
    private readonly storage: DeviceStorage,
    readonly module: DeviceModule,
  ) {}

  static async open(parts: SessionParts, marked: boolean): Promise<Session | LostReason> {
    const storage = await DeviceStorage.load(marked);
    if (typeof storage === 'string') return storage;
    const module = await DeviceModule.load(parts.module, hostOf(storage, parts.onProgress));
    const reply = module.open(parts.name, parts.pins, pinRounds);
    const session = new Session(storage, module);
    try {
      await storage.commit(); // what a crash during retire left to be done
      storage.forgetKeys();
      parseReply(reply);
      return session;
    } catch (failure) {
      storage.close();
      if (failure instanceof DeviceFailure && isDamage(failure.id)) return 'damaged';
      throw failure;
    }
  }

  close(): void {
    this.storage.close();
  }

  async information(): Promise<Information> {
    const reply = await this.run('information');
    if (reply.type !== 'information') throw new DeviceFailure('malformed', 'reply: no information');
    return reply.information;
  }

  // prepare makes the device's own keys, where there are none yet.
  async prepare(): Promise<void> {
    if ((await this.information()).stage === 'empty') await this.run('initialise');
  }

  async retire(): Promise<Information> {
    await this.run('retire');
    return this.information();
  }

  // act runs a command and carries messages until the device wants something of the person.
  async act(name: CommandName, parts: CommandParts = {}): Promise<Step> {
    let reply = await this.run(name, parts);
    for (;;) {
      if (reply.type !== 'step') throw new DeviceFailure('malformed', 'reply: no step');
      if (reply.step.kind !== 'send') return reply.step;
      const { destination, message } = reply.step;
      reply = await this.run('deliver', { message: await carry(destination, message) });
    }
  }

  async displayedData(transactionId: string): Promise<Uint8Array> {
    const reply = await this.run('data', { text: transactionId });
    if (reply.type !== 'data') throw new DeviceFailure('malformed', 'reply: no data');
    const gap = findGap(reply.data);
    this.shown = { transactionId, gap };
    return fillGap(reply.data, gap);
  }

  // confirm hashes what the viewer shows; the device refuses a digest that is not that of its own data.
  async confirm(transactionId: string, digest: Uint8Array, shown: Uint8Array | null): Promise<Step> {
    if (shown) this.checkShown(transactionId, digest, shown);
    else if (transactionId !== 'certificate-request') throw differs('a document is confirmed with what was shown');
    return this.act('confirm', { text: transactionId, digest });
  }

  private checkShown(transactionId: string, digest: Uint8Array, shown: Uint8Array): void {
    if (this.shown?.transactionId !== transactionId) throw differs('the document was not displayed');
    const seen = this.module.digest(signedParts(shown, this.shown.gap));
    if (digest.length !== seen.length || !seen.every((octet, i) => octet === digest[i])) {
      throw differs('the viewer shows other octets');
    }
  }

  private async run(name: CommandName, parts: CommandParts = {}): Promise<Reply> {
    const reply = this.module.run(encodeCommand(name, parts));
    try {
      await this.storage.commit();
    } finally {
      this.storage.forgetKeys();
    }
    return parseReply(reply);
  }
}

function hostOf(storage: DeviceStorage, onProgress: (percent: number) => void) {
  return {
    random: (out: Uint8Array) => {
      const drawn = crypto.getRandomValues(new Uint8Array(out.length));
      out.set(drawn);
      drawn.fill(0);
    },
    now: () => Date.now() * 1000,
    steady: () => Math.floor(performance.now() * 1000),
    read: (store: number, name: string) => storage.read(store, name),
    write: (store: number, name: string, content: Uint8Array) => storage.write(store, name, content),
    remove: (store: number, name: string) => storage.remove(store, name),
    progress: onProgress,
  };
}

// isDamage tells that state and wrap key do not belong together, or are not whole.
function isDamage(id: string): boolean {
  return ['storage', 'invalid_signature', 'malformed', 'unsupported', 'limit_exceeded'].includes(id);
}

function differs(detail: string): DeviceFailure {
  return new DeviceFailure('device.display_differs', detail);
}
