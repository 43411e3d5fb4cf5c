// link.ts: the interface of one link (docs/openapi.yaml, /s/{link}/…): what it opens, the proofs before a device may be
// enrolled, and signing.
import { ask, askBytes, askJson, Problem } from '../shared/rest';
import type { Handwriting } from './handwriting';

export interface Party {
  person: string;
  name: string;
  state: 'waiting' | 'invited' | 'signing' | 'signed' | 'declined';
  signed_at?: string;
}
export interface Invitation {
  contract: {
    id: string;
    title: string;
    state: 'draft' | 'signing' | 'completing' | 'complete' | 'declined' | 'withdrawn' | 'expired' | 'failed';
    order: 'any' | 'sequence';
    created_at: string;
    expires_at: string;
    ended_at?: string;
    reason?: string;
    parties: Party[];
  };
  from: string;
  you: {
    position: number;
    person: string;
    name: string;
    state: Party['state'];
    address: string;
    identified: boolean;
    failure?: string;
    signed_at?: string;
  };
  busy_until?: string;
  verify_url: string;
}
export interface IdentityCheck {
  check: string;
  provider: string;
  state: 'started' | 'verified' | 'refused' | 'expired';
  challenge: string;
  tries_left: number;
}

export class Link {
  private constructor(private readonly path: string) {}

  // of reads the link out of an address; null where it holds none.
  static of(pathname: string): Link | null {
    const found = /^\/s\/([A-Za-z0-9_-]{1,64})\/?$/.exec(pathname);
    return found ? new Link(`/s/${found[1]}`) : null;
  }

  invitation(): Promise<Invitation> {
    return askJson(`${this.path}/contract`);
  }
  // document and decline need the session that the one-time code opens: the link alone may be in other hands.
  document(): Promise<Uint8Array> {
    return this.proved((token) => askBytes(`${this.path}/document`, { token }));
  }
  async decline(reason: string): Promise<void> {
    await this.proved((token) => ask(`${this.path}/decline`, { method: 'POST', json: { reason }, token }));
  }
  // sign takes the turn and sends the document to the device; with what was drawn, or null for the generated signature.
  async sign(handwriting: Handwriting | null): Promise<string> {
    const options = handwriting ? { method: 'POST' as const, json: handwriting } : { method: 'POST' as const };
    return (await askJson<{ transaction: string }>(`${this.path}/sign`, options)).transaction;
  }

  sendCode(): Promise<{ address: string; expires_at: string }> {
    return askJson(`${this.path}/code`, { method: 'POST' });
  }
  async openSession(code: string): Promise<void> {
    const answer = await askJson<{ session: string }>(`${this.path}/session`, { method: 'POST', json: { code } });
    keep(this.path, answer.session);
  }
  get hasSession(): boolean {
    return kept(this.path) !== '';
  }
  claimIdentity(name: string, idNumber: string): Promise<IdentityCheck> {
    return this.post('/identity', { name, id_number: idNumber });
  }
  proveIdentity(check: string, evidence: string): Promise<IdentityCheck> {
    return this.post('/identity/evidence', { check, evidence });
  }
  // authorise is the code for the device; it goes to the worker and is shown to nobody.
  async authorise(): Promise<string> {
    return (await this.post<{ code: string }>('/authorisation', {})).code;
  }

  private post<T>(path: string, json: unknown): Promise<T> {
    return this.proved((token) => askJson<T>(this.path + path, { method: 'POST', json, token }));
  }
  // proved runs a request with the session's token, and forgets a session that has ended.
  private async proved<T>(request: (token: string) => Promise<T>): Promise<T> {
    try {
      return await request(kept(this.path));
    } catch (failure) {
      if (failure instanceof Problem && failure.id === 'unauthenticated') keep(this.path, '');
      throw failure;
    }
  }
}

// The session lives as long as this tab: a reload goes on where it was.
function kept(path: string): string {
  try {
    return sessionStorage.getItem(`heqi.session${path}`) ?? '';
  } catch {
    return memory;
  }
}
function keep(path: string, session: string): void {
  memory = session;
  try {
    if (session) sessionStorage.setItem(`heqi.session${path}`, session);
    else sessionStorage.removeItem(`heqi.session${path}`);
  } catch {
    // Storage is switched off: the session holds until a reload.
  }
}
let memory = '';
