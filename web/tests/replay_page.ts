// replay_page: the replay in a browser; the test reads window.heqiReplayed.
import { digestSpeed, replay } from './replay';

declare global {
  interface Window {
    heqiReplayed: Promise<unknown>;
  }
}

window.heqiReplayed = (async () => {
  const [wasm, scenario] = await Promise.all([fetch('/heqi_device.wasm'), fetch('/scenario')]);
  const source = await WebAssembly.compile(await wasm.arrayBuffer());
  return { ...(await replay(source, await scenario.text())), digestSpeed: await digestSpeed(source, 32_000_000) };
})();
