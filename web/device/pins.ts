// pins.ts: the keys of this installation's servers, as the signing origin serves them at /pins.json. The file is one
// of the published bundle: its octets go into the bundle's hash like every other file's.
//
//   {"version": 1, "key_centre_key": HEX, "key_centre_sealing_key": HEX, "service_key": HEX}
//
// HEX is an SM2 point, uncompressed, 65 octets, in lower case.
import { DeviceFailure } from './failure';

// Pins are the three keys in the order of the module's expected peers.
export interface Pins {
  serviceKey: Uint8Array;
  keyCentreKey: Uint8Array;
  keyCentreSealingKey: Uint8Array;
}

export function parsePins(value: unknown): Pins {
  if (typeof value !== 'object' || value === null) throw new DeviceFailure('malformed', 'pins.json: no object');
  const fields = value as Record<string, unknown>;
  if (fields['version'] !== 1) throw new DeviceFailure('unsupported', 'pins.json: another version');
  return {
    serviceKey: point(fields, 'service_key'),
    keyCentreKey: point(fields, 'key_centre_key'),
    keyCentreSealingKey: point(fields, 'key_centre_sealing_key'),
  };
}

function point(fields: Record<string, unknown>, name: string): Uint8Array {
  const hex = fields[name];
  if (typeof hex !== 'string' || !/^04[0-9a-f]{128}$/.test(hex)) {
    throw new DeviceFailure('malformed', `pins.json: ${name} is no SM2 point`);
  }
  return Uint8Array.from({ length: 65 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
