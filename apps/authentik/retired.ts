/**
 * Services that once said `signIn` and are gone, or say it no longer. Authentik keeps what no blueprint names any more,
 * so each is removed by name. A review of a change that takes an application out of generated/ asks for its name here;
 * a name may leave the list when every environment has been deployed with it.
 */
export const retired: readonly string[] = [];
