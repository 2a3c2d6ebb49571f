/** Who hears of an alert, in one environment. */

export interface Contacts {
  /** Everything goes there; P3 once a day. */
  readonly mail: string;
  /** Wakes people for P1: a PagerDuty service, whose integration key is a secret. */
  readonly pagerDuty?: true;
  /** Opens requests for P2 during the day: Jira Service Management, which answers Opsgenie's API at this address. */
  readonly jira?: { readonly apiUrl: string };
  /** A channel that understands Slack's webhooks; the address is a secret, since who knows it may write. */
  readonly chat?: { readonly channel: string };
  /** An address outside that expects the dead-man's switch every minute. */
  readonly deadMansSwitch?: true;
}
