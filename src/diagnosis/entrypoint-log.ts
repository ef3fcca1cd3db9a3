/** What a container's entrypoint wrote of the template it starts with. */
export interface TemplateStart {
  readonly serviceCluster?: string | undefined;
  /** Of the template that was downloaded, without the service cluster's name. */
  readonly revision?: string | undefined;
  readonly hasFailed: boolean;
}

const SUCCESS =
  /Success to download LENA configuration template file\. Template-ID : ([^\s(]{1,200})\s*\(Full revision : ([^)\s]{1,200})\)/;
const FAILURE = /Fail to download LENA configuration template file/;

/** What a line of the entrypoint's log says of the template; `undefined` for any other line. */
export function readTemplateLine(line: string): TemplateStart | undefined {
  const found = SUCCESS.exec(line);
  if (found !== null) {
    const [, serviceCluster = '', full = ''] = found;
    // The guide does not say whether the full revision begins with the service cluster.
    const revision = full.startsWith(`${serviceCluster}:`) ? full.slice(serviceCluster.length + 1) : full;
    return {
      serviceCluster,
      revision: revision === '' || revision === serviceCluster ? undefined : revision,
      hasFailed: false,
    };
  }
  return FAILURE.test(line) ? { hasFailed: true } : undefined;
}
