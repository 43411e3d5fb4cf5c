// trusted.ts: the page's policy demands trusted types: only this bundle's own files may become workers, and no text may
// become HTML or script.
interface Factory {
  createPolicy(name: string, rules: { createScriptURL(address: string): string }): unknown;
}

export function isOwnScript(address: string): boolean {
  const url = new URL(address, location.href);
  return url.origin === location.origin && /^\/assets\/[\w.-]+\.m?js$/.test(url.pathname) && url.search === '';
}

export function trustOwnScripts(): void {
  const factory = (window as { trustedTypes?: Factory }).trustedTypes;
  factory?.createPolicy('default', {
    createScriptURL(address) {
      if (isOwnScript(address)) return address;
      throw new TypeError('a script of another place');
    },
  });
}
