// qr.ts: QR codes (ISO/IEC 18004) of short texts: octets, error correction M, versions 1 to 10.

// Per version: octets of correction in each block, and the octets of data of each block.
const blocksOf: [number, number[]][] = [
  [10, [16]],
  [16, [28]],
  [26, [44]],
  [18, [32, 32]],
  [24, [43, 43]],
  [16, [27, 27, 27, 27]],
  [18, [31, 31, 31, 31]],
  [22, [38, 38, 39, 39]],
  [22, [36, 36, 36, 37, 37]],
  [26, [43, 43, 43, 43, 44]],
];
const alignments = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];

// GF(256) with x^8 + x^4 + x^3 + x^2 + 1.
const power = new Uint8Array(255);
const logarithm = new Uint8Array(256);
for (let i = 0, value = 1; i < 255; ++i) {
  power[i] = value;
  logarithm[value] = i;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}
const product = (a: number, b: number): number =>
  a && b ? power[(logarithm[a]! + logarithm[b]!) % 255]! : 0;

// correction is the remainder of data by the generator polynomial of this degree.
function correction(data: number[], degree: number): number[] {
  let generator = [1];
  for (let i = 0; i < degree; ++i) {
    const next = new Array<number>(generator.length + 1).fill(0);
    generator.forEach((factor, j) => {
      next[j]! ^= factor;
      next[j + 1]! ^= product(factor, power[i]!);
    });
    generator = next;
  }
  const rest = [...data, ...new Array<number>(degree).fill(0)];
  for (let i = 0; i < data.length; ++i) {
    const factor = rest[i]!;
    generator.forEach((value, j) => (rest[i + j]! ^= product(value, factor)));
  }
  return rest.slice(data.length);
}

// codewords is text with its header, padding and correction, in the order in which they are drawn.
function codewords(octets: Uint8Array, version: number): number[] {
  const [degree, sizes] = blocksOf[version - 1]!;
  const capacity = sizes.reduce((sum, size) => sum + size, 0);
  const bits: number[] = [];
  const put = (value: number, count: number): void => {
    for (let i = count - 1; i >= 0; --i) bits.push((value >> i) & 1);
  };
  put(4, 4);
  put(octets.length, version < 10 ? 8 : 16);
  octets.forEach((octet) => put(octet, 8));
  put(0, Math.min(4, capacity * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  for (let pad = 0xec; bits.length < capacity * 8; pad ^= 0xec ^ 0x11) put(pad, 8);
  const data: number[] = [];
  for (let i = 0; i < bits.length; i += 8) data.push(parseInt(bits.slice(i, i + 8).join(''), 2));
  let from = 0;
  const blocks = sizes.map((size) => data.slice(from, (from += size)));
  const checks = blocks.map((block) => correction(block, degree));
  const out: number[] = [];
  for (const set of [blocks, checks])
    for (let i = 0; i < Math.max(...set.map((one) => one.length)); ++i)
      for (const one of set) if (i < one.length) out.push(one[i]!);
  return out;
}

const masks: ((row: number, column: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0,
  (r) => r % 2 === 0,
  (_, c) => c % 3 === 0,
  (r, c) => (r + c) % 3 === 0,
  (r, c) => ((r >> 1) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
];

function remainder(value: number, polynomial: number, degree: number): number {
  let rest = value << degree;
  for (let i = 31; i >= degree; --i) if ((rest >>> i) & 1) rest ^= polynomial << (i - degree);
  return (value << degree) | rest;
}

class Matrix {
  readonly dark: boolean[][];
  readonly fixed: boolean[][];
  constructor(readonly size: number) {
    const grid = (): boolean[][] => Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
    this.dark = grid();
    this.fixed = grid();
  }
  set(row: number, column: number, dark: boolean): void {
    if (row < 0 || column < 0 || row >= this.size || column >= this.size) return;
    this.dark[row]![column] = dark;
    this.fixed[row]![column] = true;
  }
}

function drawPatterns(matrix: Matrix, version: number): void {
  const end = matrix.size - 7;
  for (const [top, left] of [[0, 0], [0, end], [end, 0]] as const)
    for (let r = -1; r <= 7; ++r)
      for (let c = -1; c <= 7; ++c) {
        const ring = Math.max(Math.abs(r - 3), Math.abs(c - 3));
        matrix.set(top + r, left + c, ring !== 2 && ring !== 4);
      }
  const centres = alignments[version - 1]!;
  for (const row of centres)
    for (const column of centres) {
      if (matrix.fixed[row]![column]) continue; // a corner
      for (let r = -2; r <= 2; ++r)
        for (let c = -2; c <= 2; ++c) matrix.set(row + r, column + c, Math.max(Math.abs(r), Math.abs(c)) !== 1);
    }
  for (let i = 8; i < matrix.size - 8; ++i) {
    matrix.set(6, i, i % 2 === 0);
    matrix.set(i, 6, i % 2 === 0);
  }
  if (version < 7) return;
  const bits = remainder(version, 0x1f25, 12);
  for (let i = 0; i < 18; ++i) {
    const [a, b] = [Math.floor(i / 3), matrix.size - 11 + (i % 3)];
    matrix.set(a, b, ((bits >> i) & 1) === 1);
    matrix.set(b, a, ((bits >> i) & 1) === 1);
  }
}

// drawFormat states level M (00) and the mask.
function drawFormat(matrix: Matrix, mask: number): void {
  const bits = remainder(mask, 0x537, 10) ^ 0x5412;
  const bit = (i: number): boolean => ((bits >> i) & 1) === 1;
  const { size } = matrix;
  for (let i = 0; i < 15; ++i) {
    matrix.set(i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, 8, bit(i));
    matrix.set(8, i < 8 ? size - 1 - i : i === 8 ? 7 : 14 - i, bit(i));
  }
  matrix.set(size - 8, 8, true);
}

function drawData(matrix: Matrix, words: number[], mask: number): void {
  let at = 0;
  for (let right = matrix.size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right = 5;
    for (let step = 0; step < matrix.size; ++step) {
      const row = up ? matrix.size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (matrix.fixed[row]![column]) continue;
        const bit = ((words[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
        ++at;
        matrix.dark[row]![column] = (bit === 1) !== masks[mask]!(row, column);
      }
    }
  }
}

// penalty counts what makes a code hard to read: long runs, squares, and too much of one colour.
function penalty(matrix: Matrix): number {
  const { size, dark } = matrix;
  let sum = 0;
  let count = 0;
  for (let i = 0; i < size; ++i)
    for (const at of [(j: number) => dark[i]![j]!, (j: number) => dark[j]![i]!]) {
      let line = '';
      for (let j = 0; j < size; ++j) line += at(j) ? '1' : '0';
      for (const run of line.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2;
      sum += 40 * (line.match(/(?=00001011101|10111010000)/g) ?? []).length;
    }
  for (let r = 0; r < size; ++r)
    for (let c = 0; c < size; ++c) {
      const value = dark[r]![c]!;
      count += value ? 1 : 0;
      if (dark[r + 1]?.[c] === value && dark[r]![c + 1] === value && dark[r + 1]?.[c + 1] === value) sum += 3;
    }
  return sum + 10 * Math.floor(Math.abs((count * 20) / (size * size) - 10));
}

// qrCode is the code of text as rows of dark (true) and light; null where text is too long.
export function qrCode(text: string): boolean[][] | null {
  const octets = new TextEncoder().encode(text);
  const version =
    blocksOf.findIndex(([, sizes], i) => {
      const capacity = sizes.reduce((sum, size) => sum + size, 0);
      return octets.length + (i + 1 < 10 ? 2 : 3) <= capacity;
    }) + 1;
  if (version === 0) return null;
  const words = codewords(octets, version);
  let best: { matrix: Matrix; cost: number } | null = null;
  for (let mask = 0; mask < 8; ++mask) {
    const matrix = new Matrix(17 + 4 * version);
    drawPatterns(matrix, version);
    drawFormat(matrix, mask);
    drawData(matrix, words, mask);
    const cost = penalty(matrix);
    if (!best || cost < best.cost) best = { matrix, cost };
  }
  return best!.matrix.dark;
}
