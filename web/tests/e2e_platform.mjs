// e2e_platform.mjs: a platform that the tests of the whole journey end in the hardest way, and start again on the same
// ports: `heqi serve --embedded`, with its key centre as a process of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputFolder } from '../site.mjs';
import { freePort } from './free_port.mjs';
import { pause, Platform } from './signing_platform.mjs';

export { pause };

// until asks look every 100 ms for what is wanted.
export async function until(what, look, patience = 60_000) {
  for (const end = Date.now() + patience; Date.now() < end; await pause(100)) {
    const found = await look();
    if (found) return found;
  }
  throw new Error(`${what}: not within ${patience / 1000} s`);
}

export const password = 'a long password';

export class E2ePlatform extends Platform {
  // start runs the platform; nobody administers it yet, setup is the link that makes somebody so.
  static async start(program) {
    const platform = new E2ePlatform();
    platform.program = program;
    platform.folder = mkdtempSync(join(tmpdir(), 'heqi-e2e-'));
    platform.log = join(platform.folder, 'log');
    platform.ports = [await freePort(), await freePort(), await freePort()];
    platform.url = `https://127.0.0.1:${platform.ports[0]}`;
    platform.root = join(platform.folder, 'p/data/certificates/root.cer');
    await platform.run();
    platform.setup = /^ *(https:.*\/#\/setup\/\S+)$/m.exec(platform.said())[1];
    return platform;
  }

  said() {
    return readFileSync(this.log, 'utf8');
  }

  // run starts the programs on the ports and in the folder that they always had.
  async run() {
    const stream = openSync(this.log, 'a');
    const known = this.said().length;
    const [port, signing, pki] = this.ports.map(String);
    const options = ['--port', port, '--signing-port', signing, '--pki-port', pki, '--web', outputFolder];
    this.process = spawn(this.program, ['serve', '--embedded', join(this.folder, 'p'), ...options], { stdio: ['ignore', stream, stream] });
    this.ended = new Promise((done) => this.process.once('exit', done));
    await until('the platform', () => {
      if (this.process.exitCode !== null || this.process.signalCode !== null) throw new Error(`the platform ended: ${this.said().slice(known)}`);
      return this.said().slice(known).includes('Heqi answers');
    });
  }

  // administer makes the first administrator over the REST interface, where the test is not about that.
  async administer() {
    const token = this.setup.split('/').at(-1);
    this.token = (await this.ask('POST', '/api/v1/setup', { token, email: 'admin@example.cn', password })).token;
  }

  // report verifies the file of a contract as anybody would who has the file.
  async report(contract) {
    const headers = { Authorization: `Bearer ${this.token}` };
    const file = await (await fetch(`${this.url}/api/v1/contracts/${contract}/document`, { headers })).arrayBuffer();
    const answer = await fetch(`${this.url}/api/v1/reports`, { method: 'POST', headers: { 'Content-Type': 'application/pdf' }, body: file });
    return answer.json();
  }

  // code is the newest one-time code that was not tried yet; where none comes, the last one, as a person would try it.
  async code(address) {
    const all = () => this.mails('one_time_code', address).map((mail) => /\n(\d{6})\r?\n/.exec(mail)?.[1]);
    const last = all().find((code) => this.codes.has(code));
    const fresh = await until('a one-time code', () => all().find((code) => code && !this.codes.has(code)), last ? 5000 : 60_000).catch((failure) => {
      if (last) return last;
      throw failure;
    });
    this.codes.add(fresh);
    return fresh;
  }

  // revive runs the platform again where it ended.
  async revive() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) await this.run();
  }
  async killServer() {
    this.process.kill('SIGKILL');
    await this.ended;
  }
  // killKeyCentre ends the key centre; the server starts another one. Gives how many were ended.
  killKeyCentre() {
    const ids = this.keyCentres();
    for (const id of ids) process.kill(id, 'SIGKILL');
    return ids.length;
  }
  // keyCentres are the processes of this platform's key centre, whoever started them.
  keyCentres() {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((id) => {
        try {
          const words = readFileSync(`/proc/${id}/cmdline`, 'utf8').split('\0');
          return words[0].endsWith('heqi-module') && words[2] === join(this.folder, 'p/heqi-module.toml');
        } catch {
          return false; // it has gone meanwhile
        }
      })
      .map(Number);
  }

  async stop() {
    this.process.kill('SIGTERM');
    await this.ended;
    for (const id of this.keyCentres()) process.kill(id, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
