/** The simulator's controls as forms of the sample. In-process: no token leaves the server. */
import { MUNICIPALITIES, type Person, type Simulator } from '@jpki-rp/simulator';
import type { Carrier, Purpose } from '@jpki-rp/verifier';

type Form = Readonly<Record<string, unknown>>;

const HOUR = 3_600_000;
const STEPS: Readonly<Record<string, number>> = { '1h': HOUR, '1d': 24 * HOUR, '1y': 365 * 24 * HOUR };
const MAX_PEOPLE = 40;

/** False where the form asks for nothing that exists. */
export async function pullLever(simulator: Simulator, lever: string, form: Form): Promise<boolean> {
  const person = simulator.people().find(({ id }) => id === form['person']);
  switch (lever) {
    case 'advance': {
      const step = STEPS[String(form['by'])];
      if (step === undefined) return false;
      simulator.advanceTo(new Date(simulator.now().getTime() + step));
      return true;
    }
    case 'person':
      if (simulator.people().length >= MAX_PEOPLE) return false;
      await simulator.person();
      return true;
    case 'status':
      return person !== undefined && changeStatus(simulator, person, form);
    case 'life':
      return person !== undefined && (await live(simulator, person, form['do']));
    default:
      return false;
  }
}

function changeStatus(simulator: Simulator, person: Person, form: Form): boolean {
  const carrier = (['card', 'smartphone'] as const satisfies readonly Carrier[]).find((one) => one === form['carrier']);
  const purpose = (['digital-signature', 'user-authentication'] as const satisfies readonly Purpose[]).find(
    (one) => one === form['purpose'],
  );
  if (carrier === undefined || purpose === undefined) return false;
  if (form['do'] === 'hold') simulator.hold(person, carrier, purpose);
  else simulator.revoke(person, carrier, purpose);
  return true;
}

async function live(simulator: Simulator, person: Person, what: unknown): Promise<boolean> {
  if (what === 'device') await simulator.changeDevice(person);
  else if (what === 'renew') await simulator.renew(person);
  else if (what === 'move') await simulator.moveHouse(person, MUNICIPALITIES[Math.floor(Math.random() * MUNICIPALITIES.length)]?.id ?? '');
  else return false;
  return true;
}
