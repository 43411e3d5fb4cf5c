// byte_range.ts: a PDF is signed over all its octets but the place of the signature itself (/Contents; ISO 32000-2
// §12.8.1). The device gets the signed octets; a viewer needs the file, with the place filled in.
import { DeviceFailure } from './failure';

// Gap is the place of the signature in the file: [begin, end).
export interface Gap {
  begin: number;
  end: number;
}

const gapSizeMax = 2 * 1024 * 1024;
const name = Uint8Array.from('/ByteRange', (c) => c.charCodeAt(0));
const pattern = /^\/ByteRange ?\[ *0 +(\d{1,12}) +(\d{1,12}) +(\d{1,12}) *\]( \/Contents )?/;
const patternSizeMax = 128;

// findGap finds the gap that the signed octets themselves tell; null where they tell none, as of a file that is signed
// whole. Fails with 'device.display_differs' where they tell several, or one that is elsewhere: then one file could be
// shown and another one made of the same signature.
export function findGap(data: Uint8Array): Gap | null {
  let found: Gap | null = null;
  for (let at = indexOf(data, 0); at >= 0; at = indexOf(data, at + 1)) {
    const text = String.fromCharCode(...data.subarray(at, at + patternSizeMax));
    const match = pattern.exec(text);
    if (!match) continue;
    const [begin, end, size] = [Number(match[1]), Number(match[2]), Number(match[3])];
    if (begin + size !== data.length) continue; // of an earlier signature
    const here = match[4] !== undefined && at + match[0].length === begin;
    if (found || !here || end < begin + 2 || end - begin > gapSizeMax) {
      throw new DeviceFailure('device.display_differs', 'the place of the signature is not where it should be');
    }
    found = { begin, end };
  }
  return found;
}

function indexOf(data: Uint8Array, from: number): number {
  for (let at = data.indexOf(0x2f, from); at >= 0; at = data.indexOf(0x2f, at + 1)) {
    if (name.every((octet, i) => data[at + i] === octet)) return at;
  }
  return -1;
}

// fillGap is the file as a viewer gets it.
export function fillGap(data: Uint8Array, gap: Gap | null): Uint8Array {
  if (!gap) return data;
  const file = new Uint8Array(data.length + gap.end - gap.begin);
  file.set(data.subarray(0, gap.begin));
  file.fill(0x30, gap.begin, gap.end); // "0"
  file[gap.begin] = 0x3c; // "<"
  file[gap.end - 1] = 0x3e; // ">"
  file.set(data.subarray(gap.begin), gap.end);
  return file;
}

// signedParts are the octets of a shown file that are signed. Fails with 'device.display_differs' where the gap holds
// anything but zeros.
export function signedParts(file: Uint8Array, gap: Gap | null): Uint8Array[] {
  if (!gap) return [file];
  const filled = file.subarray(gap.begin, gap.end);
  const zeros = filled.every((octet, i) => octet === (i === 0 ? 0x3c : i === filled.length - 1 ? 0x3e : 0x30));
  if (filled.length !== gap.end - gap.begin || !zeros) {
    throw new DeviceFailure('device.display_differs', 'something stands in the place of the signature');
  }
  return [file.subarray(0, gap.begin), file.subarray(gap.end)];
}
