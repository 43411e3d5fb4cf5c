// manifest.mjs: what the signing bundle is: the digests of its files and one over all of them, as the platform
// publishes them at /.well-known/heqi-signing-bundle.json (there under "build"). A bundle's digest is over the lines
// "DIGEST  NAME\n" of its files in the order of their names, as sha256sum prints them.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const digest = (algorithm, octets) => createHash(algorithm).update(octets).digest('hex');

export function filesBelow(folder) {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

export function manifestOf(folder) {
  const files = filesBelow(folder)
    .map((path) => {
      const octets = readFileSync(path);
      return { name: relative(folder, path), size: octets.length, sm3: digest('sm3', octets), sha256: digest('sha256', octets) };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const over = (algorithm) => digest(algorithm, files.map((file) => `${file[algorithm]}  ${file.name}\n`).join(''));
  return { sm3: over('sm3'), sha256: over('sha256'), files };
}
