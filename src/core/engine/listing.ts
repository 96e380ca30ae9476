/** Every engine that could be used, what each answers, and which one is taken and why. For people: nothing is decided here. */
import { CancelledError, UserError, throwIfAborted } from '../errors.js';
import { firstThatAnswers, open } from './connect.js';
import { contextNames, readDockerConfig } from './docker-config.js';
import { byContext, findEndpoints, usualPlaces } from './endpoints.js';
import type { Candidate, EngineChoice, Found } from './endpoints.js';
import type { Engine } from './engine.js';
import { text } from './json.js';
import { noAnswer, reasonOf } from './problems.js';

export interface ListedEngine {
  /** Its address; where that could not be found out, what was asked for. */
  readonly url: string;
  /** Where it was found: `DOCKER_HOST`, `context "work"`, `Colima`. */
  readonly source: string;
  /** What `--engine` or the setting has to say to get this one. */
  readonly value: string;
  /** `absent`: a usual place where nothing is. `trouble`: something is there or was asked for, and cannot be used. */
  readonly state: 'answers' | 'absent' | 'trouble';
  /** `Docker 28.5`, or in a few words why not. */
  readonly answer: string;
  /** Of a trouble: the whole sentence, and the next step. */
  readonly message?: string;
  readonly fix?: string;
  readonly chosen: boolean;
}

export interface EngineListing {
  readonly engines: readonly ListedEngine[];
  /** Why the chosen one is: `DOCKER_HOST is set`. Where none is chosen: what is wrong. */
  readonly why: string;
}

/** For each place: somebody who waits for a list does not wait for a machine that is switched off. */
const PATIENCE_S = 6;

interface Place {
  readonly url: string;
  readonly source: string;
  readonly value: string;
  readonly found: Candidate | UserError;
}

/** What decides, in the order in which it does. */
interface Decision {
  readonly why: string;
  /** undefined where it is left to the usual places. */
  readonly place: Place | undefined;
}

export async function listEngines(choice: EngineChoice, signal?: AbortSignal): Promise<EngineListing> {
  const decisions = await decisionsOf(choice);
  const { env } = choice;
  const usual = await usualPlaces(env);
  const places = unique([
    ...decisions.flatMap(({ place }) => (place ? [place] : [])),
    ...(await contextPlaces(choice)),
    ...usual.map((found) => ({ ...found.endpoint, value: found.endpoint.url, found })),
  ]);
  const asked = new Map<string, Promise<Engine>>();
  const ask = (candidate: Candidate): Promise<Engine> => {
    const key = keyOf(candidate);
    const engine = asked.get(key) ?? answerOf(candidate, choice, signal);
    asked.set(key, engine);
    return engine;
  };
  const [rows, verdict] = await Promise.all([Promise.all(places.map((place) => rowOf(place, ask))), judge(decisions[0], usual, choice, ask)]);
  throwIfAborted(signal);
  return { engines: rows.map((row, at) => ({ ...row, chosen: verdict.key !== undefined && keyOfPlace(places[at]) === verdict.key })), why: verdict.why };
}

async function decisionsOf({ engine, env }: EngineChoice): Promise<readonly Decision[]> {
  const { DOCKER_HOST: host, DOCKER_CONTEXT: context, ...rest } = env;
  const current = await readDockerConfig(env).then(
    (config) => text(config['currentContext']),
    () => '', // which the last of the steps below finds out, too
  );
  const steps: { readonly value: string; readonly source: string; readonly why: string; readonly choice: EngineChoice }[] = [
    ...(engine && engine.value !== '' ? [{ ...engine, why: `${engine.source.replace(/^setting/, 'the setting')} names it`, choice: { engine, env } }] : []),
    ...(host ? [{ value: host, source: 'DOCKER_HOST', why: 'DOCKER_HOST is set', choice: { env } }] : []),
    ...(context ? [{ value: context, source: 'DOCKER_CONTEXT', why: 'DOCKER_CONTEXT names it', choice: { env: { ...rest, DOCKER_CONTEXT: context } } }] : []),
    { value: current, source: "Docker's configuration", why: "it is Docker's current context", choice: { env: rest } },
  ];
  return Promise.all(
    steps.map(async ({ value, source, why, choice }) => {
      const found = await findEndpoints(choice).catch(orProblem);
      if (found instanceof UserError) {
        const shown = withoutPassword(value);
        return { why, place: { url: shown || (found.where?.file ?? ''), source, value: shown, found } };
      }
      return { why, place: 'usual' in found ? undefined : placeOf(found.chosen, value) };
    }),
  );
}

/** Contexts that nobody asked for. */
async function contextPlaces({ env }: EngineChoice): Promise<readonly Place[]> {
  const places = (await contextNames(env)).map(async (name): Promise<readonly Place[]> => {
    const found: Found | UserError = await byContext(name, undefined, env).catch(orProblem);
    if (found instanceof UserError) return [{ url: name, source: `context "${name}"`, value: name, found }];
    return 'chosen' in found ? [placeOf(found.chosen, name)] : [];
  });
  return (await Promise.all(places)).flat();
}

function placeOf(found: Candidate, value: string): Place {
  const { url, source } = found.endpoint;
  // The name of a context brings its certificates.
  return { url, source, value: source.startsWith('context ') && value !== '' ? value : url, found };
}

/** The first of several names for the same address. */
function unique(places: readonly Place[]): readonly Place[] {
  const seen = new Set<string>();
  return places.filter((place) => {
    const key = keyOfPlace(place) ?? place.source;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function keyOfPlace(place: Place | undefined): string | undefined {
  return place && !(place.found instanceof UserError) ? keyOf(place.found) : undefined;
}

/** With its certificates: the same address with others is another way to reach it. */
function keyOf({ address }: Candidate): string {
  return JSON.stringify(address);
}

async function answerOf(candidate: Candidate, { env }: EngineChoice, signal: AbortSignal | undefined): Promise<Engine> {
  const patience = AbortSignal.timeout(PATIENCE_S * 1000);
  try {
    const engine = await open(candidate, env, signal ? AbortSignal.any([signal, patience]) : patience);
    engine.close();
    return engine;
  } catch (error) {
    throw error instanceof CancelledError && !signal?.aborted ? noAnswer(candidate.endpoint, PATIENCE_S, error) : error;
  }
}

/** What `connectEngine` decides, told from the same answers. */
async function judge(
  first: Decision | undefined,
  usual: readonly Candidate[],
  { env }: EngineChoice,
  ask: (candidate: Candidate) => Promise<Engine>,
): Promise<{ readonly key?: string; readonly why: string }> {
  const place = first?.place;
  if (place) return place.found instanceof UserError ? { why: place.found.message } : { key: keyOf(place.found), why: first.why };
  try {
    const { info } = await firstThatAnswers(usual, env, ask);
    const taken = usual.find(({ endpoint }) => endpoint.url === info.endpoint.url);
    return { ...(taken && { key: keyOf(taken) }), why: 'it is the first of the usual places that answers' };
  } catch (error) {
    if (error instanceof UserError) return { why: error.message };
    throw error;
  }
}

async function rowOf({ url, source, value, found }: Place, ask: (candidate: Candidate) => Promise<Engine>): Promise<Omit<ListedEngine, 'chosen'>> {
  const about = { url, source, value };
  const engine = found instanceof UserError ? found : await ask(found).catch(orProblem);
  if (engine instanceof UserError) return { ...about, ...troubleOf(engine, !(found instanceof UserError) && found.product !== undefined) };
  const name = `${engine.info.product} ${engine.info.version}`;
  if (engine.info.canBuild) return { ...about, state: 'answers', answer: name };
  return {
    ...about,
    state: 'trouble',
    answer: `${name}: cannot build`,
    message: `${name} cannot build what PyPackage needs`,
    fix: 'Use Docker 20.10 or later, or Podman 4.0 or later',
  };
}

function troubleOf(problem: UserError, isUsual: boolean): Pick<ListedEngine, 'state' | 'answer' | 'message' | 'fix'> {
  const { code, message, fix } = problem;
  const state = isUsual && code === 'engine-no-socket' ? 'absent' : 'trouble';
  const answer = code === 'engine-tls' ? `TLS: ${reasonOf(problem)}` : (ANSWERS[code] ?? message);
  return { state, answer, message, ...(fix !== undefined && { fix }) };
}

const ANSWERS: Readonly<Record<string, string>> = {
  'docker-config-invalid': 'not valid JSON',
  'engine-context-missing': 'no such context',
  'engine-no-permission': 'no permission',
  'engine-no-socket': 'no such socket',
  'engine-not-an-engine': 'not a container engine',
  'engine-not-running': 'not running',
  'engine-ssh-denied': 'ssh: permission denied',
  'engine-ssh-host-key-changed': 'ssh: the host key has changed',
  'engine-ssh-host-unknown': 'ssh: the host is not known yet',
  'engine-ssh-no-engine': 'no engine on that machine',
  'engine-too-new': 'too new',
  'engine-too-old': 'too old',
  'engine-unreachable': 'no answer',
  'engine-url-invalid': 'not an address',
};

function orProblem(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}

function withoutPassword(value: string): string {
  return value.replace(/\/\/[^/@]*@/, '//');
}
