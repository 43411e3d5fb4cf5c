// carrier.ts: carries one message of the device to this origin and brings the answer. Unread: the messages
// authenticate themselves.
import type { Destination } from './commands';
import { DeviceFailure } from './failure';

const paths: Record<Destination, string> = {
  registration: '/device/v1/register',
  service: '/device/v1/service',
  keyCentre: '/device/v1/key-centre',
};
const timeoutMs = 60_000;
const answerSizeMax = 80 * 1024 * 1024;

// carry fails with 'offline', 'timeout', 'strange', or what the platform's problem+json tells.
export async function carry(destination: Destination, message: Uint8Array): Promise<Uint8Array> {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), timeoutMs);
  try {
    const response = await fetch(paths[destination], {
      method: 'POST',
      headers: { 'Content-Type': 'application/octet-stream' },
      body: message as Uint8Array<ArrayBuffer>,
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      signal: ending.signal,
    });
    if (!response.ok) throw await failureOf(response);
    const answer = new Uint8Array(await response.arrayBuffer());
    if (answer.length > answerSizeMax) throw new DeviceFailure('limit_exceeded', 'the answer is too large');
    return answer;
  } catch (failure) {
    if (failure instanceof DeviceFailure) throw failure;
    throw new DeviceFailure(ending.signal.aborted ? 'timeout' : 'offline', String(failure));
  } finally {
    clearTimeout(timer);
  }
}

async function failureOf(response: Response): Promise<DeviceFailure> {
  try {
    const problem = (await response.json()) as { id?: unknown; detail?: unknown };
    if (typeof problem.id === 'string') {
      return new DeviceFailure(problem.id, typeof problem.detail === 'string' ? problem.detail : '');
    }
  } catch {
    // Not JSON: some proxy speaks.
  }
  return new DeviceFailure(response.status >= 500 ? 'unavailable' : 'strange', `HTTP ${response.status}`);
}
