// Renders every page of a PDF with pdf.js, Mozilla's reader, and says what it saw.
//   node pdfjs.mjs FOLDER_WITH_NODE_MODULES FILE.pdf OUT_FOLDER WORD…
// Exit status 1 where a page does not render, stays blank, or a WORD is not in the text.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [folder, file, out, ...words] = process.argv.slice(2);
const require = createRequire(`${folder}/package.json`);
const { createCanvas } = require('@napi-rs/canvas');
const pdfjs = await import(pathToFileURL(require.resolve('pdfjs-dist/legacy/build/pdf.mjs')).href);
const base = require.resolve('pdfjs-dist/package.json').replace(/package\.json$/, '');

const document = await pdfjs.getDocument({
  data: new Uint8Array(readFileSync(file)),
  cMapUrl: `${base}cmaps/`,
  cMapPacked: true,
  standardFontDataUrl: `${base}standard_fonts/`,
  stopAtErrors: true,
}).promise;

let text = '';
let failed = false;
for (let number = 1; number <= document.numPages; ++number) {
  const page = await document.getPage(number);
  const viewport = page.getViewport({ scale: 0.6 });
  const canvas = createCanvas(Math.ceil(viewport.width), Math.ceil(viewport.height));
  const canvasContext = canvas.getContext('2d');
  await page.render({ canvasContext, viewport }).promise;
  const { data } = canvasContext.getImageData(0, 0, canvas.width, canvas.height);
  let dark = 0;
  for (let at = 0; at < data.length; at += 4) dark += data[at] < 128 ? 1 : 0;
  if (dark === 0) failed = true;
  const fields = (await page.getAnnotations()).filter((one) => one.fieldType === 'Sig');
  text += (await page.getTextContent()).items.map((item) => item.str).join('');
  writeFileSync(`${out}/pdfjs-${number}.png`, canvas.toBuffer('image/png'));
  console.log(`pdf.js: page ${number} of ${document.numPages}: ${dark} dark points, ${fields.length} signature fields`);
}
for (const word of words) {
  if (text.includes(word)) continue;
  console.log(`pdf.js: "${word}" is not in the text`);
  failed = true;
}
process.exit(failed ? 1 : 0);
