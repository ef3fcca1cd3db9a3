/** Last part of an ARN's resource: cluster, service or task name, `family:revision` of a task definition. */
export const nameOfArn = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** `arn:aws:ecs:REGION:ACCOUNT:…` → the account. */
export function accountOfArn(arn: string): string | undefined {
  const account = arn.split(':')[4];
  return account === undefined || account === '' ? undefined : account;
}
