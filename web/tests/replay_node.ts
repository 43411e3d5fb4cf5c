// replay_node SCENARIO WASM [--times]: the replay under node.
import { digestSpeed, replay } from './replay';

export async function main(scenario: string, wasm: BufferSource, times: boolean): Promise<void> {
  const source = new WebAssembly.Module(wasm);
  const done = await replay(source, scenario);
  console.log(`replay under node: ${done.calls} calls, ${done.octets} octets of replies, all as natively`);
  if (!times) return;
  const slowest = [...done.commandMs].sort((a, b) => b - a).slice(0, 6);
  console.log(`open ${done.openMs.toFixed(1)} ms; slowest commands ${slowest.map((ms) => ms.toFixed(1)).join(', ')} ms`);
  console.log(`SM3 ${(await digestSpeed(source, 64_000_000)).toFixed(0)} MB/s`);
}
