/** Lets a host undergo a fault while visitors come, has what was left unfinished ended by the next command, and judges. */
import { LockTaken } from "../../../tools/jlam/src/release/host/host.ts";
import { agreementOn } from "../bed/agreement.ts";
import { shortWatch, visitorAt, type ReleaseHost, type Told, type Workshop } from "../bed/bed.ts";
import { domain } from "../bed/environment.ts";
import { startLoad } from "../bed/load.ts";
import { reportOf, type LoadReport } from "../bed/report.ts";
import { exits, type Ended, type Fault, type Scene } from "./fault.ts";

/** What came of a fault. */
export interface Undergone {
  readonly outcome: Ended;
  /** Number of the version that answered right after it. */
  readonly served: number;
  /** How the next command ended, where something was left unfinished. */
  readonly next: Told["result"]["end"] | undefined;
  readonly report: LoadReport;
  /** Whatever isn't as the fault says that it should be; empty where all is well. */
  readonly wrong: readonly string[];
}

/** Visitors a second: few enough that a busy machine bears them, enough to see a gap. */
const rate = 20;
/** Longest time without an answer that still is a busy machine and no gap, in milliseconds. */
const longestGap = 10_000;

/** Lets the fault come over whatever serves there. */
export async function undergo(fault: Fault, scene: Scene): Promise<Undergone> {
  const { workshop, host, version } = scene;
  const ask = async (): Promise<number> => Number.parseInt(await visitorAt(host, workshop)("/"), 10);
  const serving = await ask();
  const load = startLoad({ address: host.machine.address, domain, authority: workshop.secrets.authority.certificate, rate, most: 20_000 });
  let outcome: Ended;
  let served: number;
  let after: Told["result"] | undefined;
  try {
    outcome = await fault.bring(scene);
    served = await ask();
    if (outcome.end !== "finished" && outcome.end !== "reverted") after = await nextCommand(fault, scene);
  } finally {
    await load.stop();
  }
  const agreement = await agreementOn(host);
  const answers = await ask();
  const report = reportOf(load.visits, [serving, version, serving, version]);
  const expected = fault.next === "rollback" || outcome.end === "reverted" ? serving : version;
  const wrong = [
    ...(outcome.end === fault.ends ? [] : [`it ended as "${outcome.end}", not "${fault.ends}"`]),
    ...(outcome.exit === (fault.exits ?? exits[fault.ends]) ? [] : [`it exits with ${outcome.exit}`]),
    ...(fault.says.test(outcome.told) ? [] : [`it doesn't say ${fault.says.source}: ${outcome.told}`]),
    ...(served === (fault.serves === "new" ? version : serving) ? [] : [`right after it version ${served} serves, of ${serving} and ${version}`]),
    ...(after === undefined || after.end === (fault.next === "rollback" ? "reverted" : "finished") ? [] : [`the next command ended as "${after.end}": ${after.reasons.map(({ step, why }) => `${step}: ${why}`).join("; ")}`]),
    ...(answers === expected ? [] : [`in the end version ${answers} serves, not ${expected}`]),
    ...agreement.wrong,
    ...Object.entries(report.failures).filter(([failure]) => fault.visitors?.test(failure) !== true).map(([failure, count]) => `visitors saw "${failure}" ${count} times`),
    ...(report.longestGap < longestGap || fault.visitors !== undefined ? [] : [`nobody was answered for ${report.longestGap} ms`]),
    ...(report.outOfTurn === 0 ? [] : [`${report.outOfTurn} answers of a version whose turn it wasn't`]),
    ...(outcome.end === "finished" && report.turns !== 2 ? [`versions took ${report.turns} turns`] : []),
  ];
  return { outcome, served, next: after?.end, report, wrong };
}

/** What somebody does who finds it unfinished. */
async function nextCommand(fault: Fault, scene: Scene): Promise<Told["result"]> {
  await freeLock(scene.host);
  try {
    return await given(fault, scene);
  } catch (error) {
    if (!(error instanceof LockTaken)) throw error;
    // The last sign of life of whoever was killed was still on its way to the host.
    await freeLock(scene.host);
    return await given(fault, scene);
  }
}

async function given({ next = "same" }: Fault, { workshop, host, version }: Scene): Promise<Told["result"]> {
  if (next === "rollback") return (await host.rollback()).result;
  const delivery = await deliveryOf(workshop, version, next);
  const { result } = await host.deploy(delivery, { watch: shortWatch });
  if (result.situation.serving?.release !== delivery.release.id) throw new Error(`not the release that was brought, but ${result.situation.serving?.release} serves`);
  return result;
}

const deliveryOf = (workshop: Workshop, version: number, which: "same" | "another"): ReturnType<Workshop["delivery"]> => workshop.delivery(version, "good", which === "same" ? {} : { word: `after ${version}` });

/** The lease of a deployer that was killed ends by itself, which has a fault of its own; others don't wait a minute for it. */
async function freeLock(host: ReleaseHost): Promise<void> {
  await host.machine.run("sh", ["-c", "test ! -f /srv/jlam/bed/lock || sed -i 2s/.*/0/ /srv/jlam/bed/lock"]);
}
