/**
 * Further addresses at which routes answer: an instance's metadata, a function's runtime API. Which door a request came
 * in by tells who asks, where a client cannot be told a path or a key.
 */
export interface Doors {
  /**
   * Opens a door, or leaves it as it is if one of that id is open there. Requests reach the routes with `door` set.
   *
   * @param address - where; port 0 takes a free one
   * @throws TrysailError `port-in-use`
   */
  open(id: string, address: { readonly host: string; readonly port: number }): Promise<{ readonly port: number }>;
  /** Ends its connections. Succeeds if it is not open. */
  close(id: string): Promise<void>;
}
