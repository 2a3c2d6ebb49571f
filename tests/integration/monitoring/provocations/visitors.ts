/** Faults that visitors notice, and visitors who are the fault. */
import { tell, visits } from "../acting.ts";
import type { Provocation } from "../ledger.ts";
import { after, asking, outOfWindow, stopped } from "./making.ts";

export const websiteDown = stopped("victim", [{ alert: "WebsiteDown", service: "victim", within: 90, overWithin: 90 }]);

const slowPage: Provocation = (() => {
  let stop = (): void => undefined;
  return {
    how: "a page takes 2.5 s",
    expected: [{ alert: "SlowResponses", service: "victim", within: after(420), overWithin: outOfWindow }],
    provoke: async (platform) => {
      await tell(platform, "victim", { delay: 2500 });
      stop = visits(platform, "victim", "/", 0.5);
    },
    relieve: async (platform) => {
      stop();
      await tell(platform, "victim", { delay: 0 });
    },
  };
})();

const slowProbe: Provocation = {
  how: "a page takes 2.5 s, with few visitors",
  expected: [{ alert: "ProbeSlow", service: "slow", within: after(600), overWithin: 90 }],
  provoke: async (platform) => await tell(platform, "slow", { delay: 2500 }),
  relieve: async (platform) => await tell(platform, "slow", { delay: 0 }),
};

const halfDead: Provocation = {
  how: "the health page hangs up while pages are served",
  expected: [{ alert: "ServiceUnreachable", service: "half", within: after(60), overWithin: 120 }],
  provoke: async (platform) => await tell(platform, "half", { sick: true }),
  relieve: async (platform) => await tell(platform, "half", { sick: false }),
};

const openWall: Provocation = {
  how: "the identity provider lets everybody in",
  expected: [{ alert: "WallOpen", service: "walled", within: after(60), overWithin: 90 }],
  provoke: async (platform) => await tell(platform, "auth", { status: 200 }),
  relieve: async (platform) => await tell(platform, "auth", { status: 401 }),
};

const certificate = (alert: string, days: number): Provocation => ({
  how: `serve a certificate that ends in ${days} days`,
  expected: [{ alert, service: "shop", within: after(330), overWithin: 90 }],
  provoke: async (platform) => await platform.certificateWith(days),
  relieve: async (platform) => await platform.certificateWith(80),
});

const failedSignIns: Provocation = {
  how: "30 refused sign-ins, as Authentik writes them",
  needs: ["otel-collector"],
  expected: [{ alert: "FailedSignIns", within: 90, overWithin: outOfWindow }],
  provoke: async (platform) => await tell(platform, "auth", { refusals: 30 }),
};

/** Somebody without an account who says that they are signed in. */
const forgedHeaders = asking("send an identity of one's own making", ["walled", "/"], 0.2, [{ alert: "ForgedHeaders", within: 120, overWithin: outOfWindow }], {
  headers: { "X-authentik-username": "somebody" },
  needs: ["otel-collector"],
});

export const visitors: readonly (readonly Provocation[])[] = [
  [slowPage],
  [slowProbe],
  [halfDead, stopped("half", [{ alert: "OutageBeyondTarget", service: "half", within: after(600), overWithin: 90 }])],
  // While the wall lets everybody in, an identity of one's own making is replaced by it.
  [openWall, forgedHeaders],
  [failedSignIns],
  [asking("answers 500 twice a second", ["faulty", "/fail"], 2, [{ alert: "ErrorRateHigh", service: "faulty", within: after(360), overWithin: outOfWindow }])],
  [asking("answers 500 twice a second, where better was promised (over only when half an hour has forgotten it)", ["@", "/fail"], 2, [{ alert: "BudgetBurnsFast", service: "shop", within: 240 }])],
  [asking("refuse three requests a second", ["slow", "/refuse"], 3, [{ alert: "RefusalsMany", service: "slow", within: after(720), overWithin: outOfWindow }])],
  [certificate("CertificateEndsSoon", 5), certificate("CertificateEndsNow", 2)],
];
