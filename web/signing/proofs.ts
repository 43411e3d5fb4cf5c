// proofs.ts: before a device may be enrolled: a one-time code to the person's address, then the check of who they are.
import { Problem } from '../shared/rest';
import { button, field, make } from './dom';
import { persist, present, working } from './frame';
import type { IdentityCheck, Invitation, Link } from './link';
import { say } from './texts';

const steps = 6;
const pauseSeconds = 60; // between two codes, as the platform has it

// triesOf reads "…: 3" off the end of a refusal's detail.
function triesOf(problem: Problem): string {
  return /(\d+)$/.exec(problem.body?.detail ?? '')?.[1] ?? '?';
}

// proveAddress resolves once the right code opened a session.
export async function proveAddress(link: Link, invitation: Invitation): Promise<void> {
  if (link.hasSession) return;
  await askForCode(link, invitation, '');
  await takeCode(link, invitation);
}

async function askForCode(link: Link, invitation: Invitation, error: string): Promise<void> {
  const { address } = invitation.you;
  await new Promise<void>((resolve) =>
    present(() => ({
      title: say('codeTitle'),
      step: { at: 1, of: steps },
      content: [
        make('div', { class: 'card' }, make('p', {}, say('codeText', { address })), make('p', { class: 'error', role: 'alert' }, error)),
        make('div', { class: 'actions' }, button(say('codeSend'), resolve)),
      ],
    })),
  );
  working(say('codeTitle'), say('loading'));
  try {
    await persist(() => link.sendCode());
  } catch (failure) {
    // A code that was sent a moment ago, before a reload, is good.
    if (!(failure instanceof Problem) || failure.id !== 'rate_limited') throw failure;
  }
}

function takeCode(link: Link, invitation: Invitation): Promise<void> {
  const { address } = invitation.you;
  let sentAt = Date.now();
  return new Promise((resolve, reject) =>
    present(() => {
      const code = field('code', say('code'), say('codeHint'), {
        inputmode: 'numeric',
        autocomplete: 'one-time-code',
        maxlength: 6,
        pattern: '[0-9]{6}',
        class: 'code',
      });
      const again = button(say('codeAgain'), () => sendAgain(), 'quiet');
      const countDown = setInterval(() => {
        const seconds = Math.ceil(pauseSeconds - (Date.now() - sentAt) / 1000);
        again.disabled = seconds > 0;
        again.textContent = seconds > 0 ? say('codeWait', { seconds }) : say('codeAgain');
        if (!again.isConnected && Date.now() - sentAt > 2000) clearInterval(countDown);
      }, 500);
      const sendAgain = async (): Promise<void> => {
        try {
          await persist(() => link.sendCode());
          sentAt = Date.now();
          code.setError('');
        } catch (failure) {
          if (failure instanceof Problem && failure.id === 'rate_limited') code.setError(say('tooOften'));
          else reject(failure);
        }
      };
      const check = async (): Promise<void> => {
        if (!/^\d{6}$/.test(code.input.value)) return code.setError(say('codeHint'));
        try {
          await persist(() => link.openSession(code.input.value));
          clearInterval(countDown);
          working(say('codeTitle'), say('loading'));
          resolve();
        } catch (failure) {
          if (!(failure instanceof Problem)) return reject(failure);
          if (failure.id === 'denied') code.setError(say('codeWrong', { tries: triesOf(failure) }));
          else if (failure.id === 'identity.code_void') code.setError(say('codeVoid'));
          else return reject(failure);
          code.input.select();
        }
      };
      const next = button(say('next'), check);
      code.input.addEventListener('keydown', (event) => {
        if (event.key === 'Enter') next.click();
      });
      return {
        title: say('codeTitle'),
        step: { at: 1, of: steps },
        content: [
          make('div', { class: 'card' }, make('p', {}, say('codeSent', { address })), code.row),
          make('div', { class: 'actions' }, next, again),
        ],
        focus: code.input,
      };
    }),
  );
}

// proveIdentity resolves with true once the provider confirmed the person, with false where the link is another's.
export async function proveIdentity(link: Link): Promise<boolean> {
  const check = await claim(link);
  if (!check) return false;
  if (check.state !== 'verified') await giveEvidence(link, check);
  return true;
}

function claim(link: Link): Promise<IdentityCheck | null> {
  return new Promise((resolve, reject) =>
    present(() => {
      const name = field('name', say('name'), say('nameHint'), { autocomplete: 'name', maxlength: 60 });
      const number = field('number', say('idNumber'), say('idNumberHint'), { autocomplete: 'off', maxlength: 32, autocapitalize: 'characters', spellcheck: 'false' });
      const send = async (): Promise<void> => {
        name.setError(name.input.value.trim() ? '' : say('required'));
        number.setError(number.input.value.trim() ? '' : say('required'));
        if (!name.input.value.trim() || !number.input.value.trim()) return;
        try {
          const check = await persist(() => link.claimIdentity(name.input.value.trim(), number.input.value.trim().toUpperCase()));
          working(say('identityTitle'), say('loading'));
          resolve(check);
        } catch (failure) {
          if (!(failure instanceof Problem)) return reject(failure);
          if (failure.id === 'denied') resolve(null);
          else if (failure.id === 'malformed') number.setError(say('idNumberBad'));
          else if (failure.id === 'identity.refused') number.setError(say('identityRefused'));
          else if (failure.id === 'rate_limited') number.setError(say('tooOften'));
          else reject(failure);
        }
      };
      return {
        title: say('identityTitle'),
        step: { at: 2, of: steps },
        content: [
          make('div', { class: 'card' }, make('p', {}, say('identityText')), name.row, number.row),
          make('div', { class: 'actions' }, button(say('identityCheck'), send)),
        ],
        focus: name.input,
      };
    }),
  );
}

function giveEvidence(link: Link, check: IdentityCheck): Promise<void> {
  return new Promise((resolve, reject) =>
    present(() => {
      const words = field('evidence', say('evidence'), say('evidenceHint'), { autocomplete: 'off', maxlength: 200 });
      const send = async (): Promise<void> => {
        if (!words.input.value.trim()) return words.setError(say('required'));
        try {
          await persist(() => link.proveIdentity(check.check, words.input.value.trim()));
          working(say('sandboxTitle'), say('loading'));
          resolve();
        } catch (failure) {
          if (!(failure instanceof Problem)) return reject(failure);
          if (failure.id !== 'identity.refused') return reject(failure);
          words.setError(say(triesOf(failure) === '0' ? 'identityEnded' : 'identityRefused'));
        }
      };
      return {
        title: say('sandboxTitle'),
        step: { at: 2, of: steps },
        content: [
          make(
            'div',
            { class: 'card' },
            make('p', {}, say('sandboxText')),
            make('p', { class: 'challenge' }, check.challenge),
            words.row,
          ),
          make('div', { class: 'actions' }, button(say('next'), send)),
        ],
        focus: words.input,
      };
    }),
  );
}
