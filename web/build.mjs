// build.mjs [SITE…]: builds the sites named, or all of them, into build/web/SITE.
import { build } from 'vite';

const all = ['signing', 'desk', 'verify'];
const wanted = process.argv.length > 2 ? process.argv.slice(2) : all;
for (const name of wanted) {
  if (!all.includes(name)) throw new Error(`there is no site '${name}'; there are ${all.join(', ')}`);
}
for (const name of wanted) {
  const { default: config } = await import(`./${name}/vite.config.mjs`);
  await build({ ...config, configFile: false, logLevel: 'warn' });
  console.log(`web: ${name} is built`);
}
