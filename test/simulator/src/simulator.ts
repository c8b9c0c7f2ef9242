/** Puts the rooms together: one JPKI, one phone, one loopback origin. */
import { randomBytes } from 'node:crypto';
import type { CertificateClass } from '@jpki-rp/verifier';
import { createLocks } from './app/locks.ts';
import { createPost, originRule } from './app/network.ts';
import { createPhone } from './app/phone.ts';
import { crlPublisher } from './authority/crl.ts';
import { createAuthorities } from './authority/issuer.ts';
import { keyPool } from './authority/keys.ts';
import { createLedger } from './authority/ledger.ts';
import { answerOcsp } from './authority/ocsp.ts';
import { plusSeconds } from './authority/time.ts';
import { virtualAppDoorProfile } from './door-profile.ts';
import { environmentJson } from './environment.ts';
import { appRoutes } from './http/app-routes.ts';
import { controlRoutes, holdsToken } from './http/control.ts';
import { linkRoutes } from './http/links.ts';
import { platformRoutes } from './http/platform.ts';
import { type HttpHandler, listen } from './http/server.ts';
import { answerStatusData, type Fault, type FaultTarget } from './http/status-data.ts';
import { seededRandom } from './random.ts';
import { linkInformation } from './register/link-information.ts';
import { municipalityOf } from './register/municipalities.ts';
import { createRegister } from './register/register.ts';
import type { Simulator, SimulatorOptions } from './surface.ts';

const DEFAULTS = {
  seed: 1,
  port: 0,
  host: '127.0.0.1',
  linkedRevocationDelaySeconds: 3_600,
  generations: 2,
  crlPublication: 'immediate',
} as const;

/**
 * Starts a JPKI with two CAs, their status services and a virtual Myna app. Nobody lives in it yet: `person()` creates fictional people. Ready
 * when the promise resolves; `close()` ends it.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { seed, port, host, linkedRevocationDelaySeconds, generations, crlPublication } = { ...DEFAULTS, ...options };
  const base = options.clock ?? (() => new Date());
  let ahead = 0;
  const now = (): Date => new Date(base().getTime() + ahead);

  const tls = options.tls === undefined ? {} : { tls: options.tls };
  let handler: HttpHandler = async () => ({ status: 503 });
  const server = await listen({
    host,
    port,
    ...tls,
    ...(options.onRequest === undefined ? {} : { onRequest: options.onRequest }),
    handler: (request) => handler(request),
  });
  const { origin } = server;
  let secondHandler: HttpHandler = async () => ({ status: 503 });
  const second =
    options.secondResponder !== true ? null : await listen({ host, port: 0, ...tls, handler: (request) => secondHandler(request) });
  const close = async (): Promise<void> => {
    await Promise.all([server.close(), second?.close()]);
  };
  const urls: Simulator['urls'] = {
    origin,
    app: `${origin}/app`,
    control: `${origin}/control`,
    links: `${origin}/links`,
    crl: (certificateClass, generation, partition) => `${origin}/crl/${certificateClass}/${generation}/${partition}.crl`,
    ocsp: (certificateClass) => `${origin}/ocsp/${certificateClass}`,
  };
  const start = async (): Promise<Simulator> => {
    const keys = keyPool(seededRandom(seed, 'keys'));
    const authorities = await createAuthorities({ keys, random: seededRandom(seed, 'serials'), generations, at: now() });
    const ledger = createLedger();
    const register = createRegister({
      authorities,
      ledger,
      keys,
      random: seededRandom(seed, 'people'),
      now,
      ocspUrl: urls.ocsp,
      linkedRevocationDelaySeconds,
    });
    const crls = crlPublisher(authorities, ledger, crlPublication);
    const locks = createLocks();
    const doorProfile = virtualAppDoorProfile(origin);
    const faults = new Map<FaultTarget, Fault>();
    const met = new Map<string, number>();
    const controlToken = randomBytes(24).toString('base64url');
    const crl = (certificateClass: CertificateClass, generation: number, partition: string): Uint8Array => {
      register.settle();
      return crls.publish(certificateClass, generation, municipalityOf(partition), now());
    };
    const platform = { token: randomBytes(24).toString('base64url'), asked: 0, fault: null as 'down' | 'garbage' | null };
    const simulator: Simulator = {
      environment: environmentJson(`simulator-${seed}`, authorities, {
        ...urls,
        ...(second === null ? {} : { secondOcsp: (certificateClass: CertificateClass) => `${second.origin}/ocsp/${certificateClass}` }),
      }),
      doorProfile,
      urls,
      controlToken,
      app: createPhone({
        profile: doorProfile,
        isAllowed: originRule(options.allowedOrigins),
        post: createPost(options.tls?.cert),
        locks,
      }),
      person: async (wanted) => (await register.create(wanted)).person,
      people: () => register.residents().map(({ person }) => person),
      revoke: (person, carrier, purpose, reason = 'keyCompromise') => register.revoke(register.of(person), carrier, purpose, reason),
      hold: (person, carrier, purpose) => register.revoke(register.of(person), carrier, purpose, 'certificateHold'),
      release: (person, carrier, purpose) => register.release(register.of(person), carrier, purpose),
      revocation: (person, carrier, purpose) => register.revocation(register.of(person), carrier, purpose),
      changeDevice: async (person) => {
        await register.changeDevice(register.of(person));
        locks.reset(person.id, 'smartphone');
      },
      renew: async (person) => {
        await register.renew(register.of(person));
        locks.reset(person.id, 'card');
      },
      moveHouse: (person, municipality) => register.moveHouse(register.of(person), municipality),
      links: linkInformation(authorities, register.residents, options.linkInformation ?? []),
      now,
      advanceTo: (time) => {
        if (time < now()) throw new RangeError('the clock of a JPKI does not run backwards');
        ahead += time.getTime() - now().getTime();
        register.settle();
      },
      publishCrls: () => {
        register.settle();
        crls.publishAll(now());
      },
      crl,
      platform: {
        url: `${origin}/platform/v1/determinations`,
        token: platform.token,
        asked: () => platform.asked,
        fail: (fault) => {
          platform.fault = fault;
        },
      },
      faults: {
        set: (target, fault) => {
          if (fault === null) faults.delete(target);
          else faults.set(target, fault);
        },
        met: (target, fault) => met.get(`${target} ${fault}`) ?? 0,
      },
      close,
    };
    const statusData = {
      crl,
      ocsp: (certificateClass: CertificateClass, request: Uint8Array, aheadSeconds: number) => {
        register.settle();
        return answerOcsp(authorities, ledger, { certificateClass, request, now: plusSeconds(now(), aheadSeconds) });
      },
      fault: (target: FaultTarget) => {
        const fault = faults.get(target) ?? null;
        if (fault !== null) met.set(`${target} ${fault}`, (met.get(`${target} ${fault}`) ?? 0) + 1);
        return fault;
      },
    };
    const app = appRoutes(simulator, locks);
    const control = controlRoutes(simulator);
    const links = linkRoutes(simulator.links, holdsToken(controlToken));
    const platformOperator = platformRoutes({
      isAuthorized: holdsToken(platform.token),
      find: (serial) => ledger.at(serial),
      revocation: (record) => {
        register.settle();
        return ledger.revocation(record);
      },
      now,
      fault: () => platform.fault,
      onAsked: () => {
        platform.asked += 1;
      },
    });
    handler = async (request) => {
      if (request.path.startsWith('/platform/')) return platformOperator(request);
      if (request.path.startsWith('/links/')) return links(request);
      if (request.path.startsWith('/crl/') || request.path.startsWith('/ocsp/')) return answerStatusData(request, statusData);
      if (request.path.startsWith('/control/')) return control(request);
      return app(request);
    };
    secondHandler = async (request) =>
      request.path.startsWith('/ocsp/') ? answerStatusData(request, statusData, 'second-ocsp') : { status: 404 };
    return simulator;
  };
  try {
    return await start();
  } catch (error) {
    await close();
    throw error;
  }
}
