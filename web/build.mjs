// build.mjs [SITE…]: builds the sites named, or all of them, into build/web/SITE.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'vite';
import { manifestOf } from './signing/manifest.mjs';
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
  console.log(`web: ${name} is built`);
  if (name === 'signing') publishManifest();
}

// unique leaves out a configuration that is exported under a name and as the default.
function unique(config, index, list) {
  return list.indexOf(config) === index;
}

// publishManifest writes beside the signing site what the platform will publish about it.
function publishManifest() {
  const manifest = manifestOf(resolve(outputFolder, 'signing'));
  writeFileSync(resolve(outputFolder, 'signing-bundle.json'), JSON.stringify(manifest, null, 1));
  console.log(`web: the signing bundle has SHA-256 ${manifest.sha256}`);
}
