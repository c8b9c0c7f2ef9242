/** The simulator's controls as forms of the sample. In-process: no token leaves the server. */
import { MUNICIPALITIES, type Person, type Simulator } from '@jpki-rp/simulator';
import type { Carrier, Purpose } from '@jpki-rp/verifier';
import type { Sweeper } from './sweep.ts';

type Form = Readonly<Record<string, unknown>>;

/** `impossible`: the authority would refuse it. `unknown`: the form asks for nothing that exists. */
export type Pulled = 'done' | 'impossible' | 'unknown';

export interface Machinery {
  readonly simulator: Simulator;
  readonly sweep: Sweeper;
}

const HOUR = 3_600_000;
const STEPS: Readonly<Record<string, number>> = { '1h': HOUR, '1d': 24 * HOUR, '1m': 31 * 24 * HOUR, '1y': 365 * 24 * HOUR };
const MAX_PEOPLE = 40;

export async function pullLever({ simulator, sweep }: Machinery, lever: string, form: Form): Promise<Pulled> {
  const person = simulator.people().find(({ id }) => id === form['person']);
  switch (lever) {
    case 'advance': {
      const step = STEPS[String(form['by'])];
      if (step === undefined) return 'unknown';
      simulator.advanceTo(new Date(simulator.now().getTime() + step));
      return 'done';
    }
    case 'person':
      if (simulator.people().length >= MAX_PEOPLE) return 'impossible';
      await simulator.person();
      return 'done';
    case 'sweep':
      return (await sweep()) ? 'done' : 'impossible';
    case 'status':
      return person === undefined ? 'unknown' : changeStatus(simulator, person, form);
    case 'life':
      return person === undefined ? 'unknown' : live(simulator, person, form['do']);
    default:
      return 'unknown';
  }
}

async function changeStatus(simulator: Simulator, person: Person, form: Form): Promise<Pulled> {
  const carrier = (['card', 'smartphone'] as const satisfies readonly Carrier[]).find((one) => one === form['carrier']);
  const purpose = (['digital-signature', 'user-authentication'] as const satisfies readonly Purpose[]).find(
    (one) => one === form['purpose'],
  );
  if (carrier === undefined || purpose === undefined) return 'unknown';
  switch (form['do']) {
    case 'hold':
      return allowed(() => simulator.hold(person, carrier, purpose));
    case 'release':
      return allowed(() => simulator.release(person, carrier, purpose));
    case 'revoke':
      return allowed(() => simulator.revoke(person, carrier, purpose));
    default:
      return 'unknown';
  }
}

async function live(simulator: Simulator, person: Person, what: unknown): Promise<Pulled> {
  switch (what) {
    case 'device':
      return allowed(() => simulator.changeDevice(person));
    case 'renew':
      return allowed(() => simulator.renew(person));
    case 'move':
      return allowed(() => simulator.moveHouse(person, MUNICIPALITIES[Math.floor(Math.random() * MUNICIPALITIES.length)]?.id ?? ''));
    default:
      return 'unknown';
  }
}

/** What the authority refuses is a RangeError of the simulator: no phone without a card, nothing to release where nothing is on hold. */
async function allowed(act: () => void | Promise<void>): Promise<Pulled> {
  try {
    await act();
    return 'done';
  } catch (error) {
    if (error instanceof RangeError) return 'impossible';
    throw error;
  }
}
