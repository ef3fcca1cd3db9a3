import type { SessionClient } from '../../domain/probe-reading.ts';
import { readBraceLists } from './brace-list.ts';

/** What `console.sh was_list` tells, texts as they came: one for each brace list that names an address, a host or a JVM; none for any other text. */
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
