import { describe, expect, test } from "vitest";
import { hashOf } from "../record/canonical.ts";
import { ago, now, samplePlan, sampleRelease } from "../sample.fixture.ts";
import { approvalGate, countedApprovers, type Approval, type ApprovalFacts, type CheckedApproval } from "./approval.ts";

const release = sampleRelease(1);
const plan = samplePlan(release).hash;

const approval = (changes: Partial<Approval> = {}): Approval => ({ format: 1, environment: "production", release: release.id, plan, approver: "anna@example.nl", at: ago(10), expires: ago(-60), ...changes });
const checked = (changes: Partial<Approval> = {}, rest: Partial<CheckedApproval> = {}): CheckedApproval => {
  const made = approval(changes);
  return { approval: made, signature: { kind: "valid", principal: made.approver }, revoked: undefined, ...rest };
};
const facts = (approvals: readonly CheckedApproval[], changes: Partial<ApprovalFacts> = {}): ApprovalFacts => ({ environment: "production", release: release.id, plan, approvals, authors: ["bram@example.nl"], needed: 1, now, ...changes });
const codes = (approvals: readonly CheckedApproval[], changes: Partial<ApprovalFacts> = {}): readonly string[] => approvalGate(facts(approvals, changes)).map(({ code }) => code);

describe("the approval gate", () => {
  test("opens to an approval by somebody who wrote none of it", () => {
    expect(codes([checked()])).toEqual([]);
    expect(countedApprovers(facts([checked()]))).toEqual(["anna@example.nl"]);
  });

  test("stays closed without one", () => {
    expect(codes([])).toEqual(["approval-missing"]);
  });

  test("needs as many people as the environment says, however often one of them signs", () => {
    expect(codes([checked(), checked({ at: ago(5) })], { needed: 2 })).toEqual(["approval-missing"]);
    expect(codes([checked(), checked({ approver: "chris@example.nl" })], { needed: 2 })).toEqual([]);
  });

  test("one that doesn't count is no harm beside one that does", () => {
    expect(codes([checked({ expires: ago(5) }), checked()])).toEqual([]);
  });

  test.each<[string, CheckedApproval, string]>([
    ["for another environment's release of the same name", checked({}, { signature: { kind: "invalid", why: "it was made over another text" } }), "approval-forged"],
    ["signed by somebody else than it says", checked({}, { signature: { kind: "valid", principal: "eve@example.nl" } }), "approval-forged"],
    ["signed by a key that nobody allowed", checked({}, { signature: { kind: "unknown-signer" } }), "approval-unknown-signer"],
    ["for another release", checked({ release: sampleRelease(2).id }), "approval-other-release"],
    ["for another plan", checked({ plan: hashOf("another") }), "approval-other-plan"],
    ["that was taken back", checked({}, { revoked: "the sign-in is broken" }), "approval-revoked"],
    ["that expired this second", checked({ expires: now.toISOString() }), "approval-expired"],
    ["from the future", checked({ at: ago(-10), expires: ago(-70) }), "approval-from-the-future"],
    ["that would hold for a month", checked({ expires: ago(-30 * 24 * 60) }), "approval-too-long"],
    ["by an author, however the address is written", checked({ approver: "Bram@Example.nl" }), "approval-own"],
  ])("stays closed to an approval %s", (_, given, code) => {
    expect(codes([given])).toEqual([code]);
  });

  test("doesn't open to one for another environment", () => {
    expect(codes([checked({ environment: "staging" })])).toEqual(["approval-missing"]);
  });
});
