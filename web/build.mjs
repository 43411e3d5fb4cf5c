// build.mjs [SITE…]: builds the sites named, or all of them, into build/web/SITE.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'vite';
import { filesBelow, manifestOf } from './signing/manifest.mjs';
import { outputFolder } from './site.mjs';

const all = ['signing', 'desk', 'verify', 'tests'];
const wanted = process.argv.length > 2 ? process.argv.slice(2) : all;
for (const name of wanted) {
  if (!all.includes(name)) throw new Error(`there is no site '${name}'; there are ${all.join(', ')}`);
}
for (const name of wanted) {
  for (const config of Object.values(await import(`./${name}/vite.config.mjs`)).filter(unique)) {
    await build({ ...config, configFile: false, logLevel: 'warn' });
  }
  if (name !== 'tests') compress(name);
  console.log(`web: ${name} is built`);
  if (name === 'signing') publishManifest();
}

// unique leaves out a configuration that is exported under a name and as the default.
function unique(config, index, list) {
  return list.indexOf(config) === index;
}

// compress writes the brotli form of each file of a site into SITE.br, where it is smaller. The platform checks each of
// them before it serves it, so that what is published about the site holds for what is sent.
function compress(name) {
  const [from, to] = [resolve(outputFolder, name), resolve(outputFolder, `${name}.br`)];
  rmSync(to, { recursive: true, force: true });
  for (const path of filesBelow(from)) {
    const plain = readFileSync(path);
    const compressed = brotliCompressSync(plain);
    if (compressed.length >= plain.length) continue;
    const place = resolve(to, relative(from, path));
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, compressed);
  }
}

// publishManifest writes beside the signing site what the platform will publish about it.
function publishManifest() {
  const manifest = manifestOf(resolve(outputFolder, 'signing'));
  writeFileSync(resolve(outputFolder, 'signing-bundle.json'), JSON.stringify(manifest, null, 1));
  console.log(`web: the signing bundle has SHA-256 ${manifest.sha256}`);
}
