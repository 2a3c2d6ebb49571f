/** A plan: what a deploy will do, in order, and what it costs. Data; `planDeploy` makes it, `planInWords` shows it. */
import { z } from "zod";
import { canonicalJson, hashOf, hashSchema, type Hash } from "../record/canonical.ts";
import { releaseIdSchema } from "../record/release.ts";

/**
 * How much can go wrong, and what is needed to undo it:
 * - `none`: nothing that runs is touched.
 * - `low`: the old version keeps running beside the new one until it is proven; back by one rename.
 * - `medium`: something is interrupted or changes for all, and can be undone by deploying the old release.
 * - `high`: data, its schema or its only process is touched; undoing may need a restore.
 */
export const risks = ["none", "low", "medium", "high"] as const;
export type Risk = (typeof risks)[number];

const actionSchema = z.readonly(
  z.object({
    kind: z.enum([
      /** A recovery set of what is there, before anything of it is touched. */
      "set",
      /** A schema's expand steps, before anything that needs them starts. */
      "migrate",
      /** A network, volume or secret that wasn't there. */
      "create",
      /** A service that wasn't there. */
      "start",
      /** The proxy, or another program that watches its files, takes them up without a restart. */
      "reload",
      /** The other colour starts, is switched to, and the old one drains. */
      "blue-green",
      /** One container is replaced; whoever uses it waits. */
      "recreate",
      /** A one-shot runs again. */
      "run",
      /** A service, network or volume that is no longer declared; a volume's data stays on the host. */
      "remove",
    ]),
    /** Service, network or volume. */
    subject: z.string(),
    /** Why it is done: which facts changed. At least one. */
    because: z.readonly(z.array(z.string()).min(1)),
    /** Addresses whose visitors can notice. */
    routes: z.readonly(z.array(z.string())),
    /** Expected time in which it doesn't answer, in milliseconds: 0 where nobody waits. */
    interruptionMs: z.int().nonnegative(),
    /** Classes of data that it keeps or handles, such as `medical-data`. */
    data: z.readonly(z.array(z.string())),
    risk: z.enum(risks),
  }),
);
export type PlannedAction = z.infer<typeof actionSchema>;

/** What keeps a plan from being carried out, unless somebody accepts that very thing, as `<code>:<subject>`. */
const blockerSchema = z.readonly(z.object({ code: z.enum(["stateful-recreate", "lost-protection", "lost-data", "major-upgrade", "skipped-release", "backward-release", "not-alone"]), subject: z.string(), message: z.string(), fix: z.string() }));
export type Blocker = z.infer<typeof blockerSchema>;

export const planSchema = z.readonly(
  z.object({
    environment: z.string(),
    /** The release that runs now; null on an empty host. */
    from: releaseIdSchema.nullable(),
    to: releaseIdSchema,
    actions: z.readonly(z.array(actionSchema)),
    blockers: z.readonly(z.array(blockerSchema)),
    /** Blockers that were accepted, told again so that whoever approves the plan sees them. */
    accepted: z.readonly(z.array(blockerSchema)),
    /** The highest risk of its actions. */
    risk: z.enum(risks),
    /** Hash of everything above: what an approval is bound to, and what is carried out. */
    hash: hashSchema,
  }),
);
export type Plan = z.infer<typeof planSchema>;

/** Whether visitors are told beforehand that they may wait. */
export const isNoticed = ({ actions }: Pick<Plan, "actions">): boolean => actions.some(({ interruptionMs, routes }) => interruptionMs > 0 && routes.length > 0);

/** The plan with its hash. */
export const sealPlan = (plan: Omit<Plan, "hash" | "risk">): Plan => {
  const content = { ...plan, risk: highest(plan.actions.map(({ risk }) => risk)) };
  return { ...content, hash: hashOf(canonicalJson(content)) };
};

/** Whether a plan is still what its hash says. */
export const isSealed = ({ hash, ...content }: Plan): boolean => planHash(content) === hash;

const planHash = (content: Omit<Plan, "hash">): Hash => hashOf(canonicalJson(content));

const highest = (found: readonly Risk[]): Risk => risks[Math.max(0, ...found.map((risk) => risks.indexOf(risk)))] ?? "none";
