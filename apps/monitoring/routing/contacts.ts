/** Who hears of an alert, in one environment. Addresses of people are never written here: only that there are some. */
import type { Endpoint } from "@jlam/compose-dsl";

export interface Contacts {
  /** Everything goes there, P3 once a day: an address, or `"secret"` where a file of the environment names it. */
  readonly mail: string;
  /** Wakes people for P1: a PagerDuty service, whose integration key is a secret. */
  readonly pagerDuty?: true;
  /** Opens requests for P2 during the day: Jira Service Management, whose integration key is a secret. */
  readonly jira?: true;
  /** A channel that understands Slack's webhooks; the address is a secret, since who knows it may write. */
  readonly chat?: true;
  /** An address outside that expects the dead-man's switch every minute. */
  readonly deadMansSwitch?: true;
  /** A service that is told of every alert at once, whatever its severity: for local and ci, and their tests. */
  readonly inbox?: Endpoint;
}

/** Says that the address is in a secret of the environment. */
export const secretAddress = "secret";
