/** Added to a port that the system does not allow to listen on. */
const raisedBy = 10_000;

/** Where there is one address for all, each workload has so many ports of its own: a prime, so that usual ports differ. */
export const portsPerWorkload = 23;

/** Above what services of a machine use, below what the system hands out. */
const firstSharedPort = 12_000;
const lastSharedPort = 32_767;

/** How many workloads can share an address. */
export const sharedPlaces = Math.floor((lastSharedPort - firstSharedPort + 1) / portsPerWorkload);

/**
 * The port that stands for another one which may be below the lowest that the system lets us listen on.
 *
 * @example reachablePort(80, 1024) === 10080
 */
export function reachablePort(port: number, lowestPort: number): number {
  return port !== 0 && port < lowestPort ? port + raisedBy : port;
}

/** The first of the ports of a place on a shared address. */
export const firstPortOf = (place: number): number => firstSharedPort + place * portsPerWorkload;

/**
 * The port that stands for another one on a shared address. One that is of that place already stands for itself.
 *
 * @example sharedPort(8080, 12000) === 12007
 */
export function sharedPort(port: number, firstPort: number): number {
  if (port === 0 || (port >= firstPort && port < firstPort + portsPerWorkload)) return port;
  return firstPort + (port % portsPerWorkload);
}
