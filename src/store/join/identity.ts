import { isIP } from 'node:net';
import type { Instance } from '../../domain/instance.ts';
import { refKey } from '../../domain/ref.ts';
import type { Registration } from '../../domain/registration.ts';
import type { Sender } from '../../domain/sender.ts';

/** What one record says about who it is; names and hosts in lower case. */
export interface Identity {
  readonly key: string;
  readonly context: string;
  /** Names that tell servers of one host apart, and that identity rules name. */
  readonly names: readonly string[];
  readonly hosts: readonly string[];
  /** For senders the UDP source first, then what it reports. */
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
}

/** Host names are cut at 63 characters by Kubernetes; a cut may not end in a hyphen or dot. */
const HOST_NAME_LENGTH = 63;

function lowered(...names: readonly (string | undefined)[]): readonly string[] {
  const result: string[] = [];
  for (const name of names) {
    const lower = name?.trim().toLowerCase();
    if (lower && !result.includes(lower)) result.push(lower);
  }
  return result;
}

export function instanceIdentity(instance: Instance): Identity {
  const cut = instance.hostNames.map((name) =>
    name.length > HOST_NAME_LENGTH ? name.slice(0, HOST_NAME_LENGTH).replace(/[-.]+$/, '') : undefined,
  );
  return {
    key: refKey(instance.ref),
    context: instance.ref.context,
    names: lowered(instance.name, instance.ref.id),
    hosts: lowered(...instance.hostNames, ...cut),
    addresses: instance.addresses.filter(tellsApart),
    ports: instance.ports,
  };
}

/** A LENA container's server id is its host name; a VM server's is not. */
export function registrationIdentity(registration: Registration): Identity {
  const { serverId, serverName, hostName, isContainer, address, port } = registration;
  return {
    key: refKey(registration.ref),
    context: registration.ref.context,
    names: lowered(serverId, serverName, registration.ref.id),
    hosts: isContainer ? lowered(hostName, serverId) : lowered(hostName),
    addresses: address !== undefined && tellsApart(address) ? [address] : [],
    ports: port === undefined ? [] : [port],
  };
}

export function senderIdentity(sender: Sender): Identity {
  const addresses = [sender.sourceAddress, sender.reportedAddress].filter(
    (address, index, all): address is string =>
      address !== undefined && tellsApart(address) && all.indexOf(address) === index,
  );
  return {
    key: refKey(sender.ref),
    context: sender.ref.context,
    names: lowered(sender.serverName, sender.name, sender.ref.id),
    hosts: lowered(sender.hostName),
    addresses,
    ports: connectorPorts(sender),
  };
}

/** `http-nio-8180` → 8180. */
function connectorPorts(sender: Sender): readonly number[] {
  const ports: number[] = [];
  for (const { name } of sender.jvm?.connectors ?? []) {
    const digits = /-(\d{2,5})"?$/.exec(name)?.[1];
    if (digits !== undefined) ports.push(Number(digits));
  }
  return ports;
}

/** Loopback and unspecified addresses are the same on every machine, so they identify nobody. */
const tellsApart = (address: string): boolean =>
  address !== '' &&
  !address.startsWith('127.') &&
  address !== '::1' &&
  address !== '0.0.0.0' &&
  address !== '::';

const isSameList = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a === b || (a.length === b.length && a.every((item, index) => item === b[index]));

export const isSameInstanceIdentity = (a: Instance, b: Instance): boolean =>
  a.name === b.name &&
  isSameList(a.hostNames, b.hostNames) &&
  isSameList(a.addresses, b.addresses) &&
  isSameList(a.ports, b.ports);

export const isSameRegistrationIdentity = (a: Registration, b: Registration): boolean =>
  a.serverId === b.serverId &&
  a.serverName === b.serverName &&
  a.hostName === b.hostName &&
  a.address === b.address &&
  a.port === b.port &&
  a.isContainer === b.isContainer;

export function isSameSenderIdentity(a: Sender, b: Sender): boolean {
  if (
    a.hostName !== b.hostName ||
    a.serverName !== b.serverName ||
    a.name !== b.name ||
    a.sourceAddress !== b.sourceAddress ||
    a.reportedAddress !== b.reportedAddress
  )
    return false;
  const before = a.jvm?.connectors ?? [];
  const after = b.jvm?.connectors ?? [];
  return before.length === after.length && before.every((one, index) => one.name === after[index]?.name);
}

/** The first label of a dotted host name; addresses have none. */
export function firstLabel(host: string): string | undefined {
  const dot = host.indexOf('.');
  return dot > 0 && isIP(host) === 0 ? host.slice(0, dot) : undefined;
}
