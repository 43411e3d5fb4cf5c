// rest.ts: the client of the REST interface (docs/openapi.yaml). Failures are thrown as Problem.
import { language, messages } from './i18n';

const text = messages(
  { offline: '连不上服务。', offlineAction: '请检查网络后重试。', strange: '服务的应答无法理解。', strangeAction: '请稍后重试。' },
  {
    offline: 'The service cannot be reached.',
    offlineAction: 'Check the network and try again.',
    strange: 'The answer of the service cannot be understood.',
    strangeAction: 'Try again later.',
  },
);

// ProblemBody is problem+json as the platform writes it (RFC 9457; ids: docs/errors.md).
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  id: string;
  text_en: string;
  text_zh: string;
  action_en: string;
  action_zh: string;
  detail?: string;
  trace: string;
}

// Problem is a refusal or a failure. id 'offline': nothing answered; 'strange': no problem+json came.
export class Problem extends Error {
  constructor(
    readonly id: string,
    readonly status: number,
    readonly body: ProblemBody | null,
  ) {
    super(id);
    this.name = 'Problem';
  }
  // text says what happened, action what to do, in the page's language.
  get text(): string {
    if (this.body) return language() === 'zh' ? this.body.text_zh : this.body.text_en;
    return text(this.id === 'offline' ? 'offline' : 'strange');
  }
  get action(): string {
    if (this.body) return language() === 'zh' ? this.body.action_zh : this.body.action_en;
    return text(this.id === 'offline' ? 'offlineAction' : 'strangeAction');
  }
  // trace is the request's id in the log of the platform; empty where none came.
  get trace(): string {
    return this.body?.trace ?? '';
  }
}

function isProblemBody(value: unknown): value is ProblemBody {
  if (typeof value !== 'object' || value === null) return false;
  const body = value as Record<string, unknown>;
  return ['id', 'text_en', 'text_zh', 'action_en', 'action_zh'].every((name) => typeof body[name] === 'string');
}

// problemOf reads the refusal out of a response that is not ok.
export async function problemOf(response: Response): Promise<Problem> {
  try {
    const body: unknown = await response.json();
    if (isProblemBody(body)) return new Problem(body.id, response.status, body);
  } catch {
    // Not JSON: some proxy speaks.
  }
  return new Problem('strange', response.status, null);
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  json?: unknown;
  body?: BodyInit;
  contentType?: string; // of body
  token?: string; // of the session
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

// ask sends one request to this page's origin and gives the response where it is ok.
export async function ask(path: string, options: RequestOptions = {}): Promise<Response> {
  if (!path.startsWith('/') || path.startsWith('//')) throw new Error(`not a path of this origin: ${path}`);
  const headers = new Headers(options.headers);
  headers.set('Accept', 'application/json, application/problem+json, */*;q=0.5');
  if (options.token) headers.set('Authorization', `Bearer ${options.token}`);
  let body = options.body ?? null;
  if (options.json !== undefined) {
    headers.set('Content-Type', 'application/json');
    body = JSON.stringify(options.json);
  } else if (options.contentType) {
    headers.set('Content-Type', options.contentType);
  }
  let response: Response;
  try {
    response = await fetch(path, {
      method: options.method ?? (body === null ? 'GET' : 'POST'),
      headers,
      body,
      signal: options.signal ?? null,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
    });
  } catch (failure) {
    if (options.signal?.aborted) throw failure;
    throw new Problem('offline', 0, null);
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

// askJson is ask, with the answer read as JSON.
export async function askJson<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await ask(path, options);
  try {
    return (await response.json()) as T;
  } catch {
    throw new Problem('strange', response.status, null);
  }
}

// askBytes is ask, with the answer as octets.
export async function askBytes(path: string, options: RequestOptions = {}): Promise<Uint8Array> {
  return new Uint8Array(await (await ask(path, options)).arrayBuffer());
}
