// types.ts: what page and worker say to each other.

// Stage is the life of a device: register, activate, use, retire (GB/T 38646 §9.3 a).
export type Stage = 'empty' | 'initialised' | 'registered' | 'keyed' | 'enrolled' | 'stopped' | 'retired';

// Condition is what open found. 'lost': a device was here and cannot be used any more; the person enrols anew with a
// fresh code, after Device.discard. 'busy': another tab of this browser has it open.
export type Condition = 'ready' | 'lost' | 'busy' | 'unsupported';

// LostReason: 'evicted' (the browser or the person cleared the storage), 'key_missing' (the browser's key that wraps
// the device's is gone), 'damaged' (state and key do not belong together).
export type LostReason = 'evicted' | 'key_missing' | 'damaged';

export interface Information {
  stage: Stage;
  appId: string;
  platformId: string;
  keyId: string; // hexadecimal; empty before keyed
  certificate: Uint8Array; // DER; empty before enrolled
  waitingTransaction: string; // displayed and not decided
  stopReason: string; // an id of docs/errors.md where stopped
}

// DisplayKind 'seal': what is signed with a seal for an application; its title names document, time and seal.
export type DisplayKind = 'document' | 'certificateRequest' | 'seal';

// Display is what the person is to see before the PIN, made by the device from the data itself.
export interface Display {
  kind: DisplayKind;
  transactionId: string;
  title: string;
  size: number; // octets that are signed
  digest: Uint8Array; // SM3 of them (of the public key for a request)
  code: string; // four digits that the sender sees too
  application: string; // from the application's certificate
  contentType: string; // found in the data: 'application/pdf', 'application/octet-stream'
  expires: Date | null;
  triesLeft: number | null; // after a wrong PIN
}

// 'unlocked': the device had stopped after too many wrong PINs, and its lock was released; poll again.
export type Outcome = 'certificate_installed' | 'signed' | 'cancelled' | 'unlocked';

export type Step =
  | { kind: 'choosePin' }
  | { kind: 'confirm'; display: Display }
  | { kind: 'idle' }
  | { kind: 'finished'; outcome: Outcome }
  // triesLeft: wrong PINs that are borne after retryAt.
  | { kind: 'refused'; refusal: string; retryAt: Date | null; triesLeft: number | null };

export type PinEntry = 'first' | 'second';

export type OpenAnswer =
  | { condition: 'ready'; information: Information }
  | { condition: 'lost'; reason: LostReason }
  | { condition: 'busy'; reason: string };

export type Call =
  | { method: 'open'; name: string; marked: boolean }
  | { method: 'discard' | 'information' | 'prepare' | 'poll' | 'pinClear' | 'choosePin' | 'retire' }
  | { method: 'enrol'; code: string }
  | { method: 'pinDigit'; entry: PinEntry; digit: number }
  | { method: 'pinErase'; entry: PinEntry }
  | { method: 'displayedData' | 'cancel'; transactionId: string }
  | { method: 'confirm'; transactionId: string; digest: Uint8Array; shown: Uint8Array | null };

export interface Asked {
  id: number;
  call: Call;
}

export type Report =
  | { type: 'done'; id: number; value: unknown }
  | { type: 'failed'; id: number; failure: string; detail: string }
  | { type: 'progress'; percent: number }
  | { type: 'superseded' };
