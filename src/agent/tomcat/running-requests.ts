import { type RunningRequest, readBeans, runningRequestsOf } from './jmx-proxy.ts';
import { type ManagerAccess, ManagerHttp } from './manager-http.ts';

const REQUESTS = `/jmxproxy/?qry=${encodeURIComponent('*:type=RequestProcessor,*')}`;

/**
 * The requests a Tomcat works on, as its JMX proxy tells them, on a connection of their own; `undefined` where it does
 * not answer, as one does whose threads are all busy.
 */
export async function readRunningRequests(
  access: ManagerAccess,
  signal: AbortSignal,
): Promise<readonly RunningRequest[] | undefined> {
  const http = new ManagerHttp(access);
  try {
    const answer = await http.get(REQUESTS, signal);
    const beans = answer.kind === 'text' ? readBeans(answer.text) : undefined;
    return beans && runningRequestsOf(beans, `${access.base.pathname}/jmxproxy/`);
  } finally {
    http.close();
  }
}
