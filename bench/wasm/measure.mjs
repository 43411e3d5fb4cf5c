// measure.mjs MODULE [--json FILE]: the device's arithmetic in WebAssembly under node, in one thread; medians of nine
// windows of processor time. The goals: half of a joint signature in at most 3 ms, SM3 at 150 MB/s or more.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

const usage = 'usage: measure.mjs MODULE [--json FILE]';
const [modulePath, option, jsonPath, ...rest] = process.argv.slice(2);
if (!modulePath || rest.length > 0 || (option !== undefined && (option !== '--json' || !jsonPath))) {
  console.error(usage);
  process.exit(2);
}

function stop(why) {
  console.error(`bench: ${why}`);
  process.exit(1);
}

const systemImports = new Proxy({}, { get: () => () => 0 });
const imports = new Proxy({}, { get: () => systemImports });
const { exports } = await WebAssembly.instantiate(new WebAssembly.Module(readFileSync(modulePath)), imports);
exports._initialize();
if (exports.prepare() !== 1) stop('the key or the answer could not be made');

// secondsOf is the processor time of one call, taken over some 200 ms.
function secondsOf(call) {
  const began = process.cpuUsage();
  for (let calls = 1; ; ++calls) {
    if (call() !== 1) stop('an operation failed');
    const { user, system } = process.cpuUsage(began);
    if (user + system >= 200_000) return (user + system) / 1e6 / calls;
  }
}
function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

const digestSize = 1 << 20;
const operations = {
  wasm_cosign_joint_device: () => exports.sign_half(),
  wasm_sm3_1m: () => exports.digest(digestSize),
};
const windows = {};
for (let window = 0; window < 10; ++window) {
  for (const [name, call] of Object.entries(operations)) {
    const seconds = secondsOf(call);
    if (window > 0) (windows[name] ??= []).push(seconds); // in the first one node still compiles
  }
}
const joint = median(windows.wasm_cosign_joint_device) * 1e3;
const sm3 = digestSize / 1e6 / median(windows.wasm_sm3_1m);
console.log(`wasm_cosign_joint_device  ${joint.toFixed(2)} ms`);
console.log(`wasm_sm3_1m               ${sm3.toFixed(0)} MB/s`);
console.log(`${cpus()[0].model}, node ${process.version}, one thread, medians`);
if (jsonPath) {
  const rows = [
    { name: 'wasm_cosign_joint_device', value: joint, unit: 'ms', peers: {} },
    { name: 'wasm_sm3_1m', value: sm3, unit: 'MB/s', peers: {} },
  ];
  writeFileSync(jsonPath, JSON.stringify(rows) + '\n');
}
