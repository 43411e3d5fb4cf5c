// der.ts: the little DER that commands and replies need (X.690; docs/asn1/heqi.asn1). Strict: what the device's own
// module writes is read, anything else is refused.
import { DeviceFailure } from './failure';

const tags = { boolean: 0x01, integer: 0x02, octets: 0x04, utf8: 0x0c, enumerated: 0x0a, sequence: 0x30 };

// DerWriter appends values; bytes() is what was written.
export class DerWriter {
  private readonly parts: Uint8Array[] = [];

  integer(value: number): this {
    return this.put(tags.integer, smallInteger(value));
  }
  enumerated(value: number): this {
    return this.put(tags.enumerated, smallInteger(value));
  }
  utf8(text: string): this {
    return this.put(tags.utf8, new TextEncoder().encode(text));
  }
  octets(content: Uint8Array): this {
    return this.put(tags.octets, content);
  }
  sequence(write: (inner: DerWriter) => void): this {
    const inner = new DerWriter();
    write(inner);
    return this.put(tags.sequence, inner.bytes());
  }
  bytes(): Uint8Array {
    const out = new Uint8Array(this.parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  private put(tag: number, content: Uint8Array): this {
    this.parts.push(Uint8Array.from([tag, ...lengthOctets(content.length)]), content);
    return this;
  }
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
  return [0x80 + octets.length, ...octets];
}

function smallInteger(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 127) throw new RangeError('der: not 0 to 127');
  return Uint8Array.of(value);
}

// DerReader reads values in order; every read throws DeviceFailure 'malformed' where something else stands there.
export class DerReader {
  private at = 0;

  constructor(private readonly octetsRead: Uint8Array) {}

  sequence(): DerReader {
    return new DerReader(this.value(tags.sequence));
  }
  // optional reads what [number] EXPLICIT holds, or null where it is absent.
  optional(number: number): DerReader | null {
    if (this.octetsRead[this.at] !== 0xa0 + number) return null;
    return new DerReader(this.value(0xa0 + number));
  }
  octets(): Uint8Array {
    return this.value(tags.octets);
  }
  utf8(): string {
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(this.value(tags.utf8));
    } catch {
      throw malformed('a text that is not UTF-8');
    }
  }
  enumerated(): number {
    return integerOf(this.value(tags.enumerated));
  }
  // integer is at most 2^53 − 1.
  integer(): number {
    return integerOf(this.value(tags.integer));
  }
  atEnd(): boolean {
    return this.at === this.octetsRead.length;
  }
  finish(): void {
    if (!this.atEnd()) throw malformed('something after the end');
  }

  private next(): number {
    const octet = this.octetsRead[this.at++];
    if (octet === undefined) throw malformed('the end before its time');
    return octet;
  }
  private value(tag: number): Uint8Array {
    if (this.next() !== tag) throw malformed(`another tag than ${tag}`);
    let length = this.next();
    if (length >= 0x80) {
      const count = length - 0x80;
      if (count < 1 || count > 4) throw malformed('a length of no or many octets');
      length = 0;
      for (let i = 0; i < count; ++i) length = length * 256 + this.next();
      if (lengthOctets(length).length !== count + 1) throw malformed('a length that is not the shortest');
    }
    if (length > this.octetsRead.length - this.at) throw malformed('a length beyond the end');
    this.at += length;
    return this.octetsRead.subarray(this.at - length, this.at);
  }
}

function integerOf(content: Uint8Array): number {
  if (content.length === 0 || content.length > 8 || (content[0] ?? 0) >= 0x80) throw malformed('a number out of range');
  let value = 0;
  for (const octet of content) value = value * 256 + octet;
  if (!Number.isSafeInteger(value)) throw malformed('a number out of range');
  return value;
}

function malformed(why: string): DeviceFailure {
  return new DeviceFailure('malformed', `reply: ${why}`);
}
