/** Names the door of an instance's metadata service, so that a request that comes in by it tells who asks. */
export function doorOf({ account, region }: { readonly account: string; readonly region: string }, id: string): string {
  return `ec2/${account}/${region}/${id}`;
}

/** Whose door it is; undefined if it is no instance's. */
export function ownerOfDoor(door: string | undefined) {
  const [service, account = "", region = "", id = ""] = door?.split("/") ?? [];
  return service === "ec2" ? { account, region, id } : undefined;
}
