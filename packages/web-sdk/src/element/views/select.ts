import type { FlowState } from '../../flow/machine.ts';
import { busyView } from './busy.ts';
import { choiceView } from './choice.ts';
import { linkView } from './link.ts';
import { matchView } from './match.ts';
import { outcomeView } from './outcome.ts';
import { qrView } from './qr.ts';
import type { View, ViewContext } from './view.ts';

/** States with one key share one view, updated in place: a link must not leave the document while its click is being handled. */
export function keyOf(state: FlowState): string {
  switch (state.phase) {
    case 'ready':
    case 'waiting':
      return `link ${state.transaction.id}`;
    case 'qr':
      return `qr ${state.transaction.id} ${state.expired}`;
    case 'match':
      return `match ${state.transaction.id}`;
    default:
      return state.phase;
  }
}

export function viewFor(context: ViewContext, state: FlowState): View {
  switch (state.phase) {
    case 'choosing':
      return choiceView(context);
    case 'starting':
      return busyView(context, 'starting', null, ['cancel']);
    case 'resuming':
      return busyView(context, 'resuming', null, ['cancel']);
    case 'ready':
    case 'waiting':
      return linkView(context, state.transaction);
    case 'qr':
      return qrView(context, state.transaction, state.expired);
    case 'opened':
      // The link has been redeemed: whoever comes back without an answer cannot follow it again, only begin anew.
      return state.transaction.kind === 'qr'
        ? busyView(context, 'openedTitle', 'openedLead', ['cancel'])
        : busyView(context, 'waitingTitle', 'waitingLead', ['start-over', 'cancel']);
    case 'match':
      return matchView(context);
    case 'completing':
      return busyView(context, 'completing', 'completingLead', []);
    case 'done':
      return outcomeView(context, state);
  }
}
