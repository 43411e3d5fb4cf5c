// Compares a page of a sealed PDF, drawn by pdf.js, with the page of its OFD twin, drawn by heqi render.
//   node twins.mjs FOLDER_WITH_NODE_MODULES SEALED.pdf PAGE_OF_THE_OFD.png
// Both are drawn at 450 dpi. Exit status 1 where the red of the seal begins or ends more than 0.3 mm apart, or the
// pages, as they look at 150 dpi, have a mean SSIM below 0.98.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const kDpi = 450;
const kFiner = 3;
const kPlaceMm = 0.3;
const kSsim = 0.98;

const [folder, file, other] = process.argv.slice(2);
const require = createRequire(`${folder}/package.json`);
const { createCanvas, loadImage } = require('@napi-rs/canvas');
const pdfjs = await import(pathToFileURL(require.resolve('pdfjs-dist/legacy/build/pdf.mjs')).href);
const base = require.resolve('pdfjs-dist/package.json').replace(/package\.json$/, '');

async function drawnByPdfjs() {
  const document = await pdfjs.getDocument({
    data: new Uint8Array(readFileSync(file)),
    cMapUrl: `${base}cmaps/`,
    cMapPacked: true,
    standardFontDataUrl: `${base}standard_fonts/`,
    stopAtErrors: true,
  }).promise;
  const page = await document.getPage(1);
  const viewport = page.getViewport({ scale: kDpi / 72 });
  const canvas = createCanvas(Math.ceil(viewport.width), Math.ceil(viewport.height));
  await page.render({ canvasContext: canvas.getContext('2d'), viewport }).promise;
  return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
}

async function drawnByHeqi() {
  const picture = await loadImage(readFileSync(other));
  const canvas = createCanvas(picture.width, picture.height);
  canvas.getContext('2d').drawImage(picture, 0, 0);
  return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
}

// redArea is where a page is red: left, top, right and bottom in millimetres.
function redArea({ data, width, height }) {
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0; y < height; ++y)
    for (let x = 0; x < width; ++x) {
      const at = (y * width + x) * 4;
      if (data[at] < 150 || data[at + 1] > 120 || data[at + 2] > 120) continue;
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
    }
  return [left, top, right, bottom].map((pixels) => (pixels / kDpi) * 25.4);
}

// greyOf is the brightness at 150 dpi of the part that both pictures have.
function greyOf({ data, width }, columns, rows) {
  const out = new Float64Array(columns * rows);
  for (let y = 0; y < rows * kFiner; ++y)
    for (let x = 0; x < columns * kFiner; ++x) {
      const at = (y * width + x) * 4;
      out[Math.floor(y / kFiner) * columns + Math.floor(x / kFiner)] +=
        (0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]) / kFiner ** 2;
    }
  return out;
}

const gauss = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * 1.5 ** 2)));
const sum = gauss.reduce((a, b) => a + b);
const weights = gauss.map((one) => one / sum);

// blurred weighs each value's neighbours with a Gaussian of 11 by 11, deviation 1.5; edges repeat.
function blurred(values, columns, rows) {
  const pass = (from, step, size) => from.map((_, i) => {
    const at = Math.floor(i / step) % size;
    let out = 0;
    for (let k = -5; k <= 5; ++k)
      out += weights[k + 5] * from[i + (Math.min(Math.max(at + k, 0), size - 1) - at) * step];
    return out;
  });
  return pass(pass(values, 1, columns), columns, rows);
}

// similarity is the mean SSIM (Wang, Bovik, Sheikh, Simoncelli 2004), K1 = 0.01, K2 = 0.03, L = 255.
function similarity(one, two) {
  const columns = Math.floor(Math.min(one.width, two.width) / kFiner);
  const rows = Math.floor(Math.min(one.height, two.height) / kFiner);
  const [a, b] = [greyOf(one, columns, rows), greyOf(two, columns, rows)];
  const blur = (values) => blurred(values, columns, rows);
  const [ma, mb] = [blur(a), blur(b)];
  const [aa, bb, ab] = [[a, a], [b, b], [a, b]].map(([x, y]) => blur(x.map((one, i) => one * y[i])));
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  let total = 0;
  for (let i = 0; i < ma.length; ++i) {
    const [va, vb, vab] = [aa[i] - ma[i] ** 2, bb[i] - mb[i] ** 2, ab[i] - ma[i] * mb[i]];
    total += ((2 * ma[i] * mb[i] + c1) * (2 * vab + c2)) / ((ma[i] ** 2 + mb[i] ** 2 + c1) * (va + vb + c2));
  }
  return total / ma.length;
}

const [theirs, ours] = [await drawnByPdfjs(), await drawnByHeqi()];
const [a, b] = [redArea(theirs), redArea(ours)];
const apart = Math.max(...a.map((edge, i) => Math.abs(edge - b[i])));
const alike = similarity(theirs, ours);
console.log(`pdf.js ${a.map((mm) => mm.toFixed(2))}, heqi ${b.map((mm) => mm.toFixed(2))} mm: ` +
  `${apart.toFixed(3)} mm apart; SSIM ${alike.toFixed(4)}`);
process.exit(apart <= kPlaceMm && alike >= kSsim ? 0 : 1);
