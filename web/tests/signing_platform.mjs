// signing_platform.mjs: a real platform for the tests of the signing page: its programs, an administrator, contracts for
// one person, and the mail that the person gets.
import { spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { outputFolder } from '../site.mjs';
import { freePort } from './free_port.mjs';

const root = resolve(fileURLToPath(new URL('.', import.meta.url)), '../..');
export const example = readFileSync(resolve(root, 'examples/lease.pdf'));
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, look) {
  for (let tries = 0; tries < 300; ++tries) {
    const found = look();
    if (found) return found;
    await pause(200);
  }
  throw new Error(`there was no ${what}`);
}

// textOf undoes the quoted-printable of a notice.
function textOf(mail) {
  const body = mail.slice(mail.indexOf('\r\n\r\n')).replace(/=\r?\n/g, '');
  const octets = body.replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, 'latin1').toString('utf8');
}

export class Platform {
  codes = new Set(); // that were used

  // start runs `heqi serve` in a folder of its own; the administrator is made by the link that it prints.
  static async start(program) {
    const platform = new Platform();
    platform.folder = mkdtempSync(join(tmpdir(), 'heqi-signing-'));
    const [port, signing, pki] = [await freePort(), await freePort(), await freePort()];
    platform.url = `https://127.0.0.1:${port}`;
    const log = join(platform.folder, 'log');
    const stream = openSync(log, 'a');
    const ports = ['--port', port, '--signing-port', signing, '--pki-port', pki].map(String);
    platform.process = spawn(program, ['serve', '--embedded', join(platform.folder, 'p'), ...ports, '--web', outputFolder], {
      stdio: ['ignore', stream, stream],
    });
    await until('platform', () => readFileSync(log, 'utf8').includes('Heqi answers'));
    const token = /#\/setup\/(\S+)/.exec(readFileSync(log, 'utf8'))[1];
    const made = await platform.ask('POST', '/api/v1/setup', { token, email: 'admin@heqi.invalid', password: 'correct horse battery' });
    platform.token = made.token;
    return platform;
  }

  async ask(method, path, body) {
    const isForm = body instanceof FormData;
    const headers = { ...(isForm ? {} : { 'Content-Type': 'application/json' }) };
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    const answer = await fetch(this.url + path, { method, headers, body: isForm || body === undefined ? body : JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  // send makes a contract for one person and gives the link of the notice.
  async send(person, address, title) {
    const known = this.mails('invitation', address).length;
    const form = new FormData();
    form.append('contract', new Blob([JSON.stringify({ title, order: 'any', parties: [{ person }] })], { type: 'application/json' }));
    form.append('file', new Blob([example], { type: 'application/pdf' }), 'lease.pdf');
    const { id } = await this.ask('POST', '/api/v1/contracts', form);
    await this.ask('POST', `/api/v1/contracts/${id}/start`);
    const mails = await until('invitation', () => {
      const found = this.mails('invitation', address);
      return found.length > known && found;
    });
    return /https:\/\/\S+\/s\/\S+/.exec(mails.find((mail) => mail.includes(title)))[0];
  }

  mails(kind, address) {
    const folder = join(this.folder, 'p/data/outbox');
    return readdirSync(folder)
      .filter((name) => name.endsWith('.eml'))
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .filter((mail) => mail.includes(`Heqi-Notice: ${kind}`) && mail.includes(address))
      .map(textOf);
  }
  // code is the one-time code of the notice that comes after so many that are known.
  code(address, known = 0) {
    const seen = this.codes;
    return until('one-time code', () => {
      const mails = this.mails('one_time_code', address);
      if (mails.length <= known) return undefined;
      const fresh = mails.map((mail) => /\n(\d{6})\r?\n/.exec(mail)?.[1]).find((code) => code && !seen.has(code));
      if (fresh) seen.add(fresh);
      return fresh;
    });
  }

  async stop() {
    this.process.kill('SIGTERM');
    await new Promise((done) => this.process.once('exit', done));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
