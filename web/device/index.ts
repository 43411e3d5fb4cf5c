// web/device/index.ts: the mobile signature device in this browser, for the pages of this origin. It runs in a
// worker of its own; its key is half of one, kept in this browser only, and it signs only what it parsed itself.
//
//   const opened = await Device.open({ name: 'Chrome on Android', onProgress: (percent) => … });
//   if (opened.condition !== 'ready') …            // 'lost', 'busy', 'unsupported': say why (see Condition)
//   const device = opened.device;
//   let step = await device.enrol(code);           // from the notice
//   // step.kind: 'choosePin'  → pad twice: device.pinDigit('first', 4) …; device.pinDigit('second', 4) …
//   //                           step = await device.choosePin()
//   //            'confirm'    → show step.display; for a document: bytes = await device.displayedData(display)
//   //                           give bytes.slice() to pdf.js; pad: device.pinDigit('first', …)
//   //                           step = await device.confirm(step.display, await pdf.getData())
//   //                           a display of kind 'certificateRequest' is confirmed with null
//   //            'idle'       → nothing waits; ask again later with step = await device.poll()
//   //            'finished'   → step.outcome: 'certificate_installed', 'signed', 'cancelled', 'unlocked'
//   //            'refused'    → step.refusal: an id of docs/errors.md; step.retryAt and
//   //                           step.triesLeft with 'cosign.pin_delayed'
//   // A wrong PIN gives 'confirm' again, with display.triesLeft. The certificate request that follows choosePin at once
//   // takes the PIN just chosen where none is typed; 'malformed' where that is not there any more: ask for it.
//   // 'device.outdated', refused or thrown: this page is older than the server; load it again.
//
// The worker carries the device's messages itself (POST /device/v1/register, service, key-centre of this origin), and
// its state is on disk before any message leaves. A failure is thrown as DeviceFailure; after 'offline', 'timeout' or
// 'unavailable' call poll() later (enrol(code) while enrolling): the device finds its place by itself. Calls are
// answered in order. Digits of the PIN go to the worker one by one and into the memory of the WebAssembly module: do
// not gather them, and use no <input> for them.
//
// Content security policy of the page and of the worker: script-src 'self' 'wasm-unsafe-eval'; worker-src 'self';
// connect-src 'self'. GET /pins.json of this origin gives the keys of the installation's servers (Pins, pins.ts); a
// registration that answers with other keys is refused ('untrusted').
import { DeviceFailure } from './failure';
import type {
  Call,
  Condition,
  Display,
  Information,
  LostReason,
  OpenAnswer,
  PinEntry,
  Report,
  Step,
} from './types';

export { DeviceFailure } from './failure';
export type { Condition, Display, Information, LostReason, Outcome, PinEntry, Stage, Step } from './types';

export interface OpenOptions {
  // name is what the platform's people see of this device, 0 to 64 octets of UTF-8.
  name: string;
  // onProgress is told 0 to 100 while the PIN is stretched: half a second on a computer, a few on a phone.
  onProgress?: (percent: number) => void;
  // onSuperseded is called when another tab has taken the device over: open it again to go on here.
  onSuperseded?: () => void;
}

export type Opened =
  | { condition: 'ready'; device: Device; information: Information }
  | { condition: Exclude<Condition, 'ready'>; reason: LostReason | string };

// The mark outlives an IndexedDB that was cleared alone; a browser that evicts an origin clears both.
const markKey = 'heqi.device';

export class Device {
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (failure: Error) => void }>();
  private last = 0;

  private constructor(
    private readonly worker: Worker,
    private readonly options: OpenOptions,
  ) {
    worker.onmessage = (event: MessageEvent<Report>) => this.take(event.data);
    worker.onerror = () => this.end(new DeviceFailure('device.crashed', 'the worker of the device has ended'));
    worker.onmessageerror = () => this.end(new DeviceFailure('device.crashed', 'a message was not readable'));
  }

  // open starts the worker and reads the device of this browser, or begins an empty one. It fails only where the
  // module or /pins.json cannot be loaded (DeviceFailure 'offline').
  static async open(options: OpenOptions): Promise<Opened> {
    if (!isSupported()) return { condition: 'unsupported', reason: 'WebAssembly, WebCrypto or IndexedDB is missing' };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'heqi-device' });
    const device = new Device(worker, options);
    try {
      const answer = await device.ask<OpenAnswer>({ method: 'open', name: options.name, marked: isMarked() });
      if (answer.condition === 'ready') {
        if (answer.information.stage !== 'empty') setMark(true);
        return { condition: 'ready', device, information: answer.information };
      }
      device.close();
      return answer;
    } catch (failure) {
      device.close();
      throw failure;
    }
  }

  // discard erases what is left of a device that is lost or retired, so that a new one can be enrolled.
  static async discard(): Promise<void> {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'heqi-device' });
    const device = new Device(worker, { name: '' });
    try {
      await device.ask<null>({ method: 'discard' });
      setMark(false);
    } finally {
      device.close();
    }
  }

  information(): Promise<Information> {
    return this.ask({ method: 'information' });
  }

  // enrol starts an enrolment with the code of a notice; also again where its answer was lost. Asks the browser to
  // keep this origin's storage (navigator.storage.persist).
  async enrol(code: string): Promise<Step> {
    await this.ask({ method: 'prepare' });
    setMark(true);
    await navigator.storage?.persist?.().catch(() => false);
    return this.ask({ method: 'enrol', code });
  }

  // poll asks whether something waits; unfinished business of an earlier visit goes first.
  poll(): Promise<Step> {
    return this.ask({ method: 'poll' });
  }

  // pinDigit adds one digit, 0 to 9, to an entry; the second entry is for choosing a PIN, typed twice. 6 to 32 digits.
  pinDigit(entry: PinEntry, digit: number): void {
    void this.ask({ method: 'pinDigit', entry, digit }).catch(() => undefined);
  }
  // pinErase takes the last digit back, pinClear all digits of both entries.
  pinErase(entry: PinEntry): void {
    void this.ask({ method: 'pinErase', entry }).catch(() => undefined);
  }
  pinClear(): void {
    void this.ask({ method: 'pinClear' }).catch(() => undefined);
  }

  // choosePin makes the key under the PIN typed twice; takes both entries. DeviceFailure 'device.pin_differs' where
  // they are not equal, 'malformed' where they are not 6 to 32 digits.
  choosePin(): Promise<Step> {
    return this.ask({ method: 'choosePin' });
  }

  // displayedData is a copy of the document on display, for a viewer: of a PDF the whole file as it will be, with
  // zeros in the place of the signature.
  displayedData(display: Display): Promise<Uint8Array> {
    return this.ask({ method: 'displayedData', transactionId: display.transactionId });
  }

  // confirm signs what is displayed with the PIN of the first entry, and takes it. shown are the octets that the
  // viewer shows, as the viewer has them: the worker hashes them and refuses others ('device.display_differs').
  confirm(display: Display, shown: Uint8Array | null): Promise<Step> {
    const { transactionId, digest } = display;
    return this.ask({ method: 'confirm', transactionId, digest, shown });
  }

  // cancel declines what is displayed; the service is told.
  cancel(display: Display): Promise<Step> {
    return this.ask({ method: 'cancel', transactionId: display.transactionId });
  }

  // retire erases the device for ever; Device.discard then lets a new one begin.
  async retire(): Promise<Information> {
    const information = await this.ask<Information>({ method: 'retire' });
    setMark(false);
    return information;
  }

  // close ends the worker; nothing is lost. Another tab may then open the device.
  close(): void {
    this.end(new DeviceFailure('device.closed', 'the device was closed'));
    this.worker.terminate();
  }

  private ask<T>(call: Call): Promise<T> {
    const id = ++this.last;
    return new Promise<T>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.worker.postMessage({ id, call });
    });
  }

  private take(report: Report): void {
    if (report.type === 'progress') return this.options.onProgress?.(report.percent);
    if (report.type === 'superseded') return this.options.onSuperseded?.();
    const waiting = this.waiting.get(report.id);
    if (!waiting) return;
    this.waiting.delete(report.id);
    if (report.type === 'done') waiting.resolve(report.value);
    else waiting.reject(new DeviceFailure(report.failure, report.detail));
  }

  private end(failure: DeviceFailure): void {
    for (const { reject } of this.waiting.values()) reject(failure);
    this.waiting.clear();
  }
}

function isSupported(): boolean {
  return (
    typeof WebAssembly === 'object' && typeof indexedDB === 'object' && typeof crypto?.subtle === 'object' && typeof Worker === 'function'
  );
}

function isMarked(): boolean {
  try {
    return localStorage.getItem(markKey) !== null;
  } catch {
    return false;
  }
}

function setMark(there: boolean): void {
  try {
    if (there) localStorage.setItem(markKey, '1');
    else localStorage.removeItem(markKey);
  } catch {
    // Storage is switched off: IndexedDB will say so too.
  }
}
