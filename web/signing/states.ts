// states.ts: the pages on which a journey ends or waits: each says what is the matter and what to do.
import { formatTime } from '../shared/i18n';
import { Problem } from '../shared/rest';
import { button, facts, make } from './dom';
import { present } from './frame';
import type { Invitation } from './link';
import { say } from './texts';

type Key = Parameters<typeof say>[0];
type Tone = 'good' | 'warn' | 'bad';

export interface Notice {
  title: Key;
  text: Key;
  tone?: Tone;
  values?: Record<string, string | number>;
  facts?: () => [string, string][];
  action?: { text: Key; run: () => void };
}

// showNotice is one page with a title, a text and at most one thing to do.
export function showNotice(notice: Notice): void {
  present(() => ({
    title: say(notice.title),
    content: [
      make(
        'div',
        { class: `card notice ${notice.tone ?? 'warn'}` },
        make('p', {}, say(notice.text, notice.values)),
        notice.facts ? facts(notice.facts().filter(([, value]) => value !== '')) : null,
      ),
      ...(notice.action ? [make('div', { class: 'actions' }, button(say(notice.action.text), notice.action.run))] : []),
    ],
  }));
}

// showProblem says a refusal of the platform in its own words.
export function showProblem(failure: unknown, retry: () => void): void {
  const problem = failure instanceof Problem ? failure : null;
  present(() => ({
    title: say('refusedTitle'),
    content: [
      make(
        'div',
        { class: 'card notice bad', role: 'alert' },
        make('p', {}, problem ? problem.text : say('refusedTitle')),
        make('p', {}, problem ? problem.action : ''),
        problem?.trace ? make('p', { class: 'hint' }, problem.trace) : null,
        problem || !(failure instanceof Error) ? null : make('p', { class: 'hint' }, failure.message),
      ),
      make('div', { class: 'actions' }, button(say('retry'), retry)),
    ],
  }));
}

const endings = ['expired', 'declined', 'withdrawn', 'failed'] as const;
export type Ending = (typeof endings)[number];

// endingOf is how the contract ended without all signatures; null where it did not.
export function endingOf(invitation: Invitation): Ending | null {
  return endings.find((ending) => ending === invitation.contract.state) ?? null;
}

export function showEnding(state: Ending, invitation: Invitation): void {
  const { contract } = invitation;
  showNotice({
    title: `${state}Title`,
    text: `${state}Text`,
    tone: state === 'withdrawn' ? 'warn' : 'bad',
    facts: () => [
      [say('summaryFor'), contract.title],
      [say('from'), invitation.from],
      [say('reason'), contract.reason ?? ''],
      [say('contractNumber'), contract.id],
    ],
  });
}

// showDelay says when the next PIN is taken, and how many wrong ones are borne then.
export function showDelay(until: Date, triesLeft: number | null, again: () => void): void {
  present(() => ({
    title: say('delayedTitle'),
    content: [
      make('div', { class: 'card notice warn' }, make('p', {}, say('delayedText', { time: formatTime(until) })), triesLeft === null ? null : make('p', {}, say('delayedTries', { tries: triesLeft }))),
      make('div', { class: 'actions' }, button(say('retry'), again)),
    ],
  }));
}
