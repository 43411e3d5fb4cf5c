// free_port.mjs: where a platform that is started beside others can listen: below the ports that a
// system gives to outgoing connections, so that none of these takes it before somebody listens.
import { createServer } from 'node:net';

let next = Math.floor(Math.random() * 22_000);
const isFree = (port) =>
  new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(false));
    probe.listen(port, '0.0.0.0', () => probe.close(() => done(true)));
  });

// freePort is each time another one.
export async function freePort() {
  for (let tries = 0; tries < 200; ++tries) {
    const port = 10_000 + (next++ % 22_000);
    if (await isFree(port)) return port;
  }
  throw new Error('no free port');
}
