// qr_test.mjs: the QR codes that the pages draw, read by a decoder that knows nothing of ours (zbar).
import assert from 'node:assert/strict';
import test from 'node:test';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputOf } from './output.mjs';

const { qrCode } = await import(outputOf('node/codec_node.mjs'));
const capacities = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213]; // octets of versions 1 to 10 with correction M (ISO/IEC 18004, table 7)

// pictureOf is a grey picture (PGM): four points a module, and four modules of light around them.
function pictureOf(matrix) {
  const [scale, quiet] = [4, 4];
  const side = (matrix.length + 2 * quiet) * scale;
  const points = Buffer.alloc(side * side, 255);
  for (let y = 0; y < side; ++y)
    for (let x = 0; x < side; ++x) {
      const [row, column] = [Math.floor(y / scale) - quiet, Math.floor(x / scale) - quiet];
      if (matrix[row]?.[column]) points[y * side + x] = 0;
    }
  return Buffer.concat([Buffer.from(`P5\n${side} ${side}\n255\n`), points]);
}

// read gives what the decoder reads in each code, or null.
function read(matrices) {
  const folder = mkdtempSync(join(tmpdir(), 'heqi-qr-'));
  try {
    return matrices.map((matrix, index) => {
      const file = join(folder, `${index}.pgm`);
      writeFileSync(file, pictureOf(matrix));
      const { status, stdout } = spawnSync('zbarimg', ['--quiet', '--raw', '--oneshot', '-Sdisable', '-Sqrcode.enable', file], { encoding: 'utf8' });
      return status === 0 ? stdout.replace(/\n$/, '') : null;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const letters = 'https://heqi.example:8443/s/AbCdEfGhIjKlMnOpQrStUvWxYz0123456789-_';
const textOf = (size) => letters.repeat(4).slice(0, size);

test('each version is read at both ends of what it holds', () => {
  const sizes = [1, ...capacities.flatMap((size) => [size, size + 1])].slice(0, -1);
  const texts = sizes.map(textOf);
  assert.deepEqual(read(texts.map((text) => qrCode(text))), texts);
});

test('the smallest version that holds a text is taken, and more than the largest holds is refused', () => {
  capacities.forEach((size, index) => assert.equal(qrCode(textOf(size)).length, 17 + 4 * (index + 1), `${size} octets`));
  assert.equal(qrCode(textOf(214)), null);
  assert.equal(qrCode('合'.repeat(72)), null); // 216 octets
});

test('a code with a stain is read, and one that is mostly stain is not', () => {
  const text = textOf(60);
  const stained = (side) => {
    const matrix = qrCode(text).map((row) => [...row]);
    for (let row = 0; row < side; ++row) for (let column = 0; column < side; ++column) matrix[14 + row][14 + column] = true;
    return matrix;
  };
  assert.deepEqual(read([stained(0), stained(6), stained(17)]), [text, text, null]);
});
