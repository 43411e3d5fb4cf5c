// codec_test.mjs WASM: the small parts of web/device under node: the module's interface, DER, ByteRange, pins.
import assert from 'node:assert/strict';
import test from 'node:test';
import { webcrypto as crypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync } from 'node:zlib';
import { outputOf } from './output.mjs';

const parts = await import(outputOf('node/codec_node.mjs'));
const { DerReader, DerWriter, DeviceFailure, DeviceModule, encodeCommand, parseReply } = parts;
const { fillGap, findGap, signedParts, parsePins, hexOf, octetsOf } = parts;
const wasm = readFileSync(process.argv[2]);
const text = (value) => new TextEncoder().encode(value);
const fails = (id) => (failure) => failure instanceof DeviceFailure && failure.id === id;

const quietHost = {
  random: (out) => crypto.getRandomValues(out),
  now: () => Date.now() * 1000,
  steady: () => 0,
  read: () => null,
  write: () => undefined,
  remove: () => undefined,
  progress: () => undefined,
};

// That this is what is sent, web_signing_journey shows.
test('the module is at most 120 KiB compressed and asks for nothing but its host', () => {
  const size = brotliCompressSync(wasm).length;
  assert.ok(size <= 120 * 1024, `brotli: ${size}`);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(wasm)).map(({ module, name }) => `${module}.${name}`);
  const host = ['random', 'now', 'steady', 'read', 'write', 'remove', 'progress'].map((name) => `heqi.${name}`);
  const library = ['proc_exit', 'fd_close', 'fd_write', 'fd_seek'].map((name) => `wasi_snapshot_preview1.${name}`);
  const allowed = new Set([...host, ...library, 'env.emscripten_notify_memory_growth']);
  assert.deepEqual(imports.filter((name) => !allowed.has(name)), []);
  assert.ok(host.every((name) => imports.includes(name)));
});

test('SM3 of the standard’s examples (GB/T 32905 annex A)', async () => {
  const module = await DeviceModule.load(new WebAssembly.Module(wasm), quietHost);
  assert.equal(hexOf(module.digest([text('abc')])), '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0');
  assert.equal(
    hexOf(module.digest([text('abcd'.repeat(8)), text('abcd'.repeat(8))])),
    'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732',
  );
});

test('a PIN inside a command, a digit that is none and a full entry are refused', async () => {
  const module = await DeviceModule.load(new WebAssembly.Module(wasm), quietHost);
  parseReply(module.open('test', null, 3));
  const command = encodeCommand('choosePin');
  const withPin = Uint8Array.from([...command.slice(0, -2), 4, 6, ...text('123456')]);
  withPin[1] += 6;
  assert.throws(() => parseReply(module.run(withPin)), fails('unsupported'));
  assert.throws(() => module.pinDigit('first', 10), fails('malformed'));
  for (let i = 0; i < 32; ++i) module.pinDigit('first', i % 10);
  assert.throws(() => module.pinDigit('first', 1), fails('malformed'));
});

test('two entries of a PIN are compared in the module', async () => {
  const module = await DeviceModule.load(new WebAssembly.Module(wasm), quietHost);
  const type = (entry, digits) => [...digits].forEach((digit) => module.pinDigit(entry, Number(digit)));
  type('first', '482913');
  type('second', '482914');
  assert.equal(module.pinsEqual(), false);
  module.pinErase('second');
  assert.equal(module.pinsEqual(), false);
  type('second', '3');
  assert.equal(module.pinsEqual(), true);
  module.pinClear();
  type('first', '1');
  assert.equal(module.pinsEqual(), false);
});

test('the digits of a PIN are not left in the memory of the module', async () => {
  const module = await DeviceModule.load(new WebAssembly.Module(wasm), quietHost);
  parseReply(module.open('test', null, 3));
  parseReply(module.run(encodeCommand('initialise')));
  const memory = () => Buffer.from(module.exports.memory.buffer);
  for (const digit of '90817263545362') module.pinDigit('first', Number(digit));
  assert.ok(memory().includes('90817263545362')); // the look finds what is there
  assert.throws(() => parseReply(module.run(encodeCommand('choosePin'))), fails('device.state'));
  assert.equal(memory().includes('90817263545362'), false);
});

test('server keys that are no three points on the curve do not open a device', async () => {
  const module = await DeviceModule.load(new WebAssembly.Module(wasm), quietHost);
  const nonsense = Uint8Array.from({ length: 65 }, (_, i) => (i === 0 ? 4 : 1));
  const pins = { serviceKey: nonsense, keyCentreKey: nonsense, keyCentreSealingKey: nonsense };
  assert.throws(() => parseReply(module.open('test', pins, 3)), DeviceFailure);
  assert.throws(() => parseReply(module.run(encodeCommand('information'))), fails('device.state'));
});

test('DER: what was written is read, and nothing else', () => {
  const long = new Uint8Array(70_000);
  const der = new DerWriter().sequence((w) => w.integer(1).enumerated(9).utf8('合契').octets(long)).bytes();
  const reader = new DerReader(der).sequence();
  assert.deepEqual([reader.integer(), reader.enumerated(), reader.utf8()], [1, 9, '合契']);
  assert.equal(reader.octets().length, long.length);
  reader.finish();
  const refused = ['3081020101', '30', '3003', '0280', '020101ff'].map(octetsOf);
  for (const octets of refused) {
    assert.throws(() => {
      const outer = new DerReader(octets);
      if (octets[0] === 0x30) outer.sequence();
      else outer.integer();
      outer.finish();
    }, fails('malformed'));
  }
  assert.throws(() => new DerReader(octetsOf('0201ff')).integer(), fails('malformed'));
  assert.throws(() => new DerReader(octetsOf('020800ffffffffffffff')).integer(), fails('malformed'));
  assert.throws(() => new DerReader(octetsOf('0c02c328')).utf8(), fails('malformed'));
  assert.throws(() => parseReply(octetsOf('3003020102')), fails('unsupported'));
  assert.throws(() => parseReply(octetsOf('3003020101')), fails('malformed'));
});

test('what is displayed is a document, a request or a seal, and nothing that this page does not know', () => {
  const tlv = (tag, ...parts) => [tag, parts.flat().length, ...parts.flat()];
  const utf8 = (value) => tlv(0x0c, [...text(value)]);
  const confirm = (kind) => {
    const digest = tlv(0x04, Array(32).fill(7));
    const display = tlv(0x30, tlv(0x0a, [kind]), utf8('t'), utf8('合同'), tlv(0x02, [9]), digest, utf8('0042'), utf8('erp'), utf8(''));
    const step = tlv(0xa2, tlv(0x0a, [3]), tlv(0x0a, [1]), tlv(0x04), utf8(''), utf8('internal'), tlv(0xa1, display));
    return parseReply(Uint8Array.from(tlv(0x30, tlv(0x02, [1]), step))).step;
  };
  const shown = [1, 2, 8].map((kind) => confirm(kind).display);
  assert.deepEqual(shown.map(({ kind }) => kind), ['document', 'certificateRequest', 'seal']);
  assert.deepEqual([shown[2].title, shown[2].size, shown[2].code], ['合同', 9, '0042']);
  for (const kind of [0, 3, 4, 5, 6, 7, 9]) assert.throws(() => confirm(kind), fails('malformed'));
});

// file makes a PDF-like file with a signature's gap of zeros, and the octets that are signed.
function signedFile({ gap = 100, claim = {} } = {}) {
  const render = (begin) => {
    const range = [0, claim.begin ?? begin, (claim.begin ?? begin) + (claim.gap ?? gap), claim.rest ?? 30];
    return `%PDF-1.7 body << /Type /Sig /ByteRange [${range.map((n) => String(n).padEnd(11)).join(' ')}] /Contents `;
  };
  const head = render(render(0).length);
  const tail = ' >> and what comes after it...'.padEnd(30, '.');
  const whole = text(`${head}<${'0'.repeat(gap - 2)}>${tail}`);
  return { whole, data: text(head + tail), begin: head.length };
}

test('the place of the signature is found, filled and taken out again', () => {
  const { whole, data, begin } = signedFile();
  const gap = findGap(data);
  assert.deepEqual(gap, { begin, end: begin + 100 });
  assert.deepEqual(fillGap(data, gap), whole);
  assert.deepEqual(Buffer.concat(signedParts(whole, gap)), Buffer.from(data));
  assert.equal(findGap(text('%PDF-1.7 signed whole, /ByteRange [0 1 2 3] of an earlier one')), null);
  assert.deepEqual(fillGap(data, null), data);
});

// shows-part: ECP-CON-6 (what is displayed is what is signed, in the browser)
test('a file that differs from the signed octets anywhere is not hashed as the same', () => {
  const { whole, data, begin } = signedFile();
  const gap = findGap(data);
  const inGap = whole.slice();
  inGap[begin + 10] = 0x31;
  assert.throws(() => signedParts(inGap, gap), fails('device.display_differs'));
  assert.throws(() => signedParts(whole.slice(0, begin + 50), gap), fails('device.display_differs'));
  const outside = whole.slice();
  outside[3] ^= 1;
  assert.notDeepEqual(Buffer.concat(signedParts(outside, gap)), Buffer.from(data));
});

test('two places of the signature, or one that is elsewhere, are refused', () => {
  const { data } = signedFile();
  const elsewhere = signedFile();
  const moved = text(new TextDecoder().decode(elsewhere.data).replace('/Contents ', '/Contentz '));
  assert.throws(() => findGap(moved), fails('device.display_differs'));
  const line = /\/ByteRange \[.*?\]/.exec(new TextDecoder().decode(data))[0];
  const [, begin] = line.match(/\d+/g).map(Number);
  const extra = `${line} `;
  const shifted = extra.replace(/\[.*\]/, `[0 ${begin} ${begin + 100} ${30}]`);
  const twice = new Uint8Array(data.length + shifted.length);
  twice.set(data);
  twice.set(text(shifted.replace(/ 30\]/, ` ${30 + shifted.length}]`)), data.length);
  // Both claims fit the length now: the first one was 30 octets short, so it is lengthened too.
  const both = text(new TextDecoder().decode(twice.slice(0, data.length)).replace(/30 {9}\]/, `${30 + shifted.length}]`.padEnd(12)));
  assert.throws(() => findGap(Uint8Array.from([...both, ...twice.slice(data.length)])), fails('device.display_differs'));
  assert.throws(() => findGap(signedFile({ claim: { gap: 1 } }).data), fails('device.display_differs'));
  assert.throws(() => findGap(signedFile({ claim: { gap: 4_000_000 } }).data), fails('device.display_differs'));
});

test('pins: three points in lower case, version 1', () => {
  const point = `04${'ab'.repeat(64)}`;
  const good = { version: 1, service_key: point, key_centre_key: point, key_centre_sealing_key: point };
  assert.equal(parsePins(good).keyCentreKey.length, 65);
  assert.throws(() => parsePins(null), fails('malformed'));
  assert.throws(() => parsePins({ ...good, version: 2 }), fails('unsupported'));
  assert.throws(() => parsePins({ ...good, service_key: point.toUpperCase() }), fails('malformed'));
  assert.throws(() => parsePins({ ...good, key_centre_key: `03${'ab'.repeat(64)}` }), fails('malformed'));
  assert.throws(() => parsePins({ ...good, key_centre_sealing_key: undefined }), fails('malformed'));
});
