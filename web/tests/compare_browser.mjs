// compare_browser.mjs SCENARIO WASM [--throttle N]: compares the WebAssembly device with a native run in Chromium, and
// with --throttle tells the times on a processor that many times slower.
import { readFileSync } from 'node:fs';
import { launch, serve } from './browser.mjs';

const [scenario, wasm, throttled, rate] = process.argv.slice(2);
const server = await serve({ '/scenario': readFileSync(scenario), '/heqi_device.wasm': readFileSync(wasm) });
const browser = await launch();
try {
  const page = await browser.newPage();
  const refused = [];
  page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
  if (throttled === '--throttle') {
    const session = await page.context().newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: Number(rate) });
  }
  await page.goto(`${server.url}/replay_page.html`);
  const done = await page.evaluate(() => window.heqiReplayed);
  if (refused.some((text) => !text.includes('favicon'))) throw new Error(refused.join('\n'));
  console.log(`replay in Chromium ${browser.version()}: ${done.calls} calls, ${done.octets} octets, all as natively`);
  if (throttled === '--throttle') {
    const slowest = done.commandMs.sort((a, b) => b - a).slice(0, 8);
    console.log(`open ${done.openMs.toFixed(1)} ms; slowest commands ${slowest.map((ms) => ms.toFixed(1)).join(', ')} ms`);
    console.log(`SM3 ${done.digestSpeed.toFixed(0)} MB/s`);
  }
} finally {
  await browser.close();
  server.close();
}
