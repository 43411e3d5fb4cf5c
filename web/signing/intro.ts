// intro.ts: what the link is about: title, sender, parties, deadline; and declining.
import { formatTime } from '../shared/i18n';
import { button, facts, field, make } from './dom';
import { present } from './frame';
import type { Invitation, Party } from './link';
import { say } from './texts';

const partyStates = {
  waiting: 'stateWaiting',
  invited: 'stateInvited',
  signing: 'stateSigning',
  signed: 'stateSigned',
  declined: 'stateDeclined',
} as const;

export function partyList(parties: Party[], you: number): HTMLElement {
  const list = make('ul', { class: 'parties' });
  parties.forEach((party, index) =>
    list.append(
      make(
        'li',
        index === you ? { 'aria-current': 'true' } : {},
        make('span', { class: 'name' }, party.name),
        make('span', { class: `state ${party.state}` }, say(partyStates[party.state])),
      ),
    ),
  );
  return list;
}

// showIntro resolves with what the person wants.
export function showIntro(invitation: Invitation): Promise<'read' | 'decline'> {
  const { contract, from, you } = invitation;
  return new Promise((resolve) =>
    present(() => ({
      title: say('introTitle'),
      content: [
        make(
          'div',
          { class: 'card' },
          make('p', { class: 'title' }, contract.title),
          facts([
            [say('from'), from],
            [say('youAre'), you.name],
            [say('deadline'), formatTime(new Date(contract.expires_at))],
            [say('contractNumber'), make('span', { class: 'mono' }, contract.id)],
          ]),
          make('h2', {}, say('parties')),
          partyList(contract.parties, you.position),
        ),
        make('p', { class: 'hint' }, say('introSafe')),
        make(
          'div',
          { class: 'actions' },
          button(say('readIt'), () => resolve('read')),
          button(say('decline'), () => resolve('decline'), 'quiet'),
        ),
      ],
    })),
  );
}

// askReason resolves with the reason for declining, or null where the person goes back.
export function askReason(): Promise<string | null> {
  return new Promise((resolve) => {
    present(() => {
      const reason = field('reason', say('declineReason'), say('declineReasonHint'), { maxlength: 60, autocomplete: 'off' });
      const decline = (): void => {
        const text = reason.input.value.trim();
        if (text) resolve(text);
        else reason.setError(say('required'));
      };
      return {
        title: say('declineTitle'),
        content: [
          make('div', { class: 'card' }, make('p', {}, say('declineText')), reason.row),
          make(
            'div',
            { class: 'actions' },
            button(say('declineConfirm'), decline, 'danger'),
            button(say('back'), () => resolve(null), 'plain'),
          ),
        ],
      };
    });
  });
}
