// compare_node.mjs SCENARIO WASM [--times]: compares the WebAssembly device with a native run, under node.
import { readFileSync } from 'node:fs';
import { outputOf } from './output.mjs';

const { main } = await import(outputOf('node/replay_node.mjs'));
const [scenario, wasm, times] = process.argv.slice(2);
await main(readFileSync(scenario, 'utf8'), readFileSync(wasm), times === '--times');
