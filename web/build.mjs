// build.mjs [SITE…]: builds the sites named, or all of them, into build/web/SITE.
import { build } from 'vite';

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
}

// unique leaves out a configuration that is exported under a name and as the default.
function unique(config, index, list) {
  return list.indexOf(config) === index;
}
