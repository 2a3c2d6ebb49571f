/** A host in this process's memory: what lies in its folders, what runs on it, and a note of everything it was told to do. */
import type { Copy, Host } from "../host/host.ts";
import type { Itinerary } from "./itinerary.ts";
import type { Run } from "./situation.ts";
import type { Work } from "./steps.ts";

export interface Memory {
  /** By folder. */
  readonly itineraries: Readonly<Record<string, Itinerary>>;
  /** Names of the copies that run, all of them healthy. */
  readonly running: readonly string[];
  /** By what each service would be recognised as unchanged: of each folder, and as it was started. */
  readonly definitions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly started?: Readonly<Record<string, string>>;
  /** What a program in a copy writes; throws where it fails. */
  readonly runs?: (service: string, command: readonly string[]) => string;
}

/** A host, and what it was told. Whatever its memory says nothing of fails. */
export function memoryHost({ itineraries, running, definitions = {}, started = {}, runs }: Memory): { readonly host: Host; readonly told: readonly string[] } {
  const told: string[] = [];
  const note = async (words: string): Promise<void> => void told.push(words);
  const unknown = (): never => {
    throw new Error("this host knows nothing of that");
  };
  const copies = running.map((name): Copy => ({ name, status: "running", health: "healthy", exitCode: 0, outOfMemory: false, restarts: 0, image: "", addresses: {} }));
  const host: Host = {
    name: "memory",
    claim: async () => 1,
    renew: async () => undefined,
    free: async () => undefined,
    facts: async () => ({ clock: Date.now() / 1000, free: { releases: 1e12, images: 1e12 }, architecture: "x86_64", releases: new Set(Object.keys(itineraries)), colours: {}, definitions: new Map(Object.entries(started)), files: new Map(), copies }),
    copies: async () => copies,
    journal: async () => "",
    append: async () => undefined,
    mendJournal: async () => undefined,
    upload: async () => undefined,
    read: async (folder) => JSON.stringify(itineraries[folder] ?? unknown()),
    pull: async () => undefined,
    present: async (references) => new Set(references),
    definitions: async (folder) => new Map(Object.entries(definitions[folder] ?? {})),
    configure: async (_, folder) => {
      await note(`configure ${folder}`);
      return [];
    },
    start: (_, folder, services) => note(`start ${services.join(" ")} of ${folder}`),
    runJob: (_, folder, job) => note(`run ${job} of ${folder}`),
    runIn: async (_, service, command, { timeout }) => {
      // As strict as what starts programs on a real host.
      if (!Number.isInteger(timeout) || timeout < 1) throw new TypeError(`${timeout} is no number of whole milliseconds`);
      await note(`in ${service}: ${command.join(" ")}`);
      return runs ? runs(service, command) : unknown();
    },
    place: async () => undefined,
    signal: async () => undefined,
    stop: async () => undefined,
    remove: async () => undefined,
    prune: async () => undefined,
    lastWords: async () => "",
    ask: async () => unknown(),
    door: async () => unknown(),
    close: async () => undefined,
  };
  return { host, told };
}

/** An itinerary without services. */
export const itinerary = (changes: Partial<Itinerary> = {}): Itinerary => ({
  release: "r",
  environment: "sample",
  coloured: [],
  groups: [],
  sets: null,
  setBecause: null,
  forwardOnly: [],
  jobs: [],
  proxy: { service: "traefik", network: "n", port: 1, metrics: null },
  variables: {},
  images: [],
  ...changes,
});

/** A deploy from the folder `old`, where something serves, to the folder `new`. */
export const deployRun: Run = { id: "1", action: "deploy", from: { release: "o", folder: "old", colour: "blue" }, to: { release: "n", folder: "new", colour: "green" }, step: "set", outcome: "began", switched: false };

/** What a step of it works with. */
export const workOn = (host: Host, run: Run = deployRun): Work => ({
  host,
  token: 1,
  situation: { serving: run.from, served: [], run },
  run,
  luggage: undefined,
  planned: undefined,
  preview: async () => [],
  objections: async () => [],
  watch: { window: 0, minimum: 0, pause: 0 },
  accepted: undefined,
  confirmWithin: 0,
  report: () => undefined,
  signal: new AbortController().signal,
});
