// api.ts: what the desk asks of the platform (docs/openapi.yaml).
import { ask, askBytes, askJson, Problem, problemOf } from '../shared/rest';

export type Role = 'member' | 'operator' | 'auditor' | 'administrator';
export interface User {
  id: string;
  email: string;
  role: Role;
  active: boolean;
}
export interface Place {
  page: number;
  x: number;
  y: number;
  width: number;
  height: number;
}
export interface Party {
  person: string;
  name: string;
  field: string;
  state: string;
  failure?: string;
  failure_en?: string;
  failure_zh?: string;
  reminded_at?: string;
  signed_at?: string;
}
export interface Contract {
  id: string;
  title: string;
  state: string;
  order: 'any' | 'sequence';
  created_at: string;
  expires_at: string;
  ended_at?: string;
  reason?: string;
  owner: string;
  sender: string;
  sender_has_left?: boolean; // then administrators may withdraw it
  version?: string;
  parties: Party[];
}
export interface LegalService {
  service: string;
  title: string;
  address: string;
  words_zh: string;
  words_en: string;
}
export interface Handover {
  id: string;
  service: string;
  address: string;
  state: 'waiting' | 'heard' | 'refused';
  consented_at: string;
  yours: boolean;
  ended_at?: string;
  failure?: string;
}
export interface LegalOverview {
  services: LegalService[];
  handovers: Handover[];
}
export interface HistoryEntry {
  at: string;
  act: string;
  actor: string;
  actor_name: string;
  detail: string;
}
export interface Person {
  id: string;
  name: string;
  email: string;
  id_number: string;
  state: string;
  verified_by: string;
}
export interface Notice {
  id: string;
  kind: string;
  created_at: string;
  attempts: number;
  filed_at?: string;
  mailed_at?: string;
  error?: string;
  to_name?: string;
  to_address?: string;
  subject?: string;
  body?: string;
}
export interface MailSettings {
  mode: 'folder' | 'smtp';
  server: string;
  sender: string;
}
export interface Check {
  name: string;
  state: 'green' | 'amber' | 'red';
  text_en: string;
  text_zh: string;
}
export interface SelfCheck {
  state: 'green' | 'amber' | 'red';
  checks: Check[];
  dispatch: Record<string, string>;
}

const id = encodeURIComponent;

// upload is one POST that tells how much of it has left; the browser's fetch cannot.
function upload<T>(path: string, body: Blob | FormData, onProgress: (share: number) => void, headers: Record<string, string> = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.setRequestHeader('Accept', 'application/json, application/problem+json');
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onerror = () => reject(new Problem('offline', 0, null));
    request.onload = () => {
      const answer = new Response(request.responseText, { status: request.status });
      if (answer.ok) answer.json().then(resolve, () => reject(new Problem('strange', request.status, null)));
      else problemOf(answer).then(reject);
    };
    request.send(body);
  });
}

export const api = {
  needsSetup: () => askJson<{ needed: boolean }>('/api/v1/setup'),
  setUp: (token: string, email: string, password: string) =>
    askJson<{ user: User }>('/api/v1/setup', { json: { token, email, password, keep: 'cookie' } }),
  signIn: (email: string, password: string) =>
    askJson<{ user: User }>('/api/v1/sessions', { json: { email, password, keep: 'cookie' } }),
  me: () => askJson<User>('/api/v1/sessions/current'),
  signOut: () => ask('/api/v1/sessions/current', { method: 'DELETE' }),
  changePassword: (old_password: string, new_password: string) =>
    ask('/api/v1/sessions/current/password', { json: { old_password, new_password } }),

  users: () => askJson<{ users: User[] }>('/api/v1/users'),
  addUser: (email: string, role: Role, password: string) =>
    askJson<User>('/api/v1/users', { json: { email, role, password } }),
  setRole: (user: string, role: Role) => askJson<User>(`/api/v1/users/${id(user)}/role`, { json: { role } }),
  deactivate: (user: string) => askJson<User>(`/api/v1/users/${id(user)}/deactivate`, { method: 'POST' }),
  activate: (user: string) => askJson<User>(`/api/v1/users/${id(user)}/activate`, { method: 'POST' }),

  inspect: (file: Blob, onProgress: (share: number) => void) =>
    upload<{ pages: number }>('/api/v1/inspections', new Blob([file], { type: 'application/pdf' }), onProgress),
  // addPerson adds a person, or finds the one known. They prove who they are on the signing page.
  addPerson: (name: string, email: string, id_number: string) =>
    askJson<Person>('/api/v1/persons', { json: id_number ? { name, email, id_number } : { name, email } }),
  // createContract is asked once more where no answer came: under one key, so that there is one contract.
  createContract: async (description: object, file: Blob, onProgress: (share: number) => void) => {
    const form = new FormData();
    form.append('contract', new Blob([JSON.stringify(description)], { type: 'application/json' }));
    // The name of the file on this computer stays here.
    form.append('file', new Blob([file], { type: 'application/pdf' }), 'contract.pdf');
    const key = crypto.randomUUID();
    const once = (): Promise<Contract> => upload<Contract>('/api/v1/contracts', form, onProgress, { 'Idempotency-Key': key });
    return once().catch((failure: unknown) => {
      if (failure instanceof Problem && failure.id === 'offline') return once();
      throw failure;
    });
  },
  contracts: (signal: AbortSignal) => askJson<{ contracts: Contract[] }>('/api/v1/contracts', { signal }),
  contract: (contract: string, since?: string, signal?: AbortSignal) =>
    askJson<Contract>(
      `/api/v1/contracts/${id(contract)}` + (since ? `?since=${id(since)}` : ''),
      signal ? { signal } : {},
    ),
  history: (contract: string) => askJson<{ history: HistoryEntry[] }>(`/api/v1/contracts/${id(contract)}/history`),
  legal: (contract: string, signal?: AbortSignal) =>
    askJson<LegalOverview>(`/api/v1/contracts/${id(contract)}/legal`, signal ? { signal } : {}),
  // handOver consents to words, as they were shown.
  handOver: (contract: string, service: string, words: string) =>
    askJson<Handover>(`/api/v1/contracts/${id(contract)}/legal`, { json: { service, consent: true, words } }),
  document: (contract: string) => askBytes(`/api/v1/contracts/${id(contract)}/document`),
  documentPath: (contract: string) => `/api/v1/contracts/${id(contract)}/document`,
  start: (contract: string) => askJson<Contract>(`/api/v1/contracts/${id(contract)}/start`, { method: 'POST' }),
  remind: (contract: string) => askJson<Contract>(`/api/v1/contracts/${id(contract)}/remind`, { method: 'POST' }),
  withdraw: (contract: string, reason: string) =>
    askJson<Contract>(`/api/v1/contracts/${id(contract)}/withdraw`, { json: { reason } }),
  makeLink: (contract: string, position: number) =>
    askJson<{ link: string }>(`/api/v1/contracts/${id(contract)}/parties/${position}/link`, { method: 'POST' }),

  mail: () => askJson<MailSettings>('/api/v1/mail'),
  testMail: (to: string) => askJson<{ notice: string }>('/api/v1/mail/tests', { json: { to } }),
  notices: (signal: AbortSignal) => askJson<{ notices: Notice[] }>('/api/v1/notices', { signal }),
  notice: (notice: string) => askJson<Notice>(`/api/v1/notices/${id(notice)}`),
  selfCheck: () => askJson<SelfCheck>('/api/v1/selfcheck'),
};

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });

// follow loads again and again until signal says stop: what has a version waits for a change by itself, the
// rest is asked for every few seconds while the page is seen. What fails is told and tried again.
export async function follow<T extends object>(
  load: (since: string | undefined, signal: AbortSignal) => Promise<T>,
  take: (value: T) => void,
  fail: (problem: Problem | null) => void,
  signal: AbortSignal,
): Promise<void> {
  let since: string | undefined;
  while (!signal.aborted) {
    try {
      const value: T & { version?: string } = await load(since, signal);
      if (signal.aborted) return;
      fail(null);
      if (value.version === undefined || value.version !== since) take(value);
      since = value.version;
      if (since === undefined) await pause(2500, signal);
    } catch (failure) {
      if (signal.aborted) return;
      fail(failure instanceof Problem ? failure : new Problem('strange', 0, null));
      since = undefined;
      await pause(3000, signal);
    }
    while (document.hidden && !signal.aborted) await pause(500, signal);
  }
}
