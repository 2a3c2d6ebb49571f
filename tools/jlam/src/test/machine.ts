/** What integration tests need of this machine: the engine, every image they run, and a browser. */
import { notBackedUp, objectStore, type ResolvedEnvironment } from "@jlam/compose-dsl";
import { objectStoreContainer } from "@jlam/object-store";
import Docker from "dockerode";
import { provideImages, type Provision } from "../images/provide.ts";
import { registryAnswers } from "../images/registry.ts";
import { sourcePolicy } from "../images/source.ts";
import { wantedImage, wantedImages, type WantedImage } from "../images/wanted.ts";
import { ensureEngine } from "../machine/engine.ts";
import { ensureTool } from "../machine/packages.ts";
import { ifGone } from "../runtime/containers.ts";
import { testedOpenBao } from "../secrets/openbao/tested-image.ts";
import { PersonError } from "../terminal/failure.ts";
import { imagePrograms } from "./image-program.ts";

type Say = (line: string) => void;

export interface ReadyMachine {
  /** For the tests' environment: images to run, programs that they ask, and whether Testcontainers may start its reaper. */
  readonly env: Readonly<Record<string, string>>;
  /** What tests will have to do without, with the reason. */
  readonly notes: readonly string[];
}

/**
 * Makes the machine ready, installing and building what is missing.
 * @throws PersonError where no engine can be had, or a recipe fails
 */
export async function readyMachine(environment: ResolvedEnvironment, root: string, say: Say): Promise<ReadyMachine> {
  // One after the other: both install packages, and apt is for one at a time.
  const browserNote = await ensureBrowser(say);
  await ensureEngine({ yes: true, say });
  const provision = await provideImages(testedImages(environment), {
    root,
    policy: sourcePolicy(process.env["JLAM_IMAGES"]),
    report: imageProgress(say),
  });
  return {
    env: {
      ...provision.env,
      ...(await reaperSetting()),
      ...(await imagePrograms(provision.images, root)),
    },
    notes: [...(browserNote === undefined ? [] : [browserNote]), ...missingNotes(provision)],
  };
}

/** Those of the environment, and of providers that only staging and production leave to somebody else. */
function testedImages(environment: ResolvedEnvironment): readonly WantedImage[] {
  const store = objectStore("tested", { owner: "platform", holds: "no-personal-data", backup: notBackedUp("a test's") });
  const { services } = objectStoreContainer(store, { memory: "384M", cpus: 1 });
  return [...wantedImages(environment), ...services.map(({ image }) => wantedImage(image)), wantedImage(testedOpenBao)];
}

const missingNotes = ({ missing }: Provision): readonly string[] => missing.map(({ name, reason }) => `no image "${name}" here: ${reason}`);

/** A build says a thousand lines; its first, and the end, are enough where lines stay. */
function imageProgress(say: Say): (image: string, line: string) => void {
  const begun = new Set<string>();
  return (image, line) => {
    if (begun.has(image)) return;
    begun.add(image);
    say(`image ${image}: ${line}`);
  };
}

/** Installs Debian's chromium where that is possible; otherwise says why the tests in a browser will skip. */
async function ensureBrowser(say: Say): Promise<string | undefined> {
  try {
    await ensureTool("chromium", ["chromium"], say);
    return undefined;
  } catch (error) {
    if (error instanceof PersonError) return `no browser here: ${error.message}`;
    throw error;
  }
}

/** The image of Testcontainers' reaper (testcontainers/reaper/reaper.js); the tests clean up by label in any case. */
const reaperImage = "testcontainers/ryuk:0.14.0";

/** Testcontainers starts its reaper only where its image is here, or a registry gives it. */
export async function reaperSetting(): Promise<Readonly<Record<string, string>>> {
  const present = await new Docker().getImage(reaperImage).inspect().catch(ifGone);
  return present !== undefined || (await registryAnswers("docker.io")) ? {} : { TESTCONTAINERS_RYUK_DISABLED: "true" };
}
