import { type LeaseKey, Leases } from '../../src/store/leases.ts';

// A process of its own that holds leases until it is killed: `node lease-holder.ts HOME KEY…` prints `held` when it has them.
const [home = '', ...keys] = process.argv.slice(2);
const leases = Leases.open(home, async () => {});
if (!leases.ok) throw new Error(leases.error.message);
const held = await leases.value.lease().hold(keys as LeaseKey[], new AbortController().signal);
if (!held.ok) throw new Error(held.error.message);
process.stdout.write('held\n');
setInterval(() => {}, 1000);
