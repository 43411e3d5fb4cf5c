// commands.ts: commands to the device and its replies, in DER (heqi/device/commands.h; docs/asn1/heqi.asn1).
import { DerReader, DerWriter } from './der';
import { DeviceFailure } from './failure';
import type { Display, DisplayKind, Information, Outcome, Stage, Step } from './types';

const commandNumbers = {
  information: 1,
  initialise: 2,
  enrol: 3,
  choosePin: 4,
  poll: 5,
  deliver: 6,
  confirm: 7,
  cancel: 8,
  data: 9,
  retire: 10,
} as const;
export type CommandName = keyof typeof commandNumbers;

const stages: Stage[] = ['empty', 'initialised', 'registered', 'keyed', 'enrolled', 'stopped', 'retired'];
export type Destination = 'registration' | 'service' | 'keyCentre';
const destinations: Destination[] = ['registration', 'service', 'keyCentre'];
const outcomes: Outcome[] = ['certificate_installed', 'signed', 'cancelled', 'unlocked'];

export interface CommandParts {
  text?: string;
  digest?: Uint8Array;
  message?: Uint8Array;
}

// encodeCommand leaves the PIN empty: its digits are in the module already.
export function encodeCommand(name: CommandName, parts: CommandParts = {}): Uint8Array {
  return new DerWriter()
    .sequence((w) =>
      w
        .integer(1)
        .enumerated(commandNumbers[name])
        .utf8(parts.text ?? '')
        .octets(parts.digest ?? new Uint8Array(32))
        .octets(parts.message ?? new Uint8Array())
        .octets(new Uint8Array()),
    )
    .bytes();
}

// ModuleStep is a step as the module gives it: the worker carries messages and hands the rest to the page.
export type ModuleStep = Step | { kind: 'send'; destination: Destination; message: Uint8Array };

export type Reply =
  | { type: 'information'; information: Information }
  | { type: 'step'; step: ModuleStep }
  | { type: 'data'; data: Uint8Array };

// parseReply copies what it takes; a Failure in the reply is thrown as DeviceFailure.
export function parseReply(der: Uint8Array): Reply {
  const outer = new DerReader(der);
  const reader = outer.sequence();
  outer.finish();
  if (reader.integer() !== 1) throw new DeviceFailure('unsupported', 'reply: another version');
  const failure = reader.optional(0);
  if (failure) throw readFailure(failure.sequence());
  const information = reader.optional(1);
  if (information) return { type: 'information', information: readInformation(information) };
  const step = reader.optional(2);
  if (step) return { type: 'step', step: readStep(step) };
  const data = reader.optional(3);
  if (data) return { type: 'data', data: data.octets().slice() };
  throw new DeviceFailure('malformed', 'reply: without content');
}

function readFailure(reader: DerReader): DeviceFailure {
  reader.integer(); // version
  const id = reader.utf8();
  return new DeviceFailure(id, reader.utf8());
}

function readInformation(reader: DerReader): Information {
  return {
    stage: pick(stages, reader.enumerated()),
    appId: reader.utf8(),
    platformId: reader.utf8(),
    keyId: reader.utf8(),
    certificate: reader.octets().slice(),
    waitingTransaction: reader.utf8(),
    stopReason: reader.utf8(),
  };
}

function readStep(reader: DerReader): ModuleStep {
  const kind = reader.enumerated();
  const destination = pick(destinations, reader.enumerated() - 1);
  const message = reader.octets();
  const outcome = reader.utf8();
  const refusal = reader.utf8();
  const retryAt = readTime(reader.optional(0));
  const display = reader.optional(1);
  const triesLeft = reader.optional(2)?.integer() ?? null;
  switch (kind) {
    case 1:
      return { kind: 'send', destination, message: message.slice() };
    case 2:
      return { kind: 'choosePin' };
    case 3:
      if (!display) break;
      return { kind: 'confirm', display: readDisplay(display.sequence()) };
    case 4:
      return { kind: 'idle' };
    case 5:
      return { kind: 'finished', outcome: pick(outcomes, outcomes.indexOf(outcome as Outcome)) };
    case 6:
      return { kind: 'refused', refusal, retryAt, triesLeft };
  }
  throw new DeviceFailure('malformed', 'reply: an unknown step');
}

function readDisplay(reader: DerReader): Display {
  return {
    kind: readDisplayKind(reader.enumerated()),
    transactionId: reader.utf8(),
    title: reader.utf8(),
    size: reader.integer(),
    digest: reader.octets().slice(),
    code: reader.utf8(),
    application: reader.utf8(),
    contentType: reader.utf8(),
    expires: readTime(reader.optional(0)),
    triesLeft: reader.optional(1)?.integer() ?? null,
  };
}

// readDisplayKind: the other kinds are of devices with more commands.
function readDisplayKind(number: number): DisplayKind {
  const kind = new Map<number, DisplayKind>([[1, 'document'], [2, 'certificateRequest'], [8, 'seal']]).get(number);
  if (kind === undefined) throw new DeviceFailure('malformed', 'reply: an unknown number');
  return kind;
}

function readTime(reader: DerReader | null): Date | null {
  return reader ? new Date(reader.integer() / 1000) : null;
}

function pick<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new DeviceFailure('malformed', 'reply: an unknown number');
  return value;
}
