const ROOT = 0;

/** Whether we may act for another user: JDK 8 takes commands from its own user and group only, not even from root. */
export const canActForOthers = (): boolean => process.geteuid?.() === ROOT;

/**
 * Does something with another user's effective ids and takes ours back before anything else runs. Only what the call
 * itself does counts: nothing may be waited for inside. Throws where the system does not allow it (no CAP_SETUID).
 */
export function asUser<T>({ uid, gid }: { readonly uid: number; readonly gid: number }, act: () => T): T {
  const { geteuid, getegid, seteuid, setegid } = process;
  if (!geteuid || !getegid || !seteuid || !setegid) throw new Error('this system has no user ids');
  const ownUid = geteuid.call(process);
  const ownGid = getegid.call(process);
  // The group first: without the user's rights it could not be changed any more.
  setegid.call(process, gid);
  try {
    seteuid.call(process, uid);
    try {
      return act();
    } finally {
      seteuid.call(process, ownUid);
    }
  } finally {
    setegid.call(process, ownGid);
  }
}
