import { readBraceLists } from './brace-list.ts';

/** An application server that keeps its sessions here, as `console.sh was_list` names it; texts as they came. */
export interface SessionClient {
  readonly address?: string | undefined;
  readonly name?: string | undefined;
  readonly serverName?: string | undefined;
  readonly pid?: string | undefined;
  readonly hostName?: string | undefined;
  readonly jvmName?: string | undefined;
}

/** One for each brace list that names an address, a host or a JVM; none for any other text. */
export function readWasList(output: string): readonly SessionClient[] {
  return readBraceLists(output).flatMap((fields): readonly SessionClient[] => {
    const client: SessionClient = {
      // As Java prints a socket address: `/10.0.0.5:8180`, or `host/10.0.0.5:8180`.
      address: fields.get('addr')?.replace(/^.*\//, ''),
      name: fields.get('name'),
      serverName: fields.get('server_name'),
      pid: fields.get('pid'),
      hostName: fields.get('hostname'),
      jvmName: fields.get('jvmName'),
    };
    return client.address === undefined && client.hostName === undefined && client.jvmName === undefined
      ? []
      : [client];
  });
}
