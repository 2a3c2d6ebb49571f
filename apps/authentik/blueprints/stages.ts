/** How a flow, its stages and who they are for are written: the pieces that all flows are made of. */
import { entry, type Attributes, type Entry } from "./entry.ts";
import { find, keyOf, type Tag } from "./tags.ts";

/** Names of everything that these blueprints own begin with it, so that nothing of Authentik's own is ever edited. */
export const own = (name: string): string => `jlam-${name}`;

type Designation = NonNullable<Exclude<Attributes<"authentik_flows.flow">["designation"], Tag>>;
type Authentication = NonNullable<Exclude<Attributes<"authentik_flows.flow">["authentication"], Tag | undefined>>;

/** A flow, without stages. */
export const flow = (name: string, title: string, designation: Designation, authentication: Authentication): Entry =>
  entry("authentik_flows.flow", { id: own(name), identifiers: { slug: own(name) }, attrs: { name: own(name), title, designation, authentication } });

export const findFlow = (name: string): Tag => find("authentik_flows.flow", ["slug", own(name)]);
export const findGroup = (name: string): Tag => find("authentik_core.group", ["name", name]);

/** For whom a stage is; nothing said: for everybody. */
export interface Audience {
  readonly groups: readonly string[];
  /** Whether it is for everybody else instead. */
  readonly except?: boolean;
}

/**
 * A stage at a place in a flow. The place is not part of what it is recognised by: moved, it would else be there twice.
 * Who it is for is asked when the stage is reached: who somebody is, and how often they were wrong, isn't known before.
 */
export function step(flowName: string, stage: string, order: number, audience?: Audience): readonly Entry[] {
  const id = own(`${flowName}-${stage}`);
  const mode = audience?.except === true ? "all" : "any";
  return [
    entry("authentik_flows.flowstagebinding", {
      id,
      identifiers: { target: keyOf(own(flowName)), stage: keyOf(own(stage)) },
      attrs: { order, evaluate_on_plan: false, re_evaluate_policies: true, policy_engine_mode: mode },
    }),
    ...bindings(keyOf(id), audience),
  ];
}

/** Who is let in, as bindings of groups. */
export const bindings = (target: Tag, audience: Audience | undefined): readonly Entry[] =>
  (audience?.groups ?? []).map((name, order) =>
    entry("authentik_policies.policybinding", {
      identifiers: { target, group: findGroup(name) },
      attrs: { order, enabled: true, negate: audience?.except === true, timeout: 30, failure_result: false },
    }),
  );
