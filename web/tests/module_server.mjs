// module_server.mjs WASM: holds devices in WebAssembly for a native test, which drives them over standard input and
// output (tests/web_device/module_process.h) and plays their host.
import { readFileSync, readSync, writeSync } from 'node:fs';
import { outputOf } from './output.mjs';

const { DeviceModule } = await import(outputOf('node/codec_node.mjs'));
const source = new WebAssembly.Module(readFileSync(process.argv[2]));
const devices = new Map();
let last = 0;

function readWhole(size) {
  const out = Buffer.alloc(size);
  for (let done = 0; done < size; ) {
    const got = readSync(0, out, done, size - done, null);
    if (got === 0) process.exit(0); // the test has ended
    done += got;
  }
  return out;
}
function readFrame() {
  const head = readWhole(5);
  return { type: head[4], payload: readWhole(head.readUInt32LE(0)) };
}
function writeFrame(type, payload) {
  const frame = Buffer.alloc(5 + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame[4] = type;
  frame.set(payload, 5);
  for (let done = 0; done < frame.length; ) done += writeSync(1, frame, done);
}
function ask(question, payload = new Uint8Array()) {
  writeFrame(question, payload);
  return readFrame().payload;
}
function askFile(question, store, name, content = new Uint8Array()) {
  return ask(question, Buffer.concat([Buffer.from([store, name.length]), Buffer.from(name), content]));
}

const host = {
  random(out) {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(out.length);
    const answer = ask(100, size);
    if (answer[0] !== 0) throw new Error('no random octets');
    out.set(answer.subarray(1));
  },
  now: () => ask(101).readDoubleLE(),
  steady: () => ask(102).readDoubleLE(),
  read(store, name) {
    const answer = askFile(103, store, name);
    if (answer[0] === 2) throw new Error('storage');
    return answer[0] === 0 ? new Uint8Array(answer.subarray(1)) : null;
  },
  write(store, name, content) {
    if (askFile(104, store, name, content)[0] !== 0) throw new Error('storage');
  },
  remove(store, name) {
    if (askFile(105, store, name)[0] !== 0) throw new Error('storage');
  },
  progress: (percent) => void ask(106, Buffer.from([percent])),
};

function openDevice(device, payload) {
  const keys = payload[4] === 1 ? [0, 1, 2].map((i) => new Uint8Array(payload.subarray(5 + 65 * i, 70 + 65 * i))) : null;
  const pins = keys ? { serviceKey: keys[0], keyCentreKey: keys[1], keyCentreSealingKey: keys[2] } : null;
  const name = payload.subarray(keys ? 200 : 5).toString();
  return device.open(name, pins, payload.readUInt32LE(0));
}

function typeDigit(device, digit) {
  try {
    device.pinDigit('first', digit);
    return Buffer.from([0]);
  } catch {
    return Buffer.from([1]);
  }
}

async function answer({ type, payload }) {
  if (type === 1) {
    devices.set(++last, await DeviceModule.load(source, host));
    const number = Buffer.alloc(4);
    number.writeUInt32LE(last);
    return number;
  }
  const number = payload.readUInt32LE(0);
  const device = devices.get(number);
  const rest = payload.subarray(4);
  if (type === 2) return openDevice(device, rest);
  if (type === 3) return device.run(rest);
  if (type === 4) return typeDigit(device, rest[1]);
  devices.delete(number);
  return Buffer.alloc(0);
}

for (;;) writeFrame(6, await answer(readFrame()));
