/** Words of balancers (mod_jk, mod_proxy_balancer, nginx, HAProxy) for a back end that does not answer. */
const BROKEN = /\b(?:err|down|fail|hcfl|dead|not|unavail|unhealth)/i;
/** Their words for one somebody took out. */
const HELD = /\b(?:dis\b|disabled|stop|stp\b|drain|drn\b|maint)/i;

/** How a back end stands by what its balancer says of it; `undefined` where it says nothing. */
export function backEndStand(state: string | undefined): 'serving' | 'broken' | 'held' | undefined {
  if (state === undefined) return undefined;
  if (BROKEN.test(state)) return 'broken';
  return HELD.test(state) ? 'held' : 'serving';
}
